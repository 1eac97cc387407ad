"""The contract of a store's watch: etcd v3, etcd v2 and the model keep it alike."""

import asyncio
from contextlib import aclosing

import pytest

from steersman.model.errors import UnreachableError, WatchLostError
from steersman.model.ports import Store
from tests.contracts.backends import Backend
from tests.support.following import DEADLINE_SECONDS, Follower, answered, following

Written = dict[int, tuple[str, bytes]]


async def write(store: Store, root: str, name: str, count: int, written: Written) -> None:
    for number in range(count):
        key, value = f"{root}{name}/{number % 7}", f"{number}".encode()
        written[await store.put(key, value)] = (key, value)


def seen(follower: Follower) -> Written:
    """What the watch has told of writes, by revision."""
    items = [change.item for change in follower.changes if change.item is not None]
    assert [item.revision for item in items] == sorted({item.revision for item in items})
    return {item.revision: (item.key, item.value) for item in items}


async def test_list_and_watch_leave_no_gap_between_them(store: Store, root: str) -> None:
    written: Written = {}
    async with asyncio.TaskGroup() as group:
        for name in ("a", "b", "c"):
            group.create_task(write(store, root, name, 25, written))
        while len(written) < 20:
            listing = await store.list(root)
        async with following(store, root, listing.revision) as follower:
            await follower.until(lambda: len(written) == 75 and max(written) in seen(follower))

    assert seen(follower) == {r: kv for r, kv in written.items() if r > listing.revision}
    state = {item.key: item.value for item in listing.items}
    state.update(seen(follower).values())
    assert state == {item.key: item.value for item in (await store.list(root)).items}


async def test_a_watch_goes_on_where_it_was_after_a_crash(
    whole: Backend, whole_store: Store, root: str
) -> None:
    written: Written = {}
    start = (await whole_store.list(root)).revision
    await write(whole_store, root, "before", 15, written)

    async with following(whole_store, root, start) as follower:
        await follower.until(lambda: bool(seen(follower)))
        await whole.crash()
        await whole.recover()
        await answered(lambda: write(whole_store, root, "after", 15, written))
        await follower.until(lambda: max(written) in seen(follower))

    assert written.items() <= seen(follower).items()  # a write without an answer may be there


async def test_the_first_word_after_a_break_says_that_there_was_one(
    whole: Backend, whole_store: Store, root: str
) -> None:
    start = (await whole_store.list(root)).revision

    async with following(whole_store, root, start) as follower:
        assert not follower.batches[0].resumed
        await whole.black_out()
        with pytest.raises(UnreachableError):
            await whole_store.list(root)
        before = len(follower.batches)  # as many as there will be while nobody answers
        await whole.recover()
        await follower.until(lambda: len(follower.batches) > before)

        assert follower.batches[before].resumed
        await follower.until(lambda: not follower.batches[-1].resumed)


async def test_deletions_are_watched(store: Store, root: str) -> None:
    start = await store.put(root + "a", b"")

    async with following(store, root, start) as follower:
        await store.compare_and_delete(root + "a", start)
        await follower.until(lambda: bool(follower.changes))

    assert [(change.key, change.item) for change in follower.changes] == [(root + "a", None)]
    assert follower.batches[-1].revision > start


async def test_a_directory_that_is_removed_at_once_is_a_deletion_of_each_key(
    backend: Backend, store: Store, root: str
) -> None:
    for name in ("desired/a", "desired/b/c", "desiredx/a"):
        await store.put(root + name, b"")
    start = (await store.list(root)).revision

    async with following(store, root, start) as follower:
        await store.put(root + "desired/late", b"")
        await backend.remove_tree(root + "desired/")
        await store.put(root + "end", b"")
        await follower.until(lambda: root + "end" in follower.keys)

    assert sorted(change.key for change in follower.changes if change.item is None) == [
        root + "desired/a",
        root + "desired/b/c",
        root + "desired/late",
    ]


async def test_a_watched_directory_may_vanish_with_all_above_it(
    backend: Backend, store: Store, root: str
) -> None:
    start = await store.put(root + "services/es/10.0.0.1", b"")

    async with following(store, root + "services/es/", start) as follower:
        await backend.remove_tree(root + "services/")
        await follower.until(lambda: bool(follower.changes))
        again = await store.put(root + "services/es/10.0.0.2", b"")
        await follower.until(lambda: again in seen(follower))

    assert follower.keys == [root + "services/es/10.0.0.1", root + "services/es/10.0.0.2"]


async def test_siblings_of_a_prefix_are_not_watched(
    backend: Backend, store: Store, root: str
) -> None:
    start = await store.put(root + "desired/a", b"")

    async with following(store, root + "desired/", start) as follower:
        await store.put(root + "desiredx/a", b"")
        await backend.remove_tree(root + "desiredx/")
        await store.put(root + "desired/b", b"")
        await follower.until(lambda: bool(follower.changes))

    assert follower.keys == [root + "desired/b"]


async def test_silence_is_broken_by_empty_batches(store: Store, root: str) -> None:
    start = (await store.list(root)).revision

    async with following(store, root, start) as follower:
        await follower.until(lambda: len(follower.batches) >= 3)

    assert follower.changes == []
    assert all(batch.revision >= start for batch in follower.batches)


async def test_a_quiet_watch_outlives_any_number_of_changes_elsewhere(
    backend: Backend, store: Store, root: str
) -> None:
    start = (await store.list(root)).revision

    async with following(store, root, start) as follower:
        for _ in range(3):  # together more than etcd v2 remembers
            await backend.write_elsewhere(400)
            await follower.another()
            await follower.another()
        await store.put(root + "a", b"")
        await follower.until(lambda: bool(follower.changes))

    assert follower.keys == [root + "a"]


async def test_a_watch_from_a_time_that_is_forgotten_is_lost(
    whole: Backend, whole_store: Store, root: str
) -> None:
    start = await whole_store.put(root + "a", b"1")
    await whole_store.put(root + "a", b"2")
    await whole_store.put(root + "a", b"3")
    await whole.forget_history()

    with pytest.raises(WatchLostError):
        await Follower(whole_store, root, start).end()


async def test_a_watch_on_a_store_that_lost_its_data_is_lost(
    whole: Backend, whole_store: Store, root: str
) -> None:
    for _ in range(20):
        start = await whole_store.put(root + "a", b"1")

    async with following(whole_store, root, start) as follower:
        await whole.start_over()
        with pytest.raises(WatchLostError):
            await follower.end()


async def test_a_watch_from_a_revision_that_the_store_never_had_is_lost(
    store: Store, root: str
) -> None:
    start = (await store.list(root)).revision

    with pytest.raises(WatchLostError):
        await Follower(store, root, start + 1_000_000).end()


async def test_closing_the_store_ends_its_watches(backend: Backend, root: str) -> None:
    store = backend.open()
    start = (await store.list(root)).revision

    async with following(store, root, start) as follower:
        await store.close()
        await follower.end()


async def test_a_watch_can_be_left_at_any_batch(store: Store, root: str) -> None:
    start = await store.put(root + "a", b"1")
    await store.put(root + "a", b"2")

    watch = store.watch(root, start)
    async with asyncio.timeout(DEADLINE_SECONDS), aclosing(watch):
        async for batch in watch:
            if batch.changes:
                break

    assert (await store.list(root)).items[0].value == b"2"
