"""What the World asks of the informers and of the keep-alives. Pure."""

from collections.abc import Iterator
from datetime import datetime

from steersman.model.kind import KeepAlive, Kinds
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
    return frozenset(
        target
        for key, resource in world.resources.items()
        for target in kinds[key.kind].probes(resource, world)
    )


def keepalives(world: World, kinds: Kinds, now: datetime) -> tuple[KeepAlive, ...]:
    """Of what is in force, and of what was released, too."""
    everything = {**world.released, **world.resources}
    return tuple(
        each
        for key, resource in everything.items()
        for each in kinds[key.kind].keepalives(resource, world, now)
    )
