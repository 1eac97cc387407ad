"""Why fleet finds no machine for a unit: its own rules once more, for it never gives a reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from steersman.model.observed import FleetSnapshot, FleetUnit, Machine
from steersman.model.unitfile import fleet as fleet_rules

MACHINES_NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """The [X-Fleet] section of a unit. Metadata: of one key any value will do."""

    machine: str | None
    peers: tuple[str, ...]
    metadata: Mapping[str, frozenset[str]]
    conflicts: tuple[str, ...]

    @classmethod
    def of(cls, unit: FleetUnit) -> "Rules":
        return cls(
            machine=next(iter(_values(unit, "MachineID")), None),
            peers=_values(unit, "MachineOf"),
            metadata=_metadata(_values(unit, "MachineMetadata")),
            conflicts=_values(unit, "Conflicts"),
        )

    def exclude(self, name: str) -> bool:
        return any(fleet_rules.matches(pattern, name) for pattern in self.conflicts)


def obstacles(unit: FleetUnit, fleet: FleetSnapshot) -> str:
    """What keeps a unit off each machine, as a sentence; "" when nothing does."""
    if not fleet.machines:
        return "the fleet has no machine"
    placed: dict[str, list[FleetUnit]] = defaultdict(list)
    for other in fleet.units.values():
        if other.machine_id and other.name != unit.name:
            placed[other.machine_id].append(other)
    machines = sorted(fleet.machines.values(), key=lambda machine: machine.ip)
    reasons = []
    for machine in machines:
        reason = _obstacle(unit, machine, placed[machine.id])
        if reason is None:
            return ""
        reasons.append(f"{machine.ip}: {reason}")
    named = reasons[:MACHINES_NAMED_MAX]
    more = len(reasons) - len(named)
    return "; ".join([*named, *([f"{more} more machines"] if more else [])])


def _obstacle(unit: FleetUnit, machine: Machine, placed: Iterable[FleetUnit]) -> str | None:
    rules = Rules.of(unit)
    names = {other.name for other in placed}
    # fleet takes a machine's whole id or its first eight characters
    if rules.machine and rules.machine not in (machine.id, machine.id[:8]):
        return f"is not machine {rules.machine}"
    for key, values in rules.metadata.items():
        if machine.metadata.get(key) not in values:
            return f"has not {key}={' or '.join(sorted(values))}"
    for peer in rules.peers:
        if peer not in names:
            return f"{peer} is not there"
    for other in placed:
        if rules.exclude(other.name) or Rules.of(other).exclude(unit.name):
            return f"conflicts with {other.name}"
    return None


def _values(unit: FleetUnit, key: str) -> tuple[str, ...]:
    given = fleet_rules.values(unit.options, key)
    return tuple(fleet_rules.expanded(value, unit.name) for value in given)


def _metadata(pairs: Iterable[str]) -> dict[str, frozenset[str]]:
    """fleet ignores what is no pair."""
    found: dict[str, frozenset[str]] = {}
    for pair in pairs:
        key, equals, wanted = pair.partition("=")
        if key and equals and wanted and "=" not in wanted:
            found[key] = found.get(key, frozenset()) | {wanted}
    return found
