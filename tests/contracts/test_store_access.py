"""The contract of a store that asks who is there: TLS, a client certificate, a password."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from steersman.clients.etcd_access import Access
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from steersman.model.ports import Store
from tests.contracts.backends import TOKEN_SECONDS, RealBackend
from tests.support.certificates import Authority
from tests.support.following import Follower, following

Call = Callable[[Store, str], Awaitable[object]]

CALLS = [
    pytest.param(lambda store, root: store.list(root), id="list"),
    pytest.param(lambda store, root: store.get(root + "a"), id="get"),
    pytest.param(lambda store, root: store.put(root + "a", b""), id="put"),
    pytest.param(lambda store, root: store.put(root + "a", b"", ttl_seconds=9), id="put with TTL"),
    pytest.param(lambda store, root: store.create(root + "a", b""), id="create"),
    pytest.param(lambda store, root: store.compare_and_swap(root + "a", b"", 1), id="swap"),
    pytest.param(lambda store, root: store.compare_and_delete(root + "a", 1), id="delete"),
    pytest.param(lambda store, root: store.refresh(root + "a", 9, 1), id="refresh"),
    pytest.param(lambda store, root: Follower(store, root, 1).end(), id="watch"),
]


@pytest.mark.parametrize("call", CALLS)
async def test_what_the_user_may_not_touch_is_denied(whole_store: Store, call: Call) -> None:
    with pytest.raises(OutsideError) as refused:
        await call(whole_store, "/forbidden/")

    assert (refused.value.kind, refused.value.applied) == (ErrorClass.DENIED, False)


@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param("steersman", "wrong", id="a wrong password"),
        pytest.param("nobody", "letmein", id="an unknown user"),
        pytest.param(None, "", id="no user"),
    ],
)
async def test_who_is_not_let_in_is_denied(
    real: RealBackend, root: str, username: str | None, password: str
) -> None:
    access = replace(real.deployment.access, username=username, password=password)
    store = real.open_at(*real.cluster.endpoints, access=access)

    with pytest.raises(OutsideError) as refused:
        await store.put(root + "a", b"")
    assert refused.value.kind is ErrorClass.DENIED
    with pytest.raises(OutsideError) as refused:
        await Follower(store, root, 1).end()
    assert refused.value.kind is ErrorClass.DENIED
    await store.close()


async def test_without_a_client_certificate_nothing_is_answered(
    real: RealBackend, root: str
) -> None:
    await refused_at_the_door(real, replace(real.deployment.access, cert=None, key=None), root)


async def test_a_server_of_another_authority_is_not_spoken_to(
    real: RealBackend, root: str, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "another").client()
    await refused_at_the_door(real, replace(real.deployment.access, ca=other.ca), root)


async def refused_at_the_door(real: RealBackend, access: Access, root: str) -> None:
    store = real.open_at(*real.cluster.endpoints, access=access)
    with pytest.raises(UnreachableError):
        await store.put(root + "a", b"")
    with pytest.raises(UnreachableError):
        await store.list(root)
    await store.close()


async def test_a_login_that_ran_out_is_made_again(whole_store: Store, root: str) -> None:
    start = await whole_store.put(root + "a", b"1")
    async with following(whole_store, root, start) as follower:
        await asyncio.sleep(2 * TOKEN_SECONDS)  # unused for so long, a login ends
        await whole_store.put(root + "a", b"2")
        await follower.until(lambda: follower.count == 1)
        await asyncio.sleep(2 * TOKEN_SECONDS)
        assert len((await whole_store.list(root)).items) == 1
        async with following(whole_store, root, start) as another:
            await another.until(lambda: another.count == 1)
