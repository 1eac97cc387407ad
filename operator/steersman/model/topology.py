"""Topology: instance, machine and units of one node, joined by address in one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from steersman.model.observed import ComputeSnapshot, FleetSnapshot, Instance, Machine, UnitState


@dataclass(frozen=True, slots=True)
class Node:
    """What is known of one address. A machine without an instance is somebody else's."""

    ip: str
    instance: Instance | None = None
    machine: Machine | None = None
    units: tuple[UnitState, ...] = ()


@dataclass(frozen=True, slots=True)
class Topology:
    by_ip: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))
    by_machine: Mapping[str, Node] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, compute: ComputeSnapshot, fleet: FleetSnapshot) -> "Topology":
        instances = {each.ip: each for each in compute.instances.values() if each.ip}
        machines = {each.ip: each for each in fleet.machines.values()}
        units = _by_machine(state for states in fleet.states.values() for state in states)
        nodes = {
            ip: Node(ip, instances.get(ip), machine, units.get(machine.id if machine else "", ()))
            for ip in instances.keys() | machines.keys()
            for machine in (machines.get(ip),)
        }
        return cls(nodes, {node.machine.id: node for node in nodes.values() if node.machine})

    def machine_ip(self, machine_id: str | None) -> str | None:
        node = self.by_machine.get(machine_id) if machine_id else None
        return node.ip if node else None


def _by_machine(states: Iterable[UnitState]) -> Mapping[str, tuple[UnitState, ...]]:
    found: dict[str, tuple[UnitState, ...]] = {}
    for state in states:
        found[state.machine_id] = (*found.get(state.machine_id, ()), state)
    return found
