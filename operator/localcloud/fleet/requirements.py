"""The [X-Fleet] section of a unit: where it may run. Unknown options are accepted and ignored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from localcloud.fleet.names import NameInfo
from localcloud.seams import Option

SECTION = "X-Fleet"
MACHINE_ID_SHORT_CHARS = 8
_TRUE = frozenset({"1", "on", "t", "true", "yes"})

# Every requirement and the form that was the only one up to fleet 0.7, which still counts.
_MACHINE_ID = ("MachineID", "X-ConditionMachineID")
_MACHINE_ID_OF_BOOT = ("X-ConditionMachineBootID",)
_MACHINE_OF = ("MachineOf", "X-ConditionMachineOf")
_METADATA = ("MachineMetadata", "X-ConditionMachineMetadata")
_CONFLICTS = ("Conflicts", "X-Conflicts")
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
    machine_id: str | None = None  # in full or its first 8 characters
    machine_of: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()  # same key: either; different keys: both
    conflicts: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    everywhere: bool = False

    def wants_machine(self, machine_id: str) -> bool:
        return self.machine_id in (None, machine_id, machine_id[:MACHINE_ID_SHORT_CHARS])

    def conflicts_with(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.conflicts)


def requirements_of(name: str, options: Sequence[Option]) -> Requirements:
    values = _Values(NameInfo.of(name), options)
    machine_ids = [*values.of(_MACHINE_ID), *values.of(_MACHINE_ID_OF_BOOT)]
    globals_ = list(values.of(_GLOBAL))
    return Requirements(
        machine_id=next(iter(machine_ids), "") or None,
        machine_of=tuple(values.of(_MACHINE_OF)),
        metadata=tuple(_pairs(values.of(_METADATA))),
        conflicts=tuple(pattern for line in values.of(_CONFLICTS) for pattern in line.split()),
        replaces=tuple(values.of(_REPLACES)),
        everywhere=bool(globals_) and globals_[-1].lower() in _TRUE,
    )


@dataclass(frozen=True, slots=True)
class _Values:
    name: NameInfo
    options: Sequence[Option]

    def of(self, spellings: tuple[str, ...]) -> Iterator[str]:
        for option in self.options:
            if option.section == SECTION and option.name in spellings:
                yield from _split_quoted(self.name.expand(option.value))


def _split_quoted(line: str) -> list[str]:
    """A line in quotes may list several values: `"a=b" "c=d"`; any other line is one value."""
    if len(line) > 1 and line.startswith('"') and line.endswith('"'):
        return [value for value in line.split('"') if value.strip()]
    return [line]


def _pairs(values: Iterator[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        parts = value.split("=")
        if len(parts) == 2 and all(parts):  # fleet says nothing about any other shape
            yield parts[0].strip(), parts[1].strip()


def validate_requirements(needs: Requirements) -> None:
    if (message := next(_complaints(needs), None)) is not None:
        raise RequirementsError(message)


def _complaints(needs: Requirements) -> Iterator[str]:
    for peer in needs.machine_of:
        yield from _peer_complaints(peer, needs.conflicts, "conflict")
        yield from _peer_complaints(peer, needs.replaces, "replace")
    has = {
        "MachineID": needs.machine_id,
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
        if fnmatchcase(peer, pattern):
            yield f'unresolvable requirements: peer "{peer}" matches {kind} "{pattern}"'
