"""The v3 store: what the contract of all stores does not speak of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from steersman.clients.etcd3 import Etcd3Store
from steersman.clients.etcd_access import Access
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from tests.support.etcd import EtcdServer, free_ports
from tests.support.following import Follower, following

REQUEST_TIMEOUT_SECONDS = 30.0  # on a busy machine


@asynccontextmanager
async def opened(*endpoints: str, access: Access | None = None) -> AsyncIterator[Etcd3Store]:
    store = Etcd3Store(
        endpoints,
        access or Access(),
        request_timeout_seconds=REQUEST_TIMEOUT_SECONDS,
        watch_idle_seconds=0.5,
        page_keys=10,
    )
    yield store
    await store.close()


async def test_a_list_of_many_pages_is_of_one_revision(etcd_server: EtcdServer) -> None:
    keys = [f"/test-pages/{number:03}" for number in range(35)]
    async with opened(etcd_server.endpoint) as store:
        for key in keys:
            last = await store.put(key, b"")
        writer = asyncio.create_task(store.put("/test-pages/034", b"while it is listed"))
        listing = await store.list("/test-pages/")
        await writer

    assert [item.key for item in listing.items] == keys
    assert last <= listing.revision
    assert all(item.revision <= listing.revision for item in listing.items)


async def test_what_is_too_large_for_one_message_is_listed_whole_in_smaller_pages(
    etcd_server: EtcdServer,
) -> None:
    values = [bytes([number]) * 600_000 for number in range(5)]
    store = Etcd3Store([etcd_server.endpoint], message_bytes_max=1_000_000)
    for number, value in enumerate(values):
        await store.put(f"/test-large-pages/{number}", value)
    listing = await store.list("/test-large-pages/")
    await store.put("/test-large-pages/9", bytes(1_200_000))
    with pytest.raises(OutsideError, match="larger than max"):
        await store.list("/test-large-pages/")
    await store.close()

    assert [item.value for item in listing.items] == values


async def test_what_is_too_large_for_one_message_is_watched_whole(etcd_server: EtcdServer) -> None:
    values = [bytes([number]) * 1_000_000 for number in range(6)]
    async with opened(etcd_server.endpoint) as store:
        start = await store.put("/test-large", b"")
        for value in values:
            await store.put("/test-large/a", value)
        async with following(store, "/test-large/", start) as follower:
            await follower.until(lambda: len(follower.changes) >= len(values))

    assert [change.item.value for change in follower.changes if change.item] == values


async def test_a_value_beyond_the_limit_of_etcd_is_refused_as_invalid(
    etcd_server: EtcdServer,
) -> None:
    async with opened(etcd_server.endpoint) as store:
        with pytest.raises(OutsideError) as refused:
            await store.put("/test-too-large", bytes(3_000_000))

    assert refused.value.kind is ErrorClass.INVALID
    assert refused.value.applied is False


async def test_reads_and_watches_pass_by_an_endpoint_that_does_not_answer(
    etcd_server: EtcdServer,
) -> None:
    nobody = f"127.0.0.1:{free_ports(1)[0]}"
    async with opened(nobody, etcd_server.endpoint) as store:
        start = (await store.list("/test-failover/")).revision
        await store.put("/test-failover/a", b"")
    async with (
        opened(nobody, etcd_server.endpoint) as fresh,
        following(fresh, "/test-failover/", start) as follower,
    ):
        await follower.until(lambda: follower.keys == ["/test-failover/a"])


async def test_a_write_is_tried_once_and_the_next_one_elsewhere(etcd_server: EtcdServer) -> None:
    nobody = f"127.0.0.1:{free_ports(1)[0]}"
    async with opened(nobody, etcd_server.endpoint) as store:
        with pytest.raises(UnreachableError):
            await store.put("/test-once/a", b"1")
        await store.put("/test-once/a", b"2")


async def test_the_lease_of_a_refused_write_is_given_back(own_etcd: EtcdServer) -> None:
    async with opened(own_etcd.endpoint) as store:
        await store.put("/a", b"", ttl_seconds=60)
        assert await store.create("/a", b"", ttl_seconds=60) is None

    leases = await asyncio.to_thread(own_etcd.send, "POST", "/v3/lease/leases", {})
    assert len(leases["leases"]) == 1


def secure(server: EtcdServer) -> None:
    """Only root may do anything from now on."""
    server.send("POST", "/v3/auth/user/add", {"name": "root", "password": "secret"})
    server.send("POST", "/v3/auth/role/add", {"name": "root"})
    server.send("POST", "/v3/auth/user/grant", {"user": "root", "role": "root"})
    server.send("POST", "/v3/auth/enable", {})


def end_all_logins(server: EtcdServer) -> None:
    """A new password, even if it is the old one, ends the tokens of its user."""
    root = {"name": "root", "password": "secret"}
    token = server.send("POST", "/v3/auth/authenticate", root)["token"]
    server.send("POST", "/v3/auth/user/changepw", root, token=token)


async def test_a_login_that_the_server_ended_is_made_again(own_etcd: EtcdServer) -> None:
    await asyncio.to_thread(secure, own_etcd)
    async with opened(
        own_etcd.endpoint, access=Access(username="root", password="secret")
    ) as store:
        start = await store.put("/d/a", b"1")
        await asyncio.to_thread(end_all_logins, own_etcd)
        async with following(store, "/d/", start) as follower:
            await asyncio.to_thread(end_all_logins, own_etcd)
            await store.put("/d/a", b"2", ttl_seconds=60)
            await follower.until(lambda: follower.keys == ["/d/a"])


@pytest.mark.parametrize(
    "access",
    [
        pytest.param(Access(), id="nobody"),
        pytest.param(Access(username="root", password="wrong"), id="a wrong password"),
        pytest.param(Access(username="other", password="secret"), id="an unknown user"),
    ],
)
async def test_who_is_not_let_in_is_denied(own_etcd: EtcdServer, access: Access) -> None:
    await asyncio.to_thread(secure, own_etcd)
    async with opened(own_etcd.endpoint, access=access) as store:
        with pytest.raises(OutsideError) as refused:
            await store.put("/a", b"")
        assert refused.value.kind is ErrorClass.DENIED
        with pytest.raises(OutsideError) as refused:
            await Follower(store, "/a/", 1).end()
        assert refused.value.kind is ErrorClass.DENIED
