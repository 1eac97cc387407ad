"""Topology: instance, machine and units of one node, joined by address in one table; and who
belongs to which pool or template."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeVar

from steersman.model.observed import ComputeSnapshot, FleetSnapshot, Instance, Machine, UnitState
from steersman.model.unitfile import template_of

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Node:
    """What is known of one address. A machine without an instance is somebody else's."""

    ip: str
    instance: Instance | None = None
    machine: Machine | None = None
    units: tuple[UnitState, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    """`pools` holds the instances that carry a pool's mark, `templates` the units of a template."""

    by_ip: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))
    by_machine: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))
    pools: Mapping[str, tuple[Instance, ...]] = field(default_factory=lambda: MappingProxyType({}))
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, compute: ComputeSnapshot, fleet: FleetSnapshot) -> "Topology":
        # where several share an address, the last of them is the node
        instances = {
            each.ip: each for each in sorted(compute.instances.values(), key=_rank) if each.ip
        }
        machines = {each.ip: each for each in sorted(fleet.machines.values(), key=_joined)}
        states = (state for several in fleet.states.values() for state in several)
        units = _grouped((state.machine_id, state) for state in states)
        nodes = {
            ip: Node(ip, instances.get(ip), machine, units.get(machine.id if machine else "", ()))
            for ip in instances.keys() | machines.keys()
            for machine in (machines.get(ip),)
        }
        return cls(
            nodes,
            {node.machine.id: node for node in nodes.values() if node.machine},
            _grouped((each.mark, each) for each in compute.instances.values()),
            _grouped((template_of(name), name) for name in fleet.units),
        )

    def machine_ip(self, machine_id: str | None) -> str | None:
        node = self.by_machine.get(machine_id) if machine_id else None
        return node.ip if node else None


def _rank(instance: Instance) -> tuple[bool, bool, str]:
    """Another network of the project may have our addresses: ours comes last, one that runs too."""
    return instance.mark is not None, instance.status == "RUNNING", instance.id


def _joined(machine: Machine) -> tuple[datetime, str]:
    """fleet shows a machine that is gone until its key expires, beside the one that took over its
    address."""
    return machine.since or datetime.min.replace(tzinfo=UTC), machine.id


def _grouped(pairs: Iterable[tuple[K | None, V]]) -> Mapping[K, tuple[V, ...]]:
    """What stands under each key, in its order; under none, nowhere."""
    found: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        if key is not None:
            found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
