"""What goes over fleet's wire: entries as they are listed, refusals, and what may not be sent."""

from collections.abc import Callable, Iterable, Mapping
from http.client import NOT_FOUND, OK
from typing import Any, TypeVar

from steersman.clients.http import Answer
from steersman.clients.unreadable import is_text, unreadable
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.observed import FleetUnit, Machine, UnitOption, UnitState
from steersman.model.unitfile import (
    LINE_BYTES_MAX,
    fleet_hash,
    is_template,
    survives,
    valid_unit_name,
)

DESIRED_STATES = frozenset({"inactive", "loaded", "launched"})
NO_ETCD = 503  # this fleetd cannot reach etcd and turns everything away, untouched
ERROR_CLASSES: Mapping[int, ErrorClass] = {
    401: ErrorClass.DENIED,
    403: ErrorClass.DENIED,
    409: ErrorClass.CONFLICT,  # a state for a unit that is gone by now
    429: ErrorClass.THROTTLED,
}

Entry = Mapping[str, Any]
T = TypeVar("T")


def body(name: str, options: tuple[UnitOption, ...], state: str) -> Mapping[str, object]:
    """Of a write of a whole unit. ValueError: it would do harm."""
    if harm := _harm(name, options):
        raise ValueError(harm)
    lines = [{"section": o.section, "name": o.name, "value": o.value} for o in options]
    return {"options": lines, **state_body(name, state)}


def state_body(name: str, state: str) -> Mapping[str, object]:
    """Of a write of a state alone. ValueError: it would do harm."""
    if state not in DESIRED_STATES:
        message = f"{name}: {state!r} is not a desired state"
        raise ValueError(message)
    if is_template(name) and state != "inactive":
        message = f"{name}: a template is only ever inactive"
        raise ValueError(message)
    return {"desiredState": state}


def _harm(name: str, options: tuple[UnitOption, ...]) -> str | None:
    if reason := valid_unit_name(name):
        return f"{name}: {reason}"
    if not options:
        return f"{name}: a unit without options is none"
    odd = next((each for each in options if not survives((each,))), None)
    if odd is None:
        return None
    return (
        f"{name}: fleet would not keep {odd.name} of [{odd.section}] as it is: outer blanks, a"
        f" newline without a backslash, or a line of more than {LINE_BYTES_MAX} bytes"
    )


def by_fleet(answer: Answer) -> bool:
    """Whether it is fleet that answers, and no proxy or other program: its refusals have a body of
    their own."""
    try:
        said = answer.object()
    except OutsideError:
        return False
    return answer.status == OK or isinstance(said.get("error"), dict)


def absent(answer: Answer) -> bool:
    return answer.status == NOT_FOUND and by_fleet(answer)


def failure(answer: Answer, doing: str, *, write: bool) -> OutsideError:
    refused = 400 <= answer.status < 500 and by_fleet(answer)
    ordinary = ErrorClass.INVALID if refused else ErrorClass.TRANSIENT
    kind = ERROR_CLASSES.get(answer.status, ordinary)
    untouched = not write or kind is not ErrorClass.TRANSIENT or answer.status == NO_ETCD
    return OutsideError(
        kind,
        str(answer.status),
        f"{doing}: {answer.complaint or f'{answer.status} without a word'}",
        applied=False if untouched else None,
    )


def version(answer: Answer) -> str:
    product, _, number = answer.headers.get("Server", "").partition("/")
    return number if product == "fleetd" else ""


def entries(page: Entry, field: str) -> list[Entry]:
    """The list of a page. fleet omits an empty one."""
    found = page.get(field) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        message = f"{field} is no list of fleet's"
        raise unreadable(message)
    return found


def each(parse: Callable[[Entry], T], found: Iterable[Entry]) -> tuple[T, ...]:
    return tuple(one(parse, entry) for entry in found)


def one(parse: Callable[[Entry], T], entry: Entry) -> T:
    try:
        return parse(entry)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"an entry that is not fleet's: {error!r}"
        raise unreadable(message) from error


def place(entry: Entry) -> str:
    """What tells an entry from the others of its list."""
    return f"{entry.get('id')} {entry.get('name')} {entry.get('machineID')}"


def machine(entry: Entry) -> Machine:
    metadata = entry.get("metadata") or {}
    return Machine(
        id=_named(entry, "id"),
        ip=_text(entry, "primaryIP"),
        metadata={_whole(key, "metadata"): _text(metadata, key) for key in metadata},
    )


def unit(entry: Entry) -> FleetUnit:
    options = tuple(_option(line) for line in entry.get("options") or ())
    return FleetUnit(
        name=_named(entry, "name"),
        options=options,
        hash=fleet_hash(options),
        desired_state=_text(entry, "desiredState"),
        current_state=_text(entry, "currentState") or None,
        machine_id=_text(entry, "machineID") or None,
    )


def state(entry: Entry) -> UnitState:
    return UnitState(
        name=_named(entry, "name"),
        hash=_text(entry, "hash"),
        machine_id=_text(entry, "machineID"),
        load=_text(entry, "systemdLoadState"),
        active=_text(entry, "systemdActiveState"),
        sub=_text(entry, "systemdSubState"),
    )


def _option(line: Entry) -> UnitOption:
    return UnitOption(_text(line, "section"), _text(line, "name"), _text(line, "value"))


def _named(entry: Entry, field: str) -> str:
    if not (name := _text(entry, field)):
        raise KeyError(field)
    return name


def _text(entry: Entry, field: str) -> str:
    """fleet omits what is empty."""
    return _whole(entry.get(field) or "", field)


def _whole(value: object, what: str) -> str:
    """The value is not told: it may be a secret of a unit."""
    if not is_text(value):
        message = f"{what} is no text"
        raise TypeError(message)
    return value
