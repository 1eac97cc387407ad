"""What does not fit the model of a document: what pydantic found, in our words, with its place."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from steersman.model.document.body import Body
from steersman.model.document.problem import PROBLEMS_MAX, Path, Problem, nearest, spell

_PYDANTIC_SAYS = {
    "extra_forbidden": "unknown field",
    "missing": "required, but missing",
    "bool_type": "true or false is expected here, without quotes",
    "int_type": "a whole number is expected here, without quotes",
    "model_type": "a mapping is expected here",
    "dict_type": "a mapping is expected here",
    "tuple_type": "a list is expected here",
    "too_short": "{min_length} or more are expected here",
    "too_long": "no more than {max_length} are expected here",
    "string_type": "text is expected here: a number, a yes, a no or a null needs quotes",
}


def problems_of(
    error: ValidationError, model: type[BaseModel], around: Path, lines: Body
) -> Iterator[Problem]:
    """What pydantic found first, in our words. `around` is where `model` stands in the document."""
    for each in islice(_first_hand(error), PROBLEMS_MAX):
        where = (*around, *_data_path(each["loc"], lines.data, around))
        unknown = each["type"] == "extra_forbidden"
        hint = nearest(str(each["loc"][-1]), _fields(model, each["loc"][:-1])) if unknown else None
        yield Problem(_said(each), spell(where), lines.line(where), hint)


def _first_hand(error: ValidationError) -> Iterator[ErrorDetails]:
    """But for lists that are too short only because what is wrong with their entries is told."""
    found = error.errors(include_url=False, include_input=False)
    spoilt = {each["loc"][:depth] for each in found for depth in range(len(each["loc"]))}
    yield from (each for each in found if each["type"] != "too_short" or each["loc"] not in spoilt)


def _said(error: ErrorDetails) -> str:
    if words := _PYDANTIC_SAYS.get(error["type"]):
        return words.format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")


def _data_path(loc: tuple[str | int, ...], data: Any, around: Path) -> Iterator[str | int]:
    """pydantic's loc without what it adds for itself (names of union members, validators)."""
    for each in around:
        data = data.get(each, {}) if isinstance(data, Mapping) else {}
    for at, each in enumerate(loc):
        last = at == len(loc) - 1
        if isinstance(data, Mapping) and (each in data or last):
            yield each
            data = data.get(each) if isinstance(each, str) else None
        elif isinstance(data, list) and isinstance(each, int):
            yield each
            data = data[each] if each < len(data) else None


def _fields(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The field names that are known at a place below a model."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    at = [schema]
    for each in loc:
        at = [down for here in at for down in _below(_resolved(here, definitions), each)]
    return [name for here in at for name in _properties(here, definitions)]


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[dict[str, Any]]:
    options = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return [
        definitions[each["$ref"].rsplit("/", 1)[-1]] if "$ref" in each else dict(each)
        for each in options
    ]


def _below(options: list[dict[str, Any]], each: str | int) -> Iterator[dict[str, Any]]:
    for schema in options:
        if isinstance(each, int) and isinstance(schema.get("items"), dict):
            yield schema["items"]
        elif each in schema.get("properties", {}):
            yield schema["properties"][each]


def _properties(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    for option in _resolved(schema, definitions):
        yield from option.get("properties", {})
