"""Deciding alone: how many resources a second are observed, compared, planned and judged."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from steersman.engine.acceptance.accept import Acceptance, accept
from steersman.engine.acceptance.claims import HOME
from steersman.engine.acceptance.reader import Reader
from steersman.engine.decide import Rules, decide
from steersman.engine.ledger import Ledger
from steersman.kinds import KINDS
from steersman.model.observed import (
    ComputeSnapshot,
    ElasticsearchSnapshot,
    FleetSnapshot,
    KeyItem,
    KeysSnapshot,
)
from steersman.model.ports import Item
from steersman.model.topology import Topology
from steersman.model.world import World
from tests.bench.figures import Figure
from tests.bench.scale import OWNER, Scale

NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
ROUNDS = 3
ACTIONS_PER_HOUR = 120


def figures(scale: Scale) -> list[Figure]:
    world = at_rest(scale)
    adrift = replace(world, fleet=replace(world.fleet, units={}, states={}))
    return [
        Figure("diff + plan + gates, all as asked", _rate(world), "> 20,000 objects/s"),
        Figure("diff + plan + gates, every unit missing", _rate(adrift), "> 20,000 objects/s"),
    ]


def at_rest(scale: Scale) -> World:
    """A leader's World in which everything is as asked."""
    found = _accepted(scale)
    compute = ComputeSnapshot(NOW, {f"{each.zone}/{each.name}": each for each in scale.compute})
    fleet = FleetSnapshot(
        NOW,
        machines={each.id: each for each in scale.machines},
        units={each.name: each for each in scale.fleet},
        states={each.name: (replace(each, since=LONG_AGO),) for each in scale.states},
    )
    return World(
        owner=OWNER,
        leading=True,
        resources=found.resources,
        acceptance=found.conditions,
        compute=compute,
        fleet=fleet,
        keys=_keys({**scale.keys, **scale.registrations}),
        elasticsearch=ElasticsearchSnapshot(NOW),
        topology=Topology.of(compute, fleet),
    )


def _accepted(scale: Scale) -> Acceptance:
    documents = {key: Item(key, text.encode(), 1, 1) for key, text in scale.desired.items()}
    found = accept({HOME: documents}, {}, Reader(KINDS), OWNER)
    assert not found.rejected, found.rejected[0]
    return found


def _keys(values: Mapping[str, str]) -> KeysSnapshot:
    items = {key: KeyItem(key, value, 1, since=LONG_AGO) for key, value in values.items()}
    return KeysSnapshot(NOW, items)


def _rate(world: World) -> str:
    """Objects a second: the best of some rounds, each over every resource."""
    rules, ledger = Rules(KINDS, ACTIONS_PER_HOUR), Ledger()
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for key in world.resources:
            decide(key, world, ledger, rules, NOW)
        best = min(best, time.process_time() - started)
    return f"{len(world.resources) / best:,.0f} objects/s"
