"""etcd that stands still: what was recorded with etcd stopped for a minute, and requests that took
three seconds to give up."""

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from localcloud.clock import ScaledClock
from localcloud.fleet.model import Fleet
from localcloud.fleet.records import ApiError, Timings
from localcloud.fleet.server import app
from localcloud.journal import Journal
from tests.localcloud.fleet.support import SLEEPER, FakeHost, Town, machine

FROZEN_SECONDS = 60.0
AS_RECORDED = Timings(request_seconds=3.0)
PAST_THE_FREEZE_SECONDS = 100
BACK_WITHIN_SECONDS = 16.0  # the longest pause between two attempts that the freeze leads to


def frozen_town(seed: int) -> Town:
    town = Town(seed=seed, timings=AS_RECORDED)
    town.launch("a.service")
    town.wait(seed)  # heartbeats are at another point of their period
    town.fleet.mishaps.freeze_etcd(town.clock.now() + FROZEN_SECONDS)
    return town


def status(town: Town) -> int:
    """Of a GET of the units."""
    if not town.fleet.available:
        return 503
    try:
        town.fleet.reach()
    except ApiError as error:
        return error.status
    return 200


@pytest.mark.parametrize("seed", range(5))
def test_500_for_some_20_seconds_then_503_then_back_and_units_run_on(seed: int) -> None:
    town = frozen_town(seed)
    seen = []
    for _ in range(PAST_THE_FREEZE_SECONDS):
        seen.append(status(town))
        town.wait(1)
    changes = [now for before, now in zip([200, *seen], seen, strict=False) if now != before]
    assert changes == [500, 503, 200]
    assert 10 <= seen.index(503) <= 25
    assert FROZEN_SECONDS <= seen.index(200) <= FROZEN_SECONDS + BACK_WITHIN_SECONDS
    assert town.host.starts == [("core1", "a.service")]


def test_no_key_expires_while_etcd_stands_still() -> None:
    town = frozen_town(seed=0)
    before = (town.fleet.machines(), town.target("a.service"), town.state("a.service"))
    town.wait(FROZEN_SECONDS + BACK_WITHIN_SECONDS)
    assert (town.fleet.machines(), town.target("a.service"), town.state("a.service")) == before


def test_nothing_can_be_written_while_etcd_stands_still() -> None:
    town = frozen_town(seed=0)
    for write in (
        lambda: town.put("b.service", "launched", SLEEPER),
        lambda: town.fleet.delete_unit("a.service"),
        lambda: town.fleet.change_metadata([]),
    ):
        with pytest.raises(ApiError) as caught:
            write()
        assert caught.value.status == 500


def test_a_frozen_etcd_thaws_when_faults_are_cleared() -> None:
    town = Town(timings=AS_RECORDED)
    town.fleet.mishaps.freeze_etcd(town.clock.now() + 3600)
    town.wait(5)
    assert status(town) == 500
    town.fleet.mishaps.clear()
    assert status(town) == 200


def test_a_short_freeze_stops_nobody() -> None:
    town = Town()
    town.launch("a.service")
    town.fleet.mishaps.freeze_etcd(town.clock.now() + 5)
    for _ in range(60):
        town.wait(1)
        assert town.fleet.available
    assert town.current("a.service") == "launched"


SPEED = 50.0
DAY_SECONDS = 24 * 3600.0
DEADLINE_SECONDS = 30.0


async def test_the_client_waits_for_the_500_as_long_as_fleetd_waits_for_etcd() -> None:
    clock = ScaledClock(SPEED)
    patient = replace(AS_RECORDED, machine_beat_seconds=DAY_SECONDS)  # it gives up at a beat
    fleet = Fleet(clock, random.Random(1), FakeHost(), timings=patient)
    fleet.machine_up(machine(1))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not fleet.available:  # noqa: ASYNC110 - nobody tells when it has registered
            await asyncio.sleep(0.01)
    fleet.mishaps.freeze_etcd(clock.now() + DAY_SECONDS)
    async with TestClient(TestServer(app(fleet, Journal()))) as client:
        asked = clock.now()
        answers = [await ask(client, path) for path in ("units", "units/a.service", "machines")]
        assert answers == [(500, {"error": {"code": 500, "message": ""}})] * 3
        assert clock.now() - asked >= 3 * AS_RECORDED.request_seconds


async def ask(client: TestClient[Any, Any], path: str) -> tuple[int, Any]:
    response = await client.get(f"/fleet/v1/{path}")
    return response.status, await response.json()


async def test_what_needs_no_etcd_is_answered_while_it_stands_still() -> None:
    town = frozen_town(seed=0)
    bad = {"desiredState": 3}
    async with TestClient(TestServer(app(town.fleet, Journal()))) as client:
        assert (await client.get("/fleet/v1/discovery")).status == 200
        assert (await client.get("/fleet/v1/units?nextPageToken=AAAA")).status == 400
        assert (await client.put("/fleet/v1/units/a.service", json=bad)).status == 400
        assert (await client.put("/fleet/v1/units/a", json={})).status == 400
