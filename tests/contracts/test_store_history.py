"""The contract of a store whose history is short, whose lists are long, and whose keys hide."""

import asyncio

import pytest

from steersman.clients.etcd3 import Etcd3Store
from steersman.clients.etcd3.wire import Message
from steersman.model.errors import ErrorClass, OutsideError, WatchLostError
from steersman.model.ports import Store
from tests.contracts.backends import PAGE_KEYS, Etcd2Backend, Etcd3Backend
from tests.support.following import Follower, following

_V2_HISTORY_EVENTS = 1000


class CompactedUnderway(Etcd3Store):
    """After each page that it reads somebody writes, and compacts the history."""

    def __init__(self, backend: Etcd3Backend) -> None:
        access = backend.deployment.access
        super().__init__(backend.cluster.endpoints, access, page_keys=PAGE_KEYS)
        self._backend = backend

    async def _page(self, start: bytes, prefix: str, revision: int, limit: int) -> Message:
        page = await super()._page(start, prefix, revision, limit)
        await self._backend.write_elsewhere(1)
        await self._backend.forget_history()
        return page


async def test_a_list_of_more_than_4_mib_is_whole(store: Store, root: str) -> None:
    """4 MiB is what gRPC takes at once unless it is told otherwise."""
    values = {f"{root}{letter}": letter.encode() * 500_000 for letter in "abcdefghij"}
    for key, value in values.items():
        await store.put(key, value)

    assert {item.key: item.value for item in (await store.list(root)).items} == values


async def test_a_list_shows_one_moment_however_many_pages_it_has(store: Store, root: str) -> None:
    """The last key is always written right after the first."""
    for number in range(50):
        await store.put(f"{root}m/{number:02}", b"")
    for name in ("a", "z"):
        await store.put(root + name, b"0")

    async def write() -> None:
        for number in range(1, 1_000_000):
            await store.put(root + "a", str(number).encode())
            await store.put(root + "z", str(number).encode())

    writing = asyncio.create_task(write())
    for _ in range(10):
        items = (await store.list(root)).items
        first, last = int(items[0].value), int(items[-1].value)
        assert (items[0].key, items[-1].key, len(items)) == (root + "a", root + "z", 52)
        assert last <= first <= last + 1
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing


async def test_a_list_that_was_compacted_between_two_pages_fails_whole(
    v3: Etcd3Backend, whole_store: Store, root: str
) -> None:
    """The next try begins at a revision that is still there."""
    for number in range(3 * PAGE_KEYS):
        await whole_store.put(f"{root}{number:03}", b"")

    unlucky = CompactedUnderway(v3)
    with pytest.raises(OutsideError) as failed:
        await unlucky.list(root)
    await unlucky.close()
    assert failed.value.kind is ErrorClass.CONFLICT
    assert len((await whole_store.list(root)).items) == 3 * PAGE_KEYS


async def test_a_watch_is_lost_when_foreign_keys_have_cleared_the_history(
    v2: Etcd2Backend, whole_store: Store, root: str
) -> None:
    start = await whole_store.put(root + "a", b"1")
    await whole_store.put(root + "a", b"2")
    await v2.write_elsewhere(_V2_HISTORY_EVENTS)

    with pytest.raises(WatchLostError, match="cleared"):
        await Follower(whole_store, root, start).end()


async def test_a_watch_is_lost_when_refreshes_have_cleared_the_history(
    v2: Etcd2Backend, whole_store: Store, root: str
) -> None:
    """A refresh is told to no watch, and takes a place in the history all the same."""
    start = await whole_store.put(root + "a", b"1")
    await whole_store.put(root + "a", b"2")
    await v2.refresh_elsewhere(_V2_HISTORY_EVENTS)

    with pytest.raises(WatchLostError, match="cleared"):
        await Follower(whole_store, root, start).end()


async def test_a_quiet_watch_outlives_any_number_of_refreshes_elsewhere(
    v2: Etcd2Backend, whole_store: Store, root: str
) -> None:
    start = (await whole_store.list(root)).revision

    async with following(whole_store, root, start) as follower:
        for _ in range(3):
            await v2.refresh_elsewhere(400)
            await follower.another()
            await follower.another()
        await whole_store.put(root + "a", b"")
        await follower.until(lambda: bool(follower.changes))

    assert follower.keys == [root + "a"]


async def test_a_directory_that_expires_is_a_deletion_of_each_key(
    v2: Etcd2Backend, whole_store: Store, root: str
) -> None:
    for name in ("services/a", "services/b/c", "servicesx"):
        start = await whole_store.put(root + name, b"")

    async with following(whole_store, root, start) as follower:
        late = await whole_store.create(root + "services/late", b"")
        assert late is not None
        await v2.expire_directory(root + "services/", after_seconds=1)
        await follower.until(lambda: follower.count >= 4)

    gone = sorted(change.key for change in follower.changes if change.item is None)
    assert gone == [root + f"services/{name}" for name in ("a", "b/c", "late")]
    assert [item.key for item in (await whole_store.list(root)).items] == [root + "servicesx"]


async def test_hidden_keys_are_hidden_from_a_watch_that_begins_in_the_past(
    v2: Etcd2Backend, whole_store: Store, root: str
) -> None:
    start = await whole_store.put(root + "a", b"")
    await whole_store.put(root + "_secret/b", b"")
    await whole_store.put(root + "c", b"")

    async with following(whole_store, root, start) as follower:
        await follower.until(lambda: root + "c" in follower.keys)
    listing = await whole_store.list(root)

    assert follower.keys == [root + "c"]
    assert [item.key for item in listing.items] == [root + "a", root + "c"]
