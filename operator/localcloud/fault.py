"""What a fault is: a word that people type, its arguments, and what it does to a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

SECONDS_MIN = 0.001
SECONDS_MAX = 30 * 24 * 3600.0

M_contra = TypeVar("M_contra", contravariant=True)


class BadFaultError(ValueError):
    """The fault is known, but not with these arguments."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """All that faults are told; each fault reads what its parameters name."""

    name: str = ""
    other: str = ""
    zone: str = ""
    machine_type: str = ""
    metric: str = ""
    limit: float = 0
    key: str = ""
    value: str = ""
    delay: float = 0
    count: int = 0
    seconds: float = 0


@dataclass(frozen=True, slots=True)
class Parameter:
    """`field` is one of Arguments; `option` how it is typed, empty when its place tells it.
    Without a `default` it has to be given."""

    field: str
    help: str
    kind: type[str] | type[int] | type[float] = str
    option: str = ""
    default: str | int | None = None
    minimum: float | None = None
    maximum: float | None = None

    @property
    def required(self) -> bool:
        return self.default is None

    def admits(self, value: float) -> bool:
        low, high = self.minimum, self.maximum
        return (low is None or low <= value) and (high is None or value <= high)


@dataclass(frozen=True, slots=True)
class Fault(Generic[M_contra]):
    """`help` is one sentence: what goes wrong, and for how long. `inject` raises LookupError, or
    an error of the model's own, when nobody bears the name; then nothing has changed."""

    word: str
    help: str
    parameters: tuple[Parameter, ...]
    inject: Callable[[M_contra, Arguments], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault that is on: `of` is what it was turned on for, as it was typed."""

    fault: str
    of: str = ""
    until: float | None = None  # None: as long as nobody clears it, or `left` says
    left: int | None = None  # how many of the next ones it will hit


FOR = Parameter(
    "seconds",
    "Seconds, by the cloud's clock.",
    float,
    option="--for",
    minimum=SECONDS_MIN,
    maximum=SECONDS_MAX,
)


def parse(parameters: tuple[Parameter, ...], body: Mapping[str, Any]) -> Arguments:
    """The JSON body of a request, checked against what the fault declares."""
    known = {parameter.field: parameter for parameter in parameters}
    if unknown := body.keys() - known.keys():
        msg = f"unknown arguments {', '.join(sorted(unknown))}"
        raise BadFaultError(msg)
    return Arguments(**{name: _value(one, body.get(name)) for name, one in known.items()})


def told(parameters: tuple[Parameter, ...], arguments: Arguments) -> str:
    """What the fault was told, in the order in which it is typed."""
    given = (getattr(arguments, parameter.field) for parameter in parameters)
    return " ".join(
        f"{one:g}" if isinstance(one, float) else str(one) for one in given if one != ""
    )


def _value(parameter: Parameter, given: Any) -> Any:
    value: Any = parameter.default if given is None else given
    if value is None:
        msg = f"needs {parameter.field}"
        raise BadFaultError(msg)
    wanted = (int, float) if parameter.kind is float else parameter.kind
    if not isinstance(value, wanted) or isinstance(value, bool):
        msg = f"{parameter.field} is not of type {parameter.kind.__name__}"
        raise BadFaultError(msg)
    if isinstance(value, int | float) and not parameter.admits(value):
        msg = f"{parameter.field} is not within {parameter.minimum} and {parameter.maximum}"
        raise BadFaultError(msg)
    return value
