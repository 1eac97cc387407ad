"""The unmanaged: what is there and no document speaks of, so that nothing of it is touched."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from steersman.model.observed import OWNER_LABEL, POOL_LABEL, Instance, Machine
from steersman.model.resource import Key, uid
from steersman.model.world import World

INSTANCE, MACHINE = "instance", "machine"  # beside the kinds of documents


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """A document that is gone, or an object outside."""

    kind: str
    name: str
    reason: str  # Released | Orphan | Foreign
    message: str


def unmanaged(world: World) -> Iterator[Unmanaged]:
    """Released documents, instances that carry our mark and belong to none, and machines of the
    fleet that are no instance of ours."""
    yield from released(world.released)
    for place, instance in sorted(orphans(world)):
        message = f"carries our mark and belongs to no document (pool {_pool(instance)})"
        yield Unmanaged(INSTANCE, place, "Orphan", message)
    for machine in sorted(foreign(world), key=lambda each: each.id):
        message = f"a machine of the fleet at {machine.ip} that is no instance of ours"
        yield Unmanaged(MACHINE, machine.id, "Foreign", message)


def released(keys: Iterable[Key]) -> Iterator[Unmanaged]:
    for key in sorted(keys):
        yield Unmanaged(key.kind, key.name, "Released", "its document is gone")


def orphans(world: World) -> Iterator[tuple[str, Instance]]:
    """By zone/name. A document that cannot be read now still has its instances."""
    known = _uids(world)
    for place, instance in world.compute.instances.items():
        if _owned(instance, world) and instance.mark not in known:
            yield place, instance


def foreign(world: World) -> Iterator[Machine]:
    """While an answer of Compute Engine is missing, or a part of one, nobody knows of a machine
    whose instance it is."""
    blind = world.compute.observed_at is None or bool(world.compute.unreachable)
    for machine in world.fleet.machines.values():
        node = world.topology.by_ip.get(machine.ip)
        instance = node.instance if node else None
        known = blind if instance is None else _owned(instance, world)
        if not known:
            yield machine


def _uids(world: World) -> Set[str]:
    keys = {*world.resources, *world.released, *world.frozen, *world.acceptance}
    return {uid(world.owner, key) for key in keys}


def _owned(instance: Instance, world: World) -> bool:
    return instance.labels.get(OWNER_LABEL) == world.owner


def _pool(instance: Instance) -> str:
    return instance.labels.get(POOL_LABEL, "unknown")
