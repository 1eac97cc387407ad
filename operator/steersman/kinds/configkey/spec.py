"""What a configkey document may ask for: a value at a key that units read."""

import json
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Annotated, Any, Literal, NoReturn

import yaml
from pydantic import Field, ValidationInfo, field_validator

from steersman.model.document import Loader
from steersman.model.keypath import KEY_CHARACTERS_MAX, misplaced
from steersman.model.spec import Spec

ROOT = "/configs/"
YAML_DEPTH_MAX = 100


class ConfigKey(Spec):
    """A value at a key, for units to read."""

    key: Annotated[
        str,
        Field(
            max_length=KEY_CHARACTERS_MAX,
            description=f"where it stands, below {ROOT}; {ROOT}<the document's name> if left out",
        ),
    ]
    format: Annotated[
        Literal["yaml", "json", "text"], Field(description="what the value has to be read as")
    ] = "text"
    on_change: Annotated[
        Literal["restart", "none"],
        Field(description="what happens to units that read it and run with an older value"),
    ] = "none"
    value: Annotated[
        str, Field(min_length=1, repr=False, description="what stands at the key, byte for byte")
    ]

    @classmethod
    def defaults(cls, name: str) -> dict[str, Any]:
        return {"key": f"{ROOT}{name}"}

    @field_validator("key")
    @classmethod
    def _is_ours_to_write(cls, key: str) -> str:
        if said := misplaced(key, ROOT):
            raise ValueError(said)
        return key

    @field_validator("value")
    @classmethod
    def _parses(cls, value: str, info: ValidationInfo) -> str:
        """Units would read a value that is not what it says it is."""
        language = info.data.get("format", "text")
        if said := _FAULTS[language](value):
            msg = f"not {language.upper()}: {said}"
            raise ValueError(msg)
        return value


def _no_fault(_value: str) -> str | None:
    return None


def _json_fault(value: str) -> str | None:
    try:
        _JSON.decode(value)
    except RecursionError:
        return "nested too deep"
    except json.JSONDecodeError as error:
        return f"{error.msg} in its line {error.lineno}"
    except _NoNumberError as error:
        return str(error)
    return None


class _NoNumberError(ValueError):
    """What Python takes for a number, and no other reader of JSON does."""


def _refuse_constant(word: str) -> NoReturn:
    msg = f"{word} is no number"
    raise _NoNumberError(msg)


# numbers are not converted: a long one takes long, or cannot be
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)


def _yaml_fault(value: str) -> str | None:
    """In words of the parser's that quote no part of the value."""
    try:
        # the loader recurses in C: without a limit, a deep value would end the process
        if _too_deep(value):
            return f"nested deeper than {YAML_DEPTH_MAX}"
        for _ in yaml.compose_all(value, Loader=Loader):
            pass
    except yaml.MarkedYAMLError as error:
        where = f" in its line {error.problem_mark.line + 1}" if error.problem_mark else ""
        return f"{error.problem}{where}"
    except yaml.YAMLError:
        return "it holds characters that YAML does not allow"
    return None


def _too_deep(value: str) -> bool:
    levels = (
        isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        for event in yaml.parse(value, Loader=Loader)
    )
    return any(depth > YAML_DEPTH_MAX for depth in accumulate(levels))


_FAULTS: Mapping[str, Callable[[str], str | None]] = {
    "yaml": _yaml_fault,
    "json": _json_fault,
    "text": _no_fault,
}
