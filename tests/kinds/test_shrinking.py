"""A pool that shrinks, with the units on it: which gate of the engine holds the deletion."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from steersman.engine.decide import Rules, decide
from steersman.engine.ledger import Ledger
from steersman.kinds import KINDS
from steersman.model.observed import FleetSnapshot
from steersman.model.outcome import Pending
from steersman.model.plan import Effect, Target
from steersman.model.resource import Key, Metadata
from steersman.model.world import World
from tests.kinds import builders
from tests.kinds.builders import NOW, ago, compute, pending
from tests.kinds.nodepool.support import node, pool
from tests.kinds.unit.support import KEY, Member, fleet, healthy
from tests.kinds.unit.support import resource as unit

POOL = Key("nodepool", "core")
ROLLED = pending(
    KEY, Target("fleet", "es@2.service"), "LoadUnit", effect=Effect.DISRUPT, disrupts=(KEY,)
)
DELETED = pending(
    POOL, Target("compute", "core4"), "DeleteInstance", effect=Effect.DESTROY, disrupts=(POOL,)
)


def seen(
    *members: Member, replicas: int = 2, waiting_for: tuple[Pending, ...] = (), **others: Any
) -> World:
    """Three nodes, of which the document asks for two, and a unit on each."""
    core, es = pool(replicas=replicas), unit()
    world = builders.world(
        core,
        es,
        compute=compute(*(node(core, at) for at in (1, 2, 3))),
        fleet=fleet(*members),
        waiting_for=waiting_for,
        stale_after={"fleet": timedelta(seconds=15)},
    )
    told = {KEY: KINDS["unit"].facts(es, world)}
    return replace(world, facts=told, **others)


def protected(world: World) -> World:
    core = world.resources[POOL]
    metadata = Metadata(annotations={"steersman/protect": "true"})
    kept = replace(core, metadata=metadata)
    return replace(world, resources={**world.resources, POOL: kept})


def without_machine(world: World, name: str) -> World:
    left: Mapping[str, Any] = {at: each for at, each in world.fleet.machines.items() if at != name}
    found = replace(world.fleet, machines=left)
    return builders.world(
        *world.resources.values(), compute=world.compute, fleet=found, facts=world.facts
    )


CASES = [
    pytest.param(seen(*healthy(1, 2, 3)), None, id="none, when all is well"),
    pytest.param(
        seen(*healthy(2, 3), Member(1, "failed/failed")), "budget", id="a unit elsewhere is down"
    ),
    pytest.param(
        seen(*healthy(1, 2), Member(3, "failed/failed")), None, id="none, when its own unit is down"
    ),
    pytest.param(
        seen(*healthy(1, 2, 3), waiting_for=(ROLLED,)), "budget", id="a unit is being restarted"
    ),
    pytest.param(
        seen(*healthy(1, 2, 3), waiting_for=(DELETED,)), "budget", id="another node is going"
    ),
    pytest.param(
        without_machine(seen(*healthy(1, 2, 3)), "machine1"), "budget", id="a node is not ready"
    ),
    pytest.param(
        seen(*healthy(1, 2, 3), fleet=FleetSnapshot(ago(60))), "fresh", id="fleet is not seen"
    ),
    pytest.param(protected(seen(*healthy(1, 2, 3))), "protect", id="the document is protected"),
    pytest.param(seen(*healthy(1, 2, 3), replicas=1), "approval", id="two of three are to go"),
]


@pytest.mark.parametrize(("world", "gate"), CASES)
def test_what_holds_the_deletion_of_the_last_node(world: World, gate: str | None) -> None:
    steps = decide(POOL, world, Ledger(), Rules(KINDS, 120), NOW).steps
    (judged,) = (each for each in steps if each.step.target.name == "core3")
    assert (judged.held.gate if judged.held else None) == gate
