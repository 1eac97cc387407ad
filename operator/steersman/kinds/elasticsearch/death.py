"""Proof of death: what shows that no node runs at an address any more, whatever probes say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from steersman.model.observed import Instance, Probe, Snapshot, UnitState
from steersman.model.world import World

STOPPED_INSTANCE = frozenset({"TERMINATED", "STOPPED", "SUSPENDED"})
STOPPED_UNIT = frozenset({"failed", "inactive"})


@dataclass(frozen=True, slots=True)
class Death:
    """A proof, the source that it rests on, and how long that may be believed."""

    source: str
    reason: str
    message: str
    observed_at: datetime
    age_max: timedelta

    def proved(self, now: datetime) -> bool:
        return now - self.observed_at <= self.age_max


def death_of(
    ip: str, unit: str | None, owner: str | None, last: Probe | None, world: World
) -> Death | None:
    """None: alive, or nobody can tell."""
    if owner and (death := _address_reused(ip, owner, world)):
        return death
    death = _instance_gone(owner, last, world) if owner else _address_left(ip, last, world)
    return death or _instance_stopped(ip, last, world) or _unit_stopped(ip, unit, last, world)


def _address_reused(ip: str, owner: str, world: World) -> Death | None:
    node = world.topology.by_ip.get(ip)
    now_there = node.instance if node else None
    if now_there is None or name_of(now_there) == owner:
        return None
    return _death(world, "compute", "AddressReused", f"{ip} belongs to {now_there.name} now")


def _address_left(ip: str, last: Probe | None, world: World) -> Death | None:
    """Nobody could tell which instance it was when it was registered, and none is there now."""
    if ip not in world.departed or _answers(last, since=None):
        return None
    return _death(world, "compute", "InstanceGone", f"no instance is at {ip} any more")


def _instance_gone(owner: str, last: Probe | None, world: World) -> Death | None:
    zone, name, identity = owner.split("/")
    if world.compute.observed_at is None or zone in world.compute.unreachable:
        return None
    found = world.compute.instances.get(f"{zone}/{name}")
    if (found is not None and found.id == identity) or _answers(last, since=None):
        return None
    return _death(world, "compute", "InstanceGone", f"instance {name} is gone from {zone}")


def _instance_stopped(ip: str, last: Probe | None, world: World) -> Death | None:
    node = world.topology.by_ip.get(ip)
    instance = node.instance if node else None
    if instance is None or instance.status not in STOPPED_INSTANCE:
        return None
    if instance.zone in world.compute.unreachable or _answers(last, instance.since):
        return None
    message = f"instance {instance.name} is {instance.status}"
    return _death(world, "compute", "InstanceStopped", message)


def _unit_stopped(ip: str, unit: str | None, last: Probe | None, world: World) -> Death | None:
    state = _state(ip, unit, world)
    if state is None or state.active not in STOPPED_UNIT or _answers(last, state.since):
        return None
    message = f"{state.name} is {state.active}/{state.sub} at {ip}"
    return _death(world, "fleet", "UnitStopped", message)


def name_of(instance: Instance) -> str:
    """What tells an instance from all others, also from a later one of the same name."""
    return f"{instance.zone}/{instance.name}/{instance.id}"


def _state(ip: str, unit: str | None, world: World) -> UnitState | None:
    node = world.topology.by_ip.get(ip)
    units = node.units if node else ()
    return next((state for state in units if state.name == unit), None)


def _answers(last: Probe | None, since: datetime | None) -> bool:
    """An open port that was seen after the end began: a container outlived its unit, or a list
    was old. `since` None: any open port counts, until the next probe finds it closed."""
    if last is None or last.transport != "open":
        return False
    return since is None or last.at >= since


def _death(world: World, source: str, reason: str, message: str) -> Death | None:
    snapshot: Snapshot = world.snapshot(source)
    if snapshot.observed_at is None:
        return None
    age_max = world.stale_after.get(source, timedelta.max)
    return Death(source, reason, message, snapshot.observed_at, age_max)
