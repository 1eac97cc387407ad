"""The daemon as it is wired: what a kind cannot answer of one resource keeps nothing of others."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime

import pytest

from steersman.app import Outside, assemble
from steersman.model.kind import KeepAlive
from steersman.model.observed import Probe, ProbeTarget
from steersman.model.ports import Clock
from steersman.model.resource import Resource
from steersman.model.world import World
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics
from tests.engine.town import OWNER, Town
from tests.engine.toy import LAMP, LampSpec, PoisonError
from tests.support.virtual import virtual

TTL_SECONDS = 30
CURSED = "cursed"  # the lamp over which the kind has a bug


class Deaf:
    """Nodes of which none answers; it knows which were asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.asked: set[str] = set()

    async def probe(self, target: ProbeTarget) -> Probe:
        self.asked.add(target.ip)
        return Probe(target, self._clock.now(), "unreachable")

    async def close(self) -> None:
        pass


def registration(name: str) -> str:
    return f"/services/{name}"


def keepalives(resource: Resource[LampSpec], world: World, _now: datetime) -> tuple[KeepAlive, ...]:
    name = resource.key.name
    if name == CURSED:
        raise PoisonError(name)
    item = world.keys.items.get(registration(name))
    if item is None:
        return ()
    return (KeepAlive(item.key, item.revision, item.value, TTL_SECONDS, TTL_SECONDS / 3),)


def probes(resource: Resource[LampSpec], _world: World) -> frozenset[ProbeTarget]:
    name = resource.key.name
    if name == CURSED:
        raise PoisonError(name)
    return frozenset({ProbeTarget(name, 9200, 9300)})


@virtual
async def test_the_registrations_and_the_probes_of_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = {"lamp": replace(LAMP, keepalives=keepalives, probes=probes)}
    monkeypatch.setattr("steersman.app.assembly.KINDS", kinds)
    town = Town()
    nodes = Deaf(town.clock)
    town.desire("b")
    town.desire(CURSED)
    store = town.store()
    await store.create(registration("b"), b"core1", ttl_seconds=TTL_SECONDS)
    outside = Outside(store, None, town.hall, None, nodes)
    settings = Settings(owner=OWNER, identity="one")
    operator = assemble(settings, outside, town.clock, random.Random(1), Metrics())
    daemon = asyncio.create_task(operator.controller.run(asyncio.Event()), name="daemon")
    try:
        await town.until(lambda: town.ready("b"))
        await asyncio.sleep(3 * TTL_SECONDS)

        assert not daemon.done()
        assert town.keys("/services/") == [registration("b")]
        assert nodes.asked == {"b"}
        told = town.json(f"/status/lamp/{CURSED}")["conditions"]
        (ready,) = [each for each in told if each["type"] == "Ready"]
        assert (ready["status"], ready["reason"]) == ("Unknown", "InternalError")
    finally:
        daemon.cancel()
        await asyncio.wait([daemon])
