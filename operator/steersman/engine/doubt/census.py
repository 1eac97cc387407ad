"""The censuses: of what a source shows, what is up, and how that went which no longer is. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from steersman.engine.interests import differing
from steersman.model.hold import Lost
from steersman.model.observed import Instance, KeyItem, Machine, UnitState
from steersman.model.plan import Target
from steersman.model.world import World

States = tuple[UnitState, ...]

REGISTERED = "/services/"


@dataclass(frozen=True, slots=True)
class Census:
    """One sort of things that a source shows. `table` has all of them; `up` gives the target of
    an entry that is up, with what `lost` has to know of it; `lost` tells how that went, None if
    it is there or went for a known reason."""

    source: str
    what: str
    table: Callable[[World], Mapping[str, Any]]
    up: Callable[[str, Any, World], tuple[Target, Any] | None]
    lost: Callable[[Target, Any, World], Lost | None]

    def all_up(self, world: World) -> frozenset[Target]:
        seen = (self.up(name, entry, world) for name, entry in self.table(world).items())
        return frozenset(each[0] for each in seen if each)

    def all_lost(self, before: World, after: World) -> Iterator[Lost]:
        """What was up before; a look at what changed is enough."""
        table = self.table(before)
        for name in differing(table, self.table(after)) & table.keys():
            was = self.up(name, table[name], before)
            lost = self.lost(*was, after) if was else None
            if lost:
                yield lost


def _instance_up(_place: str, entry: Instance, _world: World) -> tuple[Target, Any] | None:
    return (Target("compute", entry.name), entry) if entry.status == "RUNNING" else None


def _instance_lost(target: Target, was: Instance, world: World) -> Lost | None:
    there = world.compute.instances.get(f"{was.zone}/{was.name}")
    if was.zone in world.compute.unreachable or (there and there.status == "RUNNING"):
        return None
    node = world.topology.by_ip.get(was.ip or "")
    return Lost(
        target, was.ip, there is None, watched=node is not None and node.machine is not None
    )


def _machine_up(_id: str, entry: Machine, _world: World) -> tuple[Target, Any] | None:
    return Target("fleet", entry.id), entry


def _machine_lost(target: Target, was: Machine, world: World) -> Lost | None:
    return None if was.id in world.fleet.machines else Lost(target, was.ip)


def _unit_up(name: str, entry: States, world: World) -> tuple[Target, Any] | None:
    active = next((each for each in entry if each.active == "active"), None)
    return (Target("fleet", name), world.topology.machine_ip(active.machine_id)) if active else None


def _unit_lost(target: Target, ip: str | None, world: World) -> Lost | None:
    """One that fleet shall no longer run was taken down on purpose."""
    unit = world.fleet.units.get(target.name)
    states = world.fleet.states.get(target.name, ())
    if unit is not None and unit.desired_state != "launched":
        return None
    if any(each.active == "active" for each in states):
        return None
    return Lost(target, ip, absent=not states)


def _registration_up(key: str, _entry: KeyItem, _world: World) -> tuple[Target, Any] | None:
    return (Target("keys", key), None) if key.startswith(REGISTERED) else None


def _registration_lost(target: Target, _was: None, world: World) -> Lost | None:
    return None if target.name in world.keys.items else Lost(target)


CENSUSES = (
    Census("compute", "instances", lambda at: at.compute.instances, _instance_up, _instance_lost),
    Census("fleet", "machines", lambda at: at.fleet.machines, _machine_up, _machine_lost),
    Census("fleet", "active units", lambda at: at.fleet.states, _unit_up, _unit_lost),
    Census("keys", "registrations", lambda at: at.keys.items, _registration_up, _registration_lost),
)
