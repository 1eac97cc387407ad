"""The contract of a store's reads and writes: etcd v3, etcd v2 and the model keep it alike."""

from datetime import UTC, datetime, timedelta

import pytest

from steersman.model.errors import ErrorClass, FencedError, OutsideError, UnreachableError
from steersman.model.ports import Fence, Item, Store
from tests.contracts.backends import Backend
from tests.support.following import following


async def item(store: Store, key: str) -> Item:
    found = await store.get(key)
    assert found is not None
    return found


async def test_a_directory_that_does_not_exist_lists_as_empty(store: Store, root: str) -> None:
    listing = await store.list(root)

    assert listing.items == ()
    assert listing.revision > 0


async def test_a_key_that_does_not_exist_is_none(store: Store, root: str) -> None:
    assert await store.get(root + "a") is None


async def test_what_was_put_is_read_back(store: Store, root: str) -> None:
    revision = await store.put(root + "a b/ü%?#", b"1\n\0<&+\xc3\xa9")

    found = await item(store, root + "a b/ü%?#")
    assert (found.value, found.revision, found.created) == (b"1\n\0<&+\xc3\xa9", revision, revision)
    assert found.expires_at is None


async def test_an_empty_value_is_a_value(store: Store, root: str) -> None:
    await store.put(root + "a", b"")

    assert (await item(store, root + "a")).value == b""


async def test_a_list_has_every_depth_and_is_as_new_as_its_items(store: Store, root: str) -> None:
    await store.put(root + "b/c/d", b"2")
    last = await store.put(root + "a", b"1")

    listing = await store.list(root)

    assert {found.key: found.value for found in listing.items} == {
        root + "a": b"1",
        root + "b/c/d": b"2",
    }
    assert listing.revision >= last


async def test_a_prefix_does_not_match_its_siblings(store: Store, root: str) -> None:
    await store.put(root + "desiredx/a", b"")
    await store.put(root + "desired-/a", b"")
    await store.put(root + "desired/a", b"")

    listing = await store.list(root + "desired/")

    assert [found.key for found in listing.items] == [root + "desired/a"]


async def test_a_long_list_is_whole(store: Store, root: str) -> None:
    keys = [f"{root}{number:04}" for number in range(70)]
    for key in keys:
        await store.put(key, b"x" * 100)

    assert [found.key for found in (await store.list(root)).items] == keys


async def test_create_writes_only_what_is_absent(store: Store, root: str) -> None:
    revision = await store.create(root + "a", b"1")

    assert await store.create(root + "a", b"2") is None
    found = await item(store, root + "a")
    assert (found.value, found.revision) == (b"1", revision)


async def test_compare_and_swap_writes_only_over_the_revision_it_names(
    store: Store, root: str
) -> None:
    first = await store.put(root + "a", b"1")

    second = await store.compare_and_swap(root + "a", b"2", first)

    assert second is not None
    assert second > first
    assert await store.compare_and_swap(root + "a", b"3", first) is None
    found = await item(store, root + "a")
    assert (found.value, found.revision, found.created) == (b"2", second, first)


async def test_compare_and_swap_does_not_create(store: Store, root: str) -> None:
    gone = await store.put(root + "a", b"1")
    await store.compare_and_delete(root + "a", gone)

    assert await store.compare_and_swap(root + "a", b"2", gone) is None
    assert await store.get(root + "a") is None


async def test_compare_and_delete_deletes_only_the_revision_it_names(
    store: Store, root: str
) -> None:
    first = await store.put(root + "a", b"1")
    second = await store.put(root + "a", b"2")

    assert not await store.compare_and_delete(root + "a", first)
    assert (await item(store, root + "a")).value == b"2"
    assert await store.compare_and_delete(root + "a", second)
    assert await store.get(root + "a") is None
    assert not await store.compare_and_delete(root + "a", second)


async def test_a_key_that_was_deleted_and_made_again_has_a_new_creation(
    store: Store, root: str
) -> None:
    first = await store.put(root + "a", b"1")
    await store.compare_and_delete(root + "a", first)
    await store.create(root + "a", b"1")

    assert (await item(store, root + "a")).created > first


async def test_a_key_says_when_it_expires(store: Store, root: str) -> None:
    before = datetime.now(UTC)
    await store.put(root + "a", b"", ttl_seconds=3600)

    for found in (await item(store, root + "a"), (await store.list(root)).items[0]):
        assert found.expires_at is not None
        assert timedelta(minutes=50) < found.expires_at - before < timedelta(minutes=70)


async def test_a_ttl_ends_in_a_deletion_that_is_watched(store: Store, root: str) -> None:
    revision = await store.put(root + "a", b"", ttl_seconds=1)

    async with following(store, root, revision) as follower:
        await follower.until(lambda: bool(follower.changes))

    assert [(change.key, change.item) for change in follower.changes] == [(root + "a", None)]
    assert await store.get(root + "a") is None


async def test_a_refresh_keeps_a_key_alive_and_wakes_nobody(store: Store, root: str) -> None:
    revision: int | None = await store.put(root + "kept", b"", ttl_seconds=10)
    witness = await store.put(root + "witness", b"", ttl_seconds=12)

    async with following(store, root, witness) as follower:
        while not follower.changes:
            assert revision is not None
            revision = await store.refresh(root + "kept", 10, revision)
            await follower.another()

    assert follower.keys == [root + "witness"]
    assert (await item(store, root + "kept")).revision == revision


async def test_a_refresh_ends_the_claim_of_nobody_else(store: Store, root: str) -> None:
    stale = await store.put(root + "a", b"1", ttl_seconds=60)
    await store.put(root + "a", b"2", ttl_seconds=60)

    assert await store.refresh(root + "a", 60, stale) is None
    assert await store.refresh(root + "gone", 60, stale) is None
    assert (await item(store, root + "a")).value == b"2"


async def test_a_refresh_gives_the_ttl_that_it_names(store: Store, root: str) -> None:
    revision = await store.put(root + "a", b"1", ttl_seconds=600)

    renewed = await store.refresh(root + "a", 6000, revision)

    found = await item(store, root + "a")
    assert (found.value, found.revision) == (b"1", renewed)
    assert found.expires_at is not None
    assert found.expires_at - datetime.now(UTC) > timedelta(seconds=3000)


async def test_a_refresh_gives_a_ttl_to_a_key_that_has_none(store: Store, root: str) -> None:
    revision = await store.put(root + "a", b"1")

    renewed = await store.refresh(root + "a", 60, revision)

    found = await item(store, root + "a")
    assert (found.value, found.revision) == (b"1", renewed)
    assert found.expires_at is not None


async def test_a_write_without_a_ttl_takes_the_ttl_away(store: Store, root: str) -> None:
    first = await store.put(root + "put", b"", ttl_seconds=60)
    await store.put(root + "put", b"")
    first = await store.put(root + "swapped", b"", ttl_seconds=60)
    await store.compare_and_swap(root + "swapped", b"", first)

    assert (await item(store, root + "put")).expires_at is None
    assert (await item(store, root + "swapped")).expires_at is None


async def test_a_fence_that_holds_lets_writes_through(store: Store, root: str) -> None:
    fence = Fence(root + "leader", await store.put(root + "leader", b"us"))
    await store.put(root + "leader", b"us, later")  # a renewal is no new creation

    first = await store.create(root + "a", b"1", fence=fence)
    assert first is not None
    assert await store.create(root + "a", b"2", fence=fence) is None
    assert await store.compare_and_swap(root + "a", b"2", first + 100, fence=fence) is None
    assert not await store.compare_and_delete(root + "a", first + 100, fence=fence)
    second = await store.compare_and_swap(root + "a", b"2", first, fence=fence)
    assert second is not None
    assert await store.compare_and_delete(root + "a", second, fence=fence)
    assert await store.put(root + "a", b"3", ttl_seconds=60, fence=fence) > second


@pytest.mark.parametrize("replaced", [True, False], ids=["another leader", "no leader"])
async def test_a_fence_that_does_not_hold_stops_every_write(
    store: Store, root: str, replaced: bool
) -> None:
    ours = await store.put(root + "leader", b"us")
    await store.compare_and_delete(root + "leader", ours)
    if replaced:
        await store.put(root + "leader", b"them")
    revision = await store.put(root + "a", b"1")
    fence = Fence(root + "leader", ours)

    with pytest.raises(FencedError):
        await store.put(root + "a", b"2", fence=fence)
    with pytest.raises(FencedError):
        await store.put_all({root + "a": b"2", root + "b": b"2"}, fence=fence)
    with pytest.raises(FencedError):
        await store.create(root + "b", b"2", ttl_seconds=60, fence=fence)
    with pytest.raises(FencedError):
        await store.compare_and_swap(root + "a", b"2", revision, fence=fence)
    with pytest.raises(FencedError):
        await store.compare_and_delete(root + "a", revision, fence=fence)

    assert (await item(store, root + "a")).value == b"1"
    assert await store.get(root + "b") is None


async def test_a_store_without_fences_refuses_them(store: Store, root: str) -> None:
    fence = Fence(root + "leader", 1)

    with pytest.raises(ValueError, match="fence"):
        await store.put(root + "a", b"", fence=fence)
    with pytest.raises(ValueError, match="fence"):
        await store.create(root + "a", b"", fence=fence)
    with pytest.raises(ValueError, match="fence"):
        await store.compare_and_swap(root + "a", b"", 1, fence=fence)
    with pytest.raises(ValueError, match="fence"):
        await store.compare_and_delete(root + "a", 1, fence=fence)

    assert await store.get(root + "a") is None


async def test_bytes_that_are_no_text_are_kept_whole(store: Store, root: str) -> None:
    await store.put(root + "a", bytes(range(256)))

    assert (await item(store, root + "a")).value == bytes(range(256))


async def test_a_store_of_text_refuses_bytes_that_are_none(store: Store, root: str) -> None:
    with pytest.raises(OutsideError) as refused:
        await store.put(root + "a", bytes(range(256)))

    assert refused.value.kind is ErrorClass.INVALID
    assert await store.get(root + "a") is None


async def test_nobody_knows_what_became_of_a_write_without_an_answer(
    whole: Backend, whole_store: Store, root: str
) -> None:
    await whole_store.put(root + "a", b"1")
    await whole.black_out()

    with pytest.raises(UnreachableError) as failed:
        await whole_store.put(root + "a", b"2")

    assert failed.value.applied is None
    with pytest.raises(UnreachableError):
        await whole_store.get(root + "a")
    with pytest.raises(UnreachableError):
        await whole_store.list(root)
