"""The [X-Fleet] section of a unit: where it may run. Unknown options are accepted and ignored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from localcloud.fleet.gotext import matches, quoted
from localcloud.fleet.units.names import NameInfo
from localcloud.fleet.versions import LATEST, LISTS_OF_CONFLICTS, REPLACES_OPTION, since
from localcloud.seams import Option

SECTION = "X-Fleet"
MACHINE_ID_SHORT_CHARS = 8
_TRUE = frozenset({"1", "on", "t", "true", "yes"})

# Every requirement and the forms that were the only ones up to fleet 0.7, which still count; the
# first form that a unit has wins where there is one value only.
_MACHINE_ID = ("MachineID", "X-ConditionMachineID", "X-ConditionMachineBootID")
_MACHINE_OF = ("X-ConditionMachineOf", "MachineOf")
_METADATA = ("X-ConditionMachineMetadata", "MachineMetadata")
_CONFLICTS = ("X-Conflicts", "Conflicts")
_REPLACES = ("Replaces",)
_GLOBAL = ("Global",)

_EXCLUSIVE = (  # in the order in which fleet looks
    ("MachineID", "Peers"),
    ("MachineID", "Conflicts"),
    ("MachineID", "Global"),
    ("MachineID", "Replaces"),
    ("Global", "Peers"),
    ("Global", "Replaces"),
    ("Conflicts", "Replaces"),
)


class RequirementsError(ValueError):
    """Requirements that exclude each other; the message is fleet's own."""


@dataclass(frozen=True, slots=True)
class Requirements:
    machine_id: str | None = None  # in full or its first 8 characters; empty: of no machine
    machine_of: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()  # same key: either; different keys: both
    conflicts: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    everywhere: bool = False

    def wants_machine(self, machine_id: str) -> bool:
        return self.machine_id in (None, machine_id, machine_id[:MACHINE_ID_SHORT_CHARS])

    def conflicts_with(self, name: str) -> bool:
        return any(matches(pattern, name) for pattern in self.conflicts)

    def would_replace(self, name: str) -> bool:
        return any(matches(pattern, name) for pattern in self.replaces)


def requirements_of(name: str, options: Sequence[Option], version: str = LATEST) -> Requirements:
    values = _Values(NameInfo.of(name), options)
    globals_ = list(values.of(_GLOBAL))
    conflicts = list(values.of(_CONFLICTS))
    if since(version, LISTS_OF_CONFLICTS):
        conflicts = [pattern for line in conflicts for pattern in line.split()]
    return Requirements(
        machine_id=next(values.of(_MACHINE_ID), None),
        machine_of=tuple(values.of(_MACHINE_OF)),
        metadata=tuple(_pairs(values.of(_METADATA))),
        conflicts=tuple(conflicts),
        replaces=tuple(values.of(_REPLACES)) if since(version, REPLACES_OPTION) else (),
        everywhere=bool(globals_) and globals_[-1].lower() in _TRUE,
    )


@dataclass(frozen=True, slots=True)
class _Values:
    name: NameInfo
    options: Sequence[Option]

    def of(self, spellings: tuple[str, ...]) -> Iterator[str]:
        for spelling in spellings:
            for option in self.options:
                if (option.section, option.name) == (SECTION, spelling):
                    yield from map(self.name.expand, _listed(option.value))


def _listed(line: str) -> list[str]:
    """A line in quotes may list several values, `"a=b" "c=d"`; any other line is one value."""
    if not (line.startswith('"') and line.endswith('"')):
        return [line]
    values, inside = [""], False
    for char in line:
        if char == '"':
            inside = not inside
        elif char == " " and not inside:
            values.append("")
        else:
            values[-1] += char
    return values


def _pairs(values: Iterator[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        parts = value.split("=")
        if len(parts) == 2 and all(parts):  # fleet says nothing about any other shape
            yield parts[0], parts[1]


def validate_requirements(needs: Requirements) -> None:
    if (message := next(_complaints(needs), None)) is not None:
        raise RequirementsError(message)


def _complaints(needs: Requirements) -> Iterator[str]:
    for peer in needs.machine_of:
        yield from _peer_complaints(peer, needs.conflicts, "conflict")
        yield from _peer_complaints(peer, needs.replaces, "replace")
    has = {
        "MachineID": needs.machine_id is not None,
        "Peers": needs.machine_of,
        "Global": needs.everywhere,
        "Conflicts": needs.conflicts,
        "Replaces": needs.replaces,
    }
    for one, other in _EXCLUSIVE:
        if has[one] and has[other]:
            yield f"{one} cannot be used with {other}"


def _peer_complaints(peer: str, patterns: tuple[str, ...], kind: str) -> Iterator[str]:
    for pattern in patterns:
        if matches(pattern, peer):
            yield f"unresolvable requirements: peer {quoted(peer)} matches {kind} {quoted(pattern)}"
