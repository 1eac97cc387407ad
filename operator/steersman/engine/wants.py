"""What the World asks of the informers and of the keep-alives. Pure."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from steersman.model.kind import KeepAlive, Kinds, no_keepalives, no_probes
from steersman.model.observed import ProbeTarget
from steersman.model.outcome import OperationDone
from steersman.model.world import World


def awaited_operations(world: World) -> Iterator[OperationDone]:
    """The operations whose end somebody waits for."""
    for pending in world.pending.values():
        if isinstance(pending.expects, OperationDone):
            yield pending.expects


def awaited(world: World, system: str) -> bool:
    """Whether an effect is awaited in a system: then it is read often."""
    return any(target.system == system for target in world.pending)


def probe_targets(world: World, kinds: Kinds) -> frozenset[ProbeTarget]:
    probing = {name for name, kind in kinds.items() if kind.probes is not no_probes}
    return frozenset(
        target
        for key, resource in world.resources.items()
        if key.kind in probing
        for target in kinds[key.kind].probes(resource, world)
    )


def keepalives(world: World, kinds: Kinds, now: datetime) -> tuple[KeepAlive, ...]:
    """Of what is in force, of what was released, and of what is frozen."""
    keeping = {name for name, kind in kinds.items() if kind.keepalives is not no_keepalives}
    read = (
        each
        for key, resource in chain(world.released.items(), world.resources.items())
        if key.kind in keeping
        for each in kinds[key.kind].keepalives(resource, world, now)
    )
    unread = (
        each
        for key in sorted(world.frozen)
        if key.kind in kinds
        for each in kinds[key.kind].remembered(key, world, now)
    )
    return (*read, *unread)
