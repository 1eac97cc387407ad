"""What a unit's document may ask for, and what follows from it: names, options, their hash."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from steersman.kinds.unit.instances import INSTANCES_MAX, labels, problem
from steersman.model.document import DOCUMENT_BYTES_MAX
from steersman.model.observed import UnitOption
from steersman.model.resource import NAME, Key
from steersman.model.spec import Many, Rollout, Spec
from steersman.model.template import render, rendered_bytes, used
from steersman.model.unitfile import (
    UnitFileError,
    fleet_hash,
    instance_name,
    is_global,
    parse,
    placement_values,
    refusal,
    valid_unit_name,
)

READS_MAX = 20
RESTARTS_MAX = 100
OPTIONS_MAX = 1000
PLACEMENT_MAX = 100  # values in [X-Fleet]; each is compared with the others
DAY_SECONDS = 86_400
NOT_INLINED = (
    "a stored document holds the unit file itself, in content; contentFile is for files that are "
    "applied with `steersman apply -f`"
)


class DocumentName(str):
    """The document's name in place of a unit name that the document does not give."""

    __slots__ = ()


def _reference(text: str, kind: str) -> str:
    key = Key.parse(text)
    if key.kind != kind or not NAME.fullmatch(key.name):
        msg = f"{text!r} names no document of kind {kind}: expected {kind}/NAME"
        raise ValueError(msg)
    return str(key)


Count = Annotated[int, Field(ge=0, le=INSTANCES_MAX)]
Labels = Annotated[Many[int | str], Field(min_length=1, max_length=INSTANCES_MAX)]
ConfigKeyRef = Annotated[str, AfterValidator(lambda text: _reference(text, "configkey"))]
UnitRef = Annotated[str, AfterValidator(lambda text: _reference(text, "unit"))]


class Restart(Spec):
    """How often, and how soon, an instance that went down is started again."""

    max_restarts: Annotated[int, Field(ge=0, le=RESTARTS_MAX)] = Field(
        5, description="after so many within the window an instance is left alone: CrashLoop"
    )
    window_seconds: Annotated[int, Field(ge=1, le=DAY_SECONDS)] = Field(
        600, description="how far back restarts are counted"
    )
    backoff_seconds: Annotated[int, Field(ge=0, le=DAY_SECONDS)] = Field(
        5, description="before the first restart; each one within the window doubles it"
    )
    backoff_max_seconds: Annotated[int, Field(ge=0, le=DAY_SECONDS)] = Field(
        300, description="no restart waits longer"
    )


class UnitSpec(Spec):
    """A fleet unit, or the instances of a template."""

    name: str = Field(
        default_factory=str,
        validate_default=True,
        description="the unit's name in fleet; NAME.service, or NAME@.service with instances",
    )
    instances: Count | Labels | None = Field(
        None,
        validate_default=True,
        description="of a template: how many, counted from 1, or a list of what follows the @",
    )
    desired_state: Literal["launched", "loaded", "inactive"] = Field(
        "launched", description="loaded: placed on a machine, not started; inactive: only known"
    )
    expect: Literal["running", "completed"] | None = Field(
        None, description="what a good end is; by default completed for Type=oneshot, else running"
    )
    reads: Many[ConfigKeyRef] = Field(
        (),
        max_length=READS_MAX,
        description="configkeys that the unit reads at its start; rolled when one changes that "
        "says onChange: restart",
    )
    bound_to: UnitRef | None = Field(
        None, description="a unit whose restarts it follows, instance by instance"
    )
    restart: Restart = Restart()
    rollout: Rollout = Rollout()
    variables: dict[str, str] | None = Field(
        None, description="what {{ name }} in content stands for; without them it stays as it is"
    )
    content: str = Field(description="the unit file; the instances of a template share it")
    content_file: str | None = Field(
        None,
        exclude=True,
        description="in a file for `steersman apply`: a path, whose text apply puts in content",
    )

    @classmethod
    def defaults(cls, name: str) -> dict[str, Any]:
        return {"name": DocumentName(name)}

    @model_validator(mode="before")
    @classmethod
    def _name_after_document(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or not isinstance(given.get("name"), DocumentName):
            return given
        at = "" if given.get("instances") is None else "@"
        return {**given, "name": f"{given['name']}{at}.service"}

    @field_validator("name")
    @classmethod
    def _runnable(cls, name: str) -> str:
        if reason := valid_unit_name(name):
            raise ValueError(reason)
        return name

    @field_validator("instances", mode="before")
    @classmethod
    def _countable(cls, given: Any, info: ValidationInfo) -> Any:
        if found := problem(info.data.get("name"), given):
            raise ValueError(found)
        return given

    @field_validator("content_file")
    @classmethod
    def _inlined(cls, path: str | None) -> None:
        if path is not None:
            raise ValueError(NOT_INLINED)

    @field_validator("content")
    @classmethod
    def _unit_file(cls, content: str, info: ValidationInfo) -> str:
        if found := _content_problem(content, info.data.get("variables")):
            raise ValueError(found)
        return content

    @cached_property
    def text(self) -> str:
        """The unit file, its variables filled in."""
        return _rendered(self.content, self.variables)

    @cached_property
    def options(self) -> tuple[UnitOption, ...]:
        return parse(self.text)

    @cached_property
    def hash(self) -> str:
        return fleet_hash(self.options)

    @cached_property
    def units(self) -> Mapping[str, str]:
        """The unit name of each instance; a unit that is no template is its one instance ""."""
        if self.instances is None:
            return {"": self.name}
        return {label: instance_name(self.name, label) for label in labels(self.instances)}

    @cached_property
    def expected(self) -> str:
        oneshot = _last(self.options, "Service", "Type") == "oneshot"
        return self.expect or ("completed" if oneshot else "running")


def references(spec: UnitSpec) -> tuple[Key, ...]:
    bound = (spec.bound_to,) if spec.bound_to else ()
    return tuple(Key.parse(text) for text in (*spec.reads, *bound))


def _content_problem(content: str, variables: Mapping[str, str] | None) -> str | None:
    if variables is not None:
        if missing := sorted(used(content) - variables.keys()):
            return f"{{{{ {missing[0]} }}}} is not among the variables"
        if rendered_bytes(content, variables) > DOCUMENT_BYTES_MAX:
            return f"more than {DOCUMENT_BYTES_MAX} bytes once the variables are put in"
    try:
        options = parse(_rendered(content, variables))
    except UnitFileError as error:
        return f"not a unit file: {error}"
    return _options_problem(options)


def _options_problem(options: tuple[UnitOption, ...]) -> str | None:
    if not options:
        return "not a unit file: fleet would keep nothing of it"
    if len(options) > OPTIONS_MAX:
        return f"{len(options)} options; a unit has at most {OPTIONS_MAX}"
    if (wanted := placement_values(options)) > PLACEMENT_MAX:
        return f"{wanted} values in [X-Fleet]; a unit has at most {PLACEMENT_MAX}"
    if is_global(options):
        return "a global unit has no instances to steer: take Global= out"
    if reason := refusal(options):
        return f"fleet would refuse it: {reason}"
    return None


def _rendered(content: str, variables: Mapping[str, str] | None) -> str:
    return content if variables is None else render(content, variables)


def _last(options: tuple[UnitOption, ...], section: str, name: str) -> str:
    """The value that counts where an option is given several times; "" where it is not given."""
    values: Iterator[str] = (
        each.value for each in reversed(options) if (each.section, each.name) == (section, name)
    )
    return next(values, "")
