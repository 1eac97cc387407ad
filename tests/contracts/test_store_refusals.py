"""The contract of a store that refuses: to whoever lost a claim, and to all when it is full."""

import pytest

from steersman.engine.leader import NO_REVISION
from steersman.model.errors import ErrorClass, FencedError, OutsideError
from steersman.model.ports import Fence, Store
from tests.contracts.backends import Etcd3Backend
from tests.support.following import following


async def test_a_claim_that_ran_out_cannot_be_renewed(store: Store, root: str) -> None:
    revision = await store.put(root + "claim", b"us", ttl_seconds=1)

    async with following(store, root, revision) as follower:
        await follower.until(lambda: bool(follower.changes))

    assert await store.refresh(root + "claim", 1, revision) is None
    theirs = await store.create(root + "claim", b"them", ttl_seconds=60)
    assert theirs is not None
    assert await store.refresh(root + "claim", 60, revision) is None


async def test_a_leader_whose_lease_was_revoked_writes_nothing_more(
    v3: Etcd3Backend, whole_store: Store, root: str
) -> None:
    revision = await whole_store.put(root + "leader", b"us", ttl_seconds=60)
    fence = Fence(root + "leader", revision)
    await whole_store.put(root + "a", b"1", fence=fence)

    await v3.revoke(root + "leader")

    assert await whole_store.refresh(root + "leader", 60, revision) is None
    with pytest.raises(FencedError):
        await whole_store.put(root + "a", b"2", fence=fence)


async def test_an_etcd_without_space_takes_no_writes_and_does_all_else(
    v3: Etcd3Backend, whole_store: Store, root: str
) -> None:
    claim = await whole_store.put(root + "claim", b"", ttl_seconds=60)
    start = await whole_store.put(root + "a", b"1")
    await v3.no_space(alarm=True)
    try:
        for ttl_seconds in (None, 60):
            with pytest.raises(OutsideError) as refused:
                await whole_store.put(root + "b", b"", ttl_seconds=ttl_seconds)
            assert refused.value.kind is ErrorClass.QUOTA
            assert refused.value.applied is False
        with pytest.raises(OutsideError):  # nor one that would not have come to be
            await whole_store.compare_and_swap(root + "claim", b"", NO_REVISION)
        assert await whole_store.refresh(root + "claim", 60, claim) == claim
        async with following(whole_store, root, start) as follower:
            assert await whole_store.compare_and_delete(root + "a", start)
            await follower.until(lambda: follower.keys == [root + "a"])
    finally:
        await v3.no_space(alarm=False)

    await whole_store.put(root + "b", b"")
    assert await whole_store.compare_and_swap(root + "claim", b"", NO_REVISION) is None
