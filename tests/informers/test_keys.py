"""The keys informer: a mirror of two prefixes, which says how far and how lately it has seen."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from localcloud.etcd.model import EtcdModel
from steersman.informers.keys import PREFIXES, KeysInformer
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.mirror import Mirror, never
from steersman.model.observed import KeysSnapshot
from steersman.model.ports import Batch, Listing
from tests.informers.stories import Board, Ears
from tests.simulation.adapters_store import ModelStore
from tests.support.virtual import START, LoopClock, virtual

KEY = "/configs/elasticsearch"
IDLE_SECONDS = 5.0


class ModelClock:
    def now(self) -> float:
        return START.timestamp() + asyncio.get_running_loop().time()


class Deaf(ModelStore):
    """A store whose watch of one prefix can hang, and that can be denied to us."""

    def __init__(self, model: EtcdModel) -> None:
        super().__init__(model, ModelClock(), idle_seconds=IDLE_SECONDS)
        self.hangs = self.denies = ""

    async def list(self, prefix: str) -> Listing:
        if prefix == self.denies:
            raise OutsideError(ErrorClass.DENIED, "PERMISSION_DENIED", "not for you")
        return await super().list(prefix)

    async def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        async for batch in super().watch(prefix, after):
            if prefix == self.hangs:
                await asyncio.Event().wait()
            yield batch


class Desk:
    def __init__(self) -> None:
        self.followed: list[tuple[str, int, bool]] = []
        self.told_before: list[int] = []  # how many snapshots there were then
        self.etcd = EtcdModel(ModelClock())
        self.store = Deaf(self.etcd)
        self.board, self.ears = Board[KeysSnapshot](), Ears()

    def follow(self, prefix: str, seen: Mirror) -> None:
        self.followed.append((prefix, seen.revision, seen.listed))
        self.told_before.append(len(self.board.snapshots))

    @asynccontextmanager
    async def informing(self) -> AsyncIterator[None]:
        clock = LoopClock(asyncio.get_running_loop())
        informer = KeysInformer(self.store, clock, self.board, self.ears, self.follow, never)
        task = asyncio.create_task(informer.run())
        await asyncio.sleep(0.1)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


def age(snapshot: KeysSnapshot) -> float:
    assert snapshot.observed_at is not None
    return (LoopClock(asyncio.get_running_loop()).now() - snapshot.observed_at).total_seconds()


@virtual
async def test_a_snapshot_holds_both_prefixes_and_nothing_else() -> None:
    desk = Desk()
    for key in (KEY, "/services/elasticsearch/10.0.0.1", "/desired/unit/x"):
        desk.etcd.put(key, b"value")
    async with desk.informing():
        assert desk.board.last.items.keys() == {KEY, "/services/elasticsearch/10.0.0.1"}
        assert desk.board.last.revisions == dict.fromkeys(PREFIXES, desk.etcd.revision)


@virtual
async def test_how_far_a_listing_came_is_told_before_what_it_shows() -> None:
    desk = Desk()
    desk.etcd.put(KEY, b"value")
    backup = desk.etcd.dump()
    async with desk.informing():
        desk.etcd.put(KEY, b"another")
        await asyncio.sleep(IDLE_SECONDS)
        desk.followed.clear()
        desk.told_before.clear()
        shown = len(desk.board.snapshots)
        desk.etcd.load(backup)
        await asyncio.sleep(IDLE_SECONDS)
        assert desk.followed[0] == (PREFIXES[0], backup["revision"], True)
        assert desk.told_before[0] == shown


@virtual
async def test_a_write_is_seen_when_its_own_watch_has_come_so_far() -> None:
    desk = Desk()
    async with desk.informing():
        revision = desk.etcd.put(KEY, b"value")
        assert not desk.board.last.seen(KEY, revision)
        await asyncio.sleep(0.1)

        assert desk.board.last.seen(KEY, revision)
        assert not desk.board.last.seen(KEY, revision + 1)
        assert desk.board.last.items[KEY].revision == revision


@virtual
async def test_a_key_that_is_deleted_or_expires_leaves_the_snapshot() -> None:
    desk = Desk()
    revision = desk.etcd.put(KEY, b"value")
    desk.etcd.put("/services/x", b"value", ttl_seconds=60)
    async with desk.informing():
        desk.etcd.delete(KEY, revision)
        await asyncio.sleep(1)
        assert desk.board.last.items.keys() == {"/services/x"}

        await asyncio.sleep(60)
        assert desk.board.last.items == {}


@virtual
async def test_since_counts_from_the_last_change_of_the_value() -> None:
    desk = Desk()
    desk.etcd.put(KEY, b"value")
    async with desk.informing():
        first = desk.board.last.items[KEY].since
        await asyncio.sleep(10)
        desk.etcd.put(KEY, b"value")
        await asyncio.sleep(1)
        assert desk.board.last.items[KEY].since == first

        desk.etcd.put(KEY, b"another")
        await asyncio.sleep(1)
        assert desk.board.last.items[KEY].since != first


@virtual
async def test_silence_keeps_a_snapshot_fresh() -> None:
    desk = Desk()
    async with desk.informing():
        await asyncio.sleep(600)

        assert age(desk.board.last) <= IDLE_SECONDS + 1


@virtual
async def test_a_snapshot_is_no_fresher_than_the_watch_that_lags() -> None:
    desk = Desk()
    async with desk.informing():
        desk.store.hangs = "/services/"
        await asyncio.sleep(60)
        assert age(desk.board.last) >= 60 - IDLE_SECONDS


@virtual
async def test_an_outage_is_told_and_the_old_snapshot_gets_old() -> None:
    desk = Desk()
    desk.etcd.put(KEY, b"value")
    async with desk.informing():
        await desk.store.close()
        await asyncio.sleep(60)

        assert desk.ears.heard[-1] == ("keys", False)
        assert KEY in desk.board.last.items
        assert age(desk.board.last) > 50


@virtual
async def test_a_prefix_that_is_denied_is_logged_once_and_once_when_it_is_followed_again() -> None:
    desk = Desk()
    desk.store.denies = "/services/"
    with capture_logs() as logs:
        async with desk.informing():
            await asyncio.sleep(60)
            desk.store.denies = ""
            await asyncio.sleep(60)

    assert [(each["event"], each["prefix"]) for each in logs] == [
        ("following failed", "/services/"),
        ("following again", "/services/"),
    ]


@virtual
async def test_what_happens_while_the_watch_is_lost_is_seen_afterwards() -> None:
    desk = Desk()
    desk.etcd.put(KEY, b"value")
    async with desk.informing():
        desk.etcd.go_down()
        await asyncio.sleep(30)
        desk.etcd.come_back()
        desk.etcd.put(KEY, b"another")
        desk.etcd.compact(desk.etcd.revision)
        await asyncio.sleep(10)

        assert desk.board.last.items[KEY].value == "another"


@virtual
async def test_a_value_that_is_no_text_is_shown_as_far_as_it_is() -> None:
    desk = Desk()
    desk.etcd.put(KEY, b"\xff!")
    async with desk.informing():
        assert desk.board.last.items[KEY].value == "\N{REPLACEMENT CHARACTER}!"
