"""A change in a real etcd, a fleet over HTTP: what happens to a unit is in a snapshot at once."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import aiohttp
import pytest

from localcloud.clock import ManualClock
from localcloud.fleet.mirror import Mirror
from localcloud.fleet.model import Fleet
from localcloud.fleet.server import app
from localcloud.journal import Journal
from localcloud.seams import Machine
from steersman.clients.etcd2 import Etcd2Store
from steersman.clients.fleet import FleetClient
from steersman.informers.fleet import FleetInformer
from steersman.informers.fleet_watch import PREFIXES, FleetWatch
from steersman.informers.rounds import Rounds
from steersman.model.observed import FleetSnapshot
from steersman.model.ports import Batch
from steersman.model.unitfile import parse
from tests.clients.replay import serving_app
from tests.informers.stories import Board, Ears, HandClock
from tests.localcloud.fleet.support import FakeHost
from tests.support.etcd import EtcdServer

TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.01
BEAT_SECONDS = 10.0  # of fleet's time; by then its agents have written
NEVER_SECONDS = 3600.0  # between the rounds of an informer that nothing wakes
SEEN_SECONDS = 1.0
UNIT = "a.service"


async def until(holds: Callable[[], bool]) -> None:
    while True:
        if holds():
            return
        await asyncio.sleep(POLL_SECONDS)


class Watched(Etcd2Store):
    """Tells what is watched: from then on, nothing is missed."""

    def __init__(self, endpoint: str) -> None:
        super().__init__([endpoint])
        self.prefixes: set[str] = set()

    def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        self.prefixes.add(prefix)
        return super().watch(prefix, after)


class Town:
    """A fleet with one unit that runs, its keys in etcd, and an informer that is only woken."""

    def __init__(self, fleet: Fleet, clock: ManualClock, mirror: Mirror) -> None:
        self._fleet, self._clock, self._mirror = fleet, clock, mirror
        self.board = Board[FleetSnapshot]()

    async def happens(self, what: Callable[[Fleet], object] = lambda fleet: fleet) -> None:
        """And is written by fleet's agents."""
        what(self._fleet)
        self._clock.advance(BEAT_SECONDS)
        self._fleet.tick()
        await self._mirror.synchronise()

    @property
    def active(self) -> str:
        (state,) = self.board.last.states.get(UNIT, (None,))
        return state.active if state else ""

    async def shows(self, active: str) -> None:
        await until(lambda: bool(self.board.snapshots) and self.active == active)


@pytest.fixture
async def town(own_etcd: EtcdServer) -> AsyncIterator[Town]:
    clock = ManualClock()
    fleet = Fleet(clock, random.Random(1), FakeHost())
    fleet.machine_up(Machine("1" * 32, "127.20.0.1", "core1"))
    store = Watched(own_etcd.endpoint)
    async with serving_app(app(fleet, Journal())) as url, aiohttp.ClientSession() as session:
        mirror = Mirror(session, f"http://{own_etcd.endpoint}", fleet.keys)
        town, client = Town(fleet, clock, mirror), FleetClient(url)
        await town.happens()
        options = parse("[Service]\nExecStart=/bin/sleep 1\n")
        await client.put_unit(UNIT, options, "launched", timeout_seconds=TIMEOUT_SECONDS)
        await town.happens()
        informer = FleetInformer(client, HandClock(), town.board)
        rounds = Rounds("fleet", informer.read, lambda: NEVER_SECONDS, Ears())
        tasks = [
            asyncio.create_task(each)
            for each in (rounds.run(), FleetWatch(store, rounds.poke).run())
        ]
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await until(lambda: store.prefixes == set(PREFIXES))
            await town.shows("active")
        yield town
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await client.close()
        await store.close()


async def test_a_unit_that_somebody_stops_is_seen_long_before_the_next_round(town: Town) -> None:
    await town.happens(lambda fleet: fleet.mishaps.unit_stop(UNIT))
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await town.shows("inactive")


async def test_heartbeats_are_no_reason_to_read(town: Town) -> None:
    for _ in range(4):
        await town.happens()
    await asyncio.sleep(SEEN_SECONDS)  # in which a change would be seen
    assert len(town.board.snapshots) == 1
