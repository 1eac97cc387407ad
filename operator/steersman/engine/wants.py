"""What the World asks of the informers and of the keep-alives. Pure."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from steersman.engine.apart import Told, apart
from steersman.model.kind import KeepAlive, Kinds, no_keepalives, no_probes
from steersman.model.observed import ProbeTarget
from steersman.model.outcome import OperationDone
from steersman.model.resource import Key, Resource
from steersman.model.world import World


def awaited_operations(world: World) -> Iterator[OperationDone]:
    """The operations whose end somebody waits for."""
    for pending in world.pending.values():
        if isinstance(pending.expects, OperationDone):
            yield pending.expects


def awaited(world: World, system: str) -> bool:
    """Whether an effect is awaited in a system: then it is read often."""
    return any(target.system == system for target in world.pending)


def probe_targets(world: World, kinds: Kinds) -> Told[frozenset[ProbeTarget]]:
    """By whose instances they are."""
    probing = {name for name, kind in kinds.items() if kind.probes is not no_probes}
    keys = (key for key in world.resources if key.kind in probing)
    return apart(keys, lambda key: kinds[key.kind].probes(world.resources[key], world))


def keepalives(world: World, kinds: Kinds, now: datetime) -> Told[tuple[KeepAlive, ...]]:
    """Of what is in force, of what was released, and of what is frozen."""
    keeping = {name for name, kind in kinds.items() if kind.keepalives is not no_keepalives}
    documents = chain(world.released.items(), world.resources.items())
    read = {key: each for key, each in documents if key.kind in keeping}

    def ask(key: Key) -> tuple[KeepAlive, ...]:
        kind = kinds[key.kind]
        if key in read:
            return kind.keepalives(read[key], world, now)
        return kind.remembered(key, world, now)

    frozen = sorted(key for key in world.frozen - read.keys() if key.kind in kinds)
    found = apart((*read, *frozen), ask)
    # a mistake of ours takes nothing down: what memory tells stays
    by_memory = apart(found.failed, lambda key: kinds[key.kind].remembered(key, world, now))
    return Told({**found.said, **by_memory.said}, found.failed)


def check(resource: Resource[Any], world: World, kinds: Kinds, now: datetime) -> None:
    """Raises what any of the questions raises that are asked of a resource between its passes:
    so its pass fails by the same mistake, and tells it."""
    kind = kinds[resource.key.kind]
    kind.facts(resource, world)
    kind.probes(resource, world)
    kind.keepalives(resource, world, now)
