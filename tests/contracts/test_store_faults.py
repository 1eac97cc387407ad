"""The contract of a store while servers die, connections freeze and answers are lost."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from contextlib import aclosing, suppress
from typing import Any

import pytest

from steersman.app.daemon import SystemClock
from steersman.model.errors import UnreachableError, WatchLostError
from steersman.model.mirror import mirror, relisting
from steersman.model.ports import Change, Store
from tests.contracts.backends import IDLE_SECONDS, PREFIX, Backend, RealBackend
from tests.contracts.matrix import Cell
from tests.support.following import RETRY_SECONDS, Follower, answered, following
from tests.support.proxy import Proxy, relayed

CATCH_UP_EVENTS = 30_000
CATCH_UP_DEADLINE_SECONDS = 240.0
SLOW_SECONDS = 600
WRITERS = 64
LOAD_EVENTS = 3_000
LOAD_SECONDS = 240.0  # for a third of them, on a busy machine
LOAD_EVENTS_SLOW_LOGIN = 100  # v2 takes 60 ms to look at a password
LAG_EVENTS = 300  # of a watch behind the writer; v2 forgets after 1000 events
# gRPC pings every 6 s and waits for 3 s; a request that was on its way fails after 10 s.
FROZEN_SECONDS = 40.0  # on a busy machine; without those pings it takes more than a minute
LEADERLESS_SECONDS = 60.0
RESTORED_SECONDS = 90.0

Revisions = dict[int, tuple[str, bytes]]
Call = Callable[[Store, str], Coroutine[Any, Any, object]]


async def stored(store: Store, root: str) -> Revisions:
    """What each revision has left behind, where no key was written twice."""
    return {item.revision: (item.key, item.value) for item in (await store.list(root)).items}


def told(changes: Iterable[Change]) -> Revisions:
    """What a watch has told, each revision once and in order."""
    items = [change.item for change in changes if change.item is not None]
    revisions = [item.revision for item in items]
    assert revisions == sorted(set(revisions))
    return {item.revision: (item.key, item.value) for item in items}


@pytest.mark.slow
@pytest.mark.timeout(SLOW_SECONDS)
async def test_a_long_catch_up_over_a_kill_misses_nothing_and_tells_nothing_twice(
    whole: Backend, whole_store: Store, root: str
) -> None:
    start = (await whole_store.list(root)).revision
    numbers = iter(range(CATCH_UP_EVENTS))

    async def write() -> None:
        for number in numbers:
            await whole_store.put(f"{root}{number:05}", f"{number}".encode())

    async with asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(write())
    written = await stored(whole_store, root)
    assert len(written) == CATCH_UP_EVENTS

    changes: list[Change] = []
    killed = False
    async with (
        asyncio.timeout(CATCH_UP_DEADLINE_SECONDS),
        aclosing(whole_store.watch(root, start)) as watch,
    ):
        async for batch in watch:  # and what is not taken cannot all have been sent
            changes += batch.changes
            if len(changes) >= CATCH_UP_EVENTS:
                break
            if not killed and len(changes) > CATCH_UP_EVENTS // 10:
                killed = True
                await whole.crash()
                await whole.recover()

    assert killed
    assert told(changes) == written


@pytest.mark.slow
@pytest.mark.timeout(SLOW_SECONDS)
async def test_a_kill_under_load_loses_no_event_and_tells_none_twice(
    cell: Cell, whole: Backend, whole_store: Store, root: str
) -> None:
    slow_login = cell.api == "v2" and cell.secured
    count = LOAD_EVENTS_SLOW_LOGIN if slow_login else LOAD_EVENTS
    acknowledged: Revisions = {}

    async def write() -> None:
        """A write without an answer is not tried again: it may be there or not."""
        for number in range(count):
            key, value = f"{root}{number:05}", f"{number}".encode()
            try:
                acknowledged[await whole_store.put(key, value)] = (key, value)
            except UnreachableError:
                await answered(lambda: whole_store.list(root))
            await follower.until(lambda: follower.count > len(acknowledged) - LAG_EVENTS)

    start = (await whole_store.list(root)).revision
    async with following(whole_store, root, start) as follower, asyncio.TaskGroup() as group:
        writing = group.create_task(write())
        await follower.until(lambda: follower.count > count // 3, seconds=LOAD_SECONDS)
        await whole.crash()
        await whole.recover()
        await writing
        written = await answered(lambda: stored(whole_store, root))
        await follower.until(lambda: follower.count >= len(written))

    assert told(follower.changes) == written
    assert acknowledged.items() <= written.items()
    assert len(acknowledged) > count // 2


async def test_the_other_members_take_over_from_a_dead_one(
    whole: Backend, whole_store: Store, root: str
) -> None:
    await whole_store.put(root + "a", b"1")
    await whole.crash()

    with pytest.raises(UnreachableError) as failed:
        await whole_store.put(root + "a", b"2")
    assert failed.value.applied is None
    await answered(lambda: whole_store.put(root + "a", b"3"))  # at once, unless it was the leader

    (found,) = (await whole_store.list(root)).items
    assert found.value == b"3"


async def test_a_frozen_connection_is_noticed_in_time(real: RealBackend, root: str) -> None:
    """Nobody closes it, and the way behind it is open to whoever connects anew."""
    first, *others = real.cluster.endpoints
    async with relayed(first) as proxy:
        store, direct = real.open_at(proxy.endpoint, *others), real.open()
        start = (await store.list(root)).revision
        async with following(store, root, start) as follower:
            proxy.freeze()
            await direct.put(root + "a", b"")
            async with asyncio.timeout(FROZEN_SECONDS):
                await answered(lambda: store.list(root))
                await follower.until(lambda: follower.keys == [root + "a"])
        await store.close()
        await direct.close()


async def test_a_write_whose_answer_was_lost_is_not_sent_again(
    real: RealBackend, root: str
) -> None:
    first, *others = real.cluster.endpoints
    async with relayed(first) as proxy:
        direct = real.open()
        mine = await direct.put(root + "mine", b"")
        doomed = await direct.put(root + "doomed", b"")
        start = (await direct.list(root)).revision
        async with following(direct, root, start) as follower:
            for write in (
                lambda store: store.create(root + "new", b""),
                lambda store: store.compare_and_swap(root + "mine", b"changed", mine),
                lambda store: store.compare_and_delete(root + "doomed", doomed),
            ):
                store = real.open_at(proxy.endpoint, *others)
                await lose_the_answer(store, proxy, write, follower)
                await store.close()
            await direct.put(root + "end", b"")
            await follower.until(lambda: root + "end" in follower.keys)
        await direct.close()

    assert follower.keys == [root + name for name in ("new", "mine", "doomed", "end")]


async def lose_the_answer(
    store: Store,
    proxy: Proxy,
    write: Callable[[Store], Coroutine[Any, Any, object]],
    witness: Follower,
) -> None:
    """The write is applied, which the witness sees; then the connection breaks, and comes back."""
    await store.get(PREFIX + "any")  # now there is a connection to use again
    count = witness.count
    proxy.withhold_answers()
    writing = asyncio.create_task(write(store))
    await witness.until(lambda: witness.count > count)
    proxy.cut()
    with pytest.raises(UnreachableError) as failed:
        await writing
    assert failed.value.applied is None
    await answered(lambda: store.get(PREFIX + "any"))


@pytest.mark.parametrize(
    ("call", "applied"),
    [
        pytest.param(lambda store, key: store.get(key), False, id="get"),
        pytest.param(lambda store, key: store.put(key, b""), None, id="put"),
    ],
)
async def test_closing_the_store_fails_the_calls_under_way(
    real: RealBackend, root: str, call: Call, applied: bool | None
) -> None:
    """Nobody has cancelled the task that waits for them, so it is not told so."""
    async with relayed(real.cluster.endpoints[0]) as proxy:
        store = real.open_at(proxy.endpoint)
        await store.list(root)
        proxy.freeze()
        calling = asyncio.create_task(call(store, root + "a"))
        await asyncio.sleep(IDLE_SECONDS)  # nothing is to be seen of a call on its way
        await store.close()

        with pytest.raises(UnreachableError) as failed:
            await calling

    assert failed.value.applied is applied


async def test_a_member_without_a_leader_does_not_pass_for_alive(
    real: RealBackend, root: str
) -> None:
    """It keeps its watches open, and answers whoever does not ask for the others' word."""
    alone = real.cluster.members[0]
    store = real.open_at(alone.endpoint)
    start = (await store.list(root)).revision
    async with following(store, root, start) as follower:
        await real.crash_all_but(alone)
        async with asyncio.timeout(LEADERLESS_SECONDS):
            while await says_something(follower):
                pass
        await real.recover()
        await answered(lambda: store.create(root + "a", b""))
        await follower.until(lambda: bool(follower.changes))
        written = await answered(lambda: stored(store, root))
    await store.close()

    assert told(follower.changes) == written


async def says_something(follower: Follower) -> bool:
    """Within the time in which a watch that is alive would have broken its silence twice."""
    try:
        async with asyncio.timeout(4 * IDLE_SECONDS):
            await follower.another()
    except TimeoutError:
        return False
    return True


async def test_a_mirror_of_a_backup_that_is_further_by_now_shows_what_stands_there(
    real: RealBackend, root: str
) -> None:
    direct = real.open()
    await direct.put(root + "a", b"old")
    await real.back_up()
    for _ in range(20):
        last = await answered(lambda: direct.put(root + "a", b"new"))

    async with relayed(real.cluster.endpoints[0]) as proxy:
        store, shown = real.open_at(proxy.endpoint), dict[str, bytes]()
        following = asyncio.create_task(show(store, root, shown))
        async with asyncio.timeout(RESTORED_SECONDS):
            await until(lambda: shown == {root + "a": b"new"})
            proxy.part()
            await real.restore()
            while (await answered(lambda: direct.list(root))).revision <= last:
                await real.write_elsewhere(20)
            proxy.thaw()
            proxy.cut()
            await until(lambda: shown == {root + "a": b"old"})
        following.cancel()
        await asyncio.wait({following})
        await store.close()
    await direct.close()


async def show(store: Store, prefix: str, shown: dict[str, bytes]) -> None:
    """Keep `shown` as a mirror is. It ends when a listing fails, and another takes its place."""
    relist = relisting(SystemClock(), random.Random(1), interval_seconds=3600)
    while True:
        with suppress(UnreachableError):
            async with aclosing(mirror(store, prefix, relist)) as mirrors:
                async for seen in mirrors:
                    shown.clear()
                    shown.update({key: item.value for key, item in seen.items.items()})
        await asyncio.sleep(RETRY_SECONDS)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - a mirror tells nobody but who follows it
        await asyncio.sleep(0.02)


async def test_a_watch_on_a_store_that_was_restored_from_a_backup_is_lost(
    whole: Backend, whole_store: Store, root: str
) -> None:
    await whole_store.put(root + "kept", b"")
    await whole.back_up()
    for _ in range(20):
        start = await answered(lambda: whole_store.put(root + "lost", b""))

    async with following(whole_store, root, start) as follower:
        await whole.restore()
        with pytest.raises(WatchLostError):
            await follower.end()

    listing = await answered(lambda: whole_store.list(root))
    assert [item.key for item in listing.items] == [root + "kept"]
    assert listing.revision < start
