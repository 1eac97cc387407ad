"""The fleet watch: what wakes the fleet informer, how soon and how often."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from localcloud.etcd.model import EtcdModel
from steersman.informers.fleet_watch import APART_SECONDS, SETTLE_SECONDS, FleetWatch
from steersman.model.errors import UnreachableError
from steersman.model.ports import Listing
from tests.simulation.adapters_store import ModelStore
from tests.support.virtual import START, virtual

FLEET = "/_coreos.com/fleet"
STATE = f"{FLEET}/states/a.service/m1"
BEAT = f"{FLEET}/job/a.service/job-state"
MACHINE = f"{FLEET}/machines/m1/object"
SEEN_WITHIN_SECONDS = 1.0
AGES_SECONDS = 60.0


class ModelClock:
    def now(self) -> float:
        return START.timestamp() + asyncio.get_running_loop().time()


class Shy(ModelStore):
    """A store that cannot be listed for a while."""

    def __init__(self, model: EtcdModel) -> None:
        super().__init__(model, ModelClock())
        self.silent = False

    async def list(self, prefix: str) -> Listing:
        if self.silent:
            raise UnreachableError("no answer")
        return await super().list(prefix)


class Desk:
    def __init__(self) -> None:
        self.etcd = EtcdModel(ModelClock())
        self.store = Shy(self.etcd)
        self.pokes: list[float] = []  # when
        for key in (STATE, BEAT, MACHINE):
            self.etcd.put(key, b"as ever")

    def poke(self) -> None:
        self.pokes.append(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        task = asyncio.create_task(FleetWatch(self.store, self.poke).run())
        await asyncio.sleep(AGES_SECONDS)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


def now() -> float:
    return asyncio.get_running_loop().time()


@virtual
async def test_at_rest_nobody_is_woken() -> None:
    desk = Desk()
    async with desk.watching():
        assert desk.pokes == []


@virtual
async def test_a_heartbeat_wakes_nobody() -> None:
    desk = Desk()
    async with desk.watching():
        for _ in range(100):
            desk.etcd.put(STATE, b"as ever")
            desk.etcd.put(BEAT, b"as ever")
            await asyncio.sleep(0.5)
        assert desk.pokes == []


@virtual
async def test_what_happens_at_once_makes_one_round_soon() -> None:
    desk = Desk()
    async with desk.watching():
        began = now()
        desk.etcd.put(STATE, b"failed")
        desk.etcd.put(f"{FLEET}/job/b.service/target-state", b"launched")
        desk.etcd.delete_prefix(MACHINE)
        await asyncio.sleep(AGES_SECONDS)
        (woken,) = desk.pokes
        assert woken - began < 2 * SETTLE_SECONDS


@virtual
async def test_however_much_happens_rounds_keep_their_distance_and_each_change_is_seen() -> None:
    desk = Desk()
    async with desk.watching():
        changes = []
        for number in range(1000):
            desk.etcd.put(STATE, b"%d" % number)
            changes.append(now())
            await asyncio.sleep(0.013)
        await asyncio.sleep(AGES_SECONDS)
    gaps = [later - sooner for sooner, later in zip(desk.pokes, desk.pokes[1:], strict=False)]
    assert min(gaps) >= APART_SECONDS
    for change in changes:
        assert any(0 < poke - change < SEEN_WITHIN_SECONDS for poke in desk.pokes)


@virtual
async def test_what_fleet_keeps_elsewhere_wakes_nobody() -> None:
    desk = Desk()
    async with desk.watching():
        desk.etcd.put(f"{FLEET}/lease/engine-leader", b"m1")
        desk.etcd.put(f"{FLEET}/unit/0123", b"text")
        await asyncio.sleep(AGES_SECONDS)
        assert desk.pokes == []


@virtual
async def test_what_vanished_while_the_store_was_away_wakes_when_it_is_back() -> None:
    desk = Desk()
    async with desk.watching():
        desk.store.silent = True
        desk.etcd.delete_prefix(STATE)
        desk.etcd.compact(desk.etcd.revision)  # so the watch has to list again
        await asyncio.sleep(AGES_SECONDS)
        assert desk.pokes == []
        desk.store.silent = False
        await asyncio.sleep(AGES_SECONDS)
        assert len(desk.pokes) == 1


@virtual
async def test_a_store_that_fails_is_told_once_and_once_when_it_is_back() -> None:
    desk = Desk()
    desk.store.silent = True
    with capture_logs() as logs:
        async with desk.watching():
            desk.store.silent = False
            await asyncio.sleep(AGES_SECONDS)
    assert [(each["log_level"], each["event"]) for each in logs] == [
        ("warning", "watching fleet's keys failed: it is only polled"),
        ("info", "watching fleet's keys again"),
    ]


@virtual
async def test_a_store_that_is_not_fleets_is_told_once() -> None:
    desk = Desk()
    for key in (STATE, BEAT, MACHINE):
        desk.etcd.delete_prefix(key)
    with capture_logs() as logs:
        async with desk.watching():
            pass
    assert [each["event"] for each in logs] == [
        "fleet keeps no keys in the unit store: it is only polled"
    ]
