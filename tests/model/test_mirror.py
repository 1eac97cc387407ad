"""A mirror: what it shows after a listing is what stands in the store, and each difference is told
once, whatever became of the watch between two listings."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from localcloud.etcd.model import EtcdModel
from steersman.model.errors import UnreachableError
from steersman.model.mirror import RELIST_LEAST_SECONDS, Mirror, mirror, relisting
from steersman.model.ports import Item
from tests.simulation.adapters_store import ModelStore
from tests.simulation.network import Line, Way
from tests.support.virtual import START, LoopClock, run_virtual, virtual

INTERVAL_SECONDS = 60.0
INTERVAL_MOST_SECONDS = 1.2 * INTERVAL_SECONDS
IDLE_SECONDS = 5.0
LATENCY_SECONDS = 0.1
RETRY_SECONDS = 1.0


class ModelClock:
    def now(self) -> float:
        return START.timestamp() + asyncio.get_running_loop().time()


class Desk:
    """A store, and who keeps a copy of it by what each mirror says has changed."""

    def __init__(self) -> None:
        self.etcd = EtcdModel(ModelClock())
        self.backup = self.etcd.dump()
        self.copy: dict[str, Item] = {}
        self.listings = 0
        self.changes = 0

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._follow())
        await asyncio.sleep(1)
        try:
            yield
            assert not task.done()
        finally:
            task.cancel()
            await asyncio.wait([task])

    def shows(self) -> dict[str, tuple[int, bytes]]:
        return {key: (each.revision, each.value) for key, each in self.copy.items()}

    def holds(self) -> dict[str, tuple[int, bytes]]:
        return {each.key: (each.modified, each.value) for each in self.etcd.under("/d/")[1]}

    async def vanish(self, seconds: float = 3.0) -> None:
        self.etcd.go_down()
        await asyncio.sleep(seconds)
        self.etcd.come_back()

    def restore(self) -> None:
        """The backup, written to until it is further than the store ever was."""
        furthest = self.etcd.revision
        self.etcd.load(self.backup)
        while self.etcd.revision <= furthest:
            self.etcd.put("/elsewhere", b"")

    async def _follow(self) -> None:
        clock = LoopClock(asyncio.get_running_loop())
        line = Line("anybody", "etcd", Way(LATENCY_SECONDS))
        store = ModelStore(self.etcd, ModelClock(), idle_seconds=IDLE_SECONDS, line=line)
        relist = relisting(clock, random.Random(1), INTERVAL_SECONDS)
        while True:
            with suppress(UnreachableError):  # a listing that failed: the next mirror begins anew
                async with aclosing(mirror(store, "/d/", relist)) as mirrors:
                    self.copy = {}
                    async for seen in mirrors:
                        self._take(seen)
            await asyncio.sleep(RETRY_SECONDS)

    def _take(self, seen: Mirror) -> None:
        self.listings += seen.listed
        self.changes += len(seen.changed)
        for key in seen.changed:
            item = seen.items.get(key)
            assert item is None or item != self.copy.get(key), f"{key} was told before"
            self.copy.pop(key, None)
            self.copy.update({key: item} if item else {})
        assert self.copy == seen.items


NAMES = st.sampled_from(["/d/a", "/d/b", "/d/c"])
STEPS = st.lists(
    st.tuples(st.just("put"), NAMES)
    | st.tuples(st.just("delete"), NAMES)
    | st.tuples(st.just("sleep"), st.sampled_from([0.02, 0.15, 4.0, INTERVAL_MOST_SECONDS]))
    | st.tuples(st.sampled_from(["back up", "restore", "vanish"]), st.none()),
    max_size=30,
)


async def happen(desk: Desk, what: str, about: Any, value: bytes) -> None:
    if what == "put":
        desk.etcd.put(about, value)
    elif what == "delete":
        desk.etcd.delete_prefix(about)
    elif what == "sleep":
        await asyncio.sleep(about)
    elif what == "back up":
        desk.backup = desk.etcd.dump()
    elif what == "restore":
        desk.restore()
    else:
        await desk.vanish(1)


# An answer is on its way when the store goes down: the listing that it gives rise to fails.
DOWN_BEFORE_A_LISTING = [
    ("put", "/d/a"),
    ("sleep", 0.02),
    ("put", "/d/a"),
    ("sleep", 0.15),
    ("vanish", None),
]


@example(DOWN_BEFORE_A_LISTING)
@given(STEPS)
def test_it_comes_to_show_what_stands_there_and_tells_nothing_twice(
    steps: list[tuple[str, Any]],
) -> None:
    async def story() -> None:
        desk = Desk()
        async with desk.following():
            for number, (what, about) in enumerate(steps):
                await happen(desk, what, about, str(number).encode())
            await asyncio.sleep(INTERVAL_MOST_SECONDS + IDLE_SECONDS + 1)
            assert desk.shows() == desk.holds()

    run_virtual(story())


@virtual
async def test_listings_of_what_did_not_change_tell_nothing() -> None:
    desk = Desk()
    for name in "abc":
        desk.etcd.put(f"/d/{name}", b"", ttl_seconds=10_000)  # listed anew, its end is another
    async with desk.following():
        before, changes = dict(desk.copy), desk.changes
        await asyncio.sleep(10 * INTERVAL_MOST_SECONDS)

        assert 10 <= desk.listings <= 13
        assert desk.changes == changes
        assert all(desk.copy[key] is before[key] for key in before)


@virtual
async def test_a_store_that_was_away_is_listed_as_soon_as_it_answers() -> None:
    desk = Desk()
    async with desk.following():
        desk.etcd.put("/d/a", b"")
        await asyncio.sleep(5)
        desk.etcd.go_down()
        await asyncio.sleep(3)
        desk.etcd.come_back()
        desk.restore()
        await asyncio.sleep(IDLE_SECONDS + 1)

        assert desk.holds() == desk.shows() == {}


@virtual
async def test_a_connection_that_breaks_all_the_time_is_no_reason_to_list_all_the_time() -> None:
    desk = Desk()
    async with desk.following():
        for _ in range(100):
            await desk.vanish(0.15)
            await asyncio.sleep(0.15)

        assert desk.listings <= 30 / RELIST_LEAST_SECONDS + 1
