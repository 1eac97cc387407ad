"""The v2 store: what the contract of all stores does not speak of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from steersman.clients.etcd2 import Etcd2Store
from steersman.clients.etcd2.nodes import changes
from steersman.clients.etcd_access import Access
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from tests.support.etcd import EtcdServer, free_ports, running_etcd
from tests.support.following import following

REQUEST_TIMEOUT_SECONDS = 30.0  # on a busy machine a password of v2 alone takes seconds


@asynccontextmanager
async def opened(*endpoints: str, access: Access | None = None) -> AsyncIterator[Etcd2Store]:
    store = Etcd2Store(
        endpoints,
        access or Access(),
        request_timeout_seconds=REQUEST_TIMEOUT_SECONDS,
        poll_seconds=0.5,
    )
    yield store
    await store.close()


async def send(server: EtcdServer, method: str, path: str, body: Any = None) -> Any:
    return await asyncio.to_thread(server.send, method, path, body)


async def test_a_leaf_in_the_place_of_a_directory_is_listed(etcd_server: EtcdServer) -> None:
    async with opened(etcd_server.endpoint) as store:
        await store.put("/test-leaf/services", b"not a directory")
        listing = await store.list("/test-leaf/services/")

    assert [(item.key, item.value) for item in listing.items] == [
        ("/test-leaf/services", b"not a directory")
    ]


async def test_a_directory_is_no_key(etcd_server: EtcdServer) -> None:
    async with opened(etcd_server.endpoint) as store:
        await store.put("/test-dir/a/b", b"")

        assert await store.get("/test-dir/a") is None
        with pytest.raises(OutsideError) as refused:
            await store.put("/test-dir/a", b"")

    assert (refused.value.kind, refused.value.code) == (ErrorClass.INVALID, "102")


async def test_hidden_keys_are_hidden_from_a_watch_that_begins_in_the_past(
    etcd_server: EtcdServer,
) -> None:
    async with opened(etcd_server.endpoint) as store:
        start = await store.put("/test-hidden/a", b"")
        await store.put("/test-hidden/_secret/b", b"")
        await store.put("/test-hidden/c", b"")
        async with following(store, "/test-hidden/", start) as follower:
            await follower.until(lambda: "/test-hidden/c" in follower.keys)
        listing = await store.list("/test-hidden/")

    assert follower.keys == ["/test-hidden/c"]
    assert [item.key for item in listing.items] == ["/test-hidden/a", "/test-hidden/c"]


async def test_whoever_asks_for_a_hidden_directory_sees_into_it(etcd_server: EtcdServer) -> None:
    async with opened(etcd_server.endpoint) as store:
        start = await store.put("/_test-fleet/job/a", b"")
        async with following(store, "/_test-fleet/", start) as follower:
            await store.put("/_test-fleet/job/b", b"")
            await follower.until(lambda: bool(follower.changes))
        listing = await store.list("/_test-fleet/")

    assert follower.keys == ["/_test-fleet/job/b"]
    assert len(listing.items) == 2


async def test_the_whole_store_can_be_listed_and_watched(etcd_server: EtcdServer) -> None:
    async with opened(etcd_server.endpoint) as store:
        start = await store.put("/test-root", b"")
        async with following(store, "/", start) as follower:
            await store.put("/test-root", b"2")
            await follower.until(lambda: "/test-root" in follower.keys)

        assert "/test-root" in [item.key for item in (await store.list("/")).items]


async def test_watching_writes_nothing(own_etcd: EtcdServer) -> None:
    async with opened(own_etcd.endpoint) as store:
        start = await store.put("/d/a", b"")
        async with following(store, "/d/", start) as follower:
            for _ in range(4):
                await follower.another()
        listing = await store.list("/d/")

    assert listing.revision == start


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


async def test_an_etcd_without_the_v2_api_is_named_as_what_is_wrong(tmp_path: Path) -> None:
    with running_etcd(tmp_path, "--enable-v2=false") as server:
        async with opened(server.endpoint) as store:
            with pytest.raises(OutsideError, match="--enable-v2"):
                await store.list("/desired/")


async def test_who_is_not_let_in_is_denied(own_etcd: EtcdServer) -> None:
    root = {"user": "root", "password": "secret"}
    await send(own_etcd, "PUT", "/v2/auth/users/root", root)
    await send(own_etcd, "PUT", "/v2/auth/enable")

    async with opened(own_etcd.endpoint, access=Access(username="root", password="no")) as store:
        with pytest.raises(OutsideError) as refused:
            await store.put("/a", b"")
        assert refused.value.kind is ErrorClass.DENIED
    async with opened(own_etcd.endpoint, access=Access(username="root", password="secret")) as us:
        await us.put("/a", b"")


def node(key: str, *, is_dir: bool = False) -> dict[str, Any]:
    return {"key": key, "dir": is_dir, "value": "", "modifiedIndex": 7, "createdIndex": 7}


KNOWN = {"/d/a", "/d/b/c", "/d/b/e", "/d/b-"}


@pytest.mark.parametrize(
    ("action", "event", "ended"),
    [
        pytest.param("delete", node("/d/a"), ["/d/a"], id="a key is deleted"),
        pytest.param("expire", node("/d/a"), ["/d/a"], id="a key expires"),
        pytest.param("compareAndDelete", node("/d/a"), ["/d/a"], id="a key is deleted, if"),
        pytest.param("set", node("/d/a"), [], id="a key is set"),
        pytest.param(
            "delete", node("/d/b", is_dir=True), ["/d/b/c", "/d/b/e"], id="a directory is deleted"
        ),
        pytest.param(
            "expire", node("/d/b", is_dir=True), ["/d/b/c", "/d/b/e"], id="a directory expires"
        ),
        pytest.param("delete", node("/d", is_dir=True), sorted(KNOWN), id="ours is deleted"),
        pytest.param("delete", node("/", is_dir=True), sorted(KNOWN), id="one above is deleted"),
        pytest.param("delete", node("/dd", is_dir=True), [], id="a sibling is deleted"),
        pytest.param("update", node("/d/b", is_dir=True), [], id="a directory gets a TTL"),
        pytest.param("set", node("/d/new", is_dir=True), [], id="a directory is made"),
        pytest.param(
            "set", node("/d/a", is_dir=True), ["/d/a"], id="a directory takes a key's place"
        ),
        pytest.param("delete", node("/d/_hidden"), [], id="a hidden key is deleted"),
    ],
)
def test_which_keys_an_event_ends(action: str, event: dict[str, Any], ended: list[str]) -> None:
    found = changes(action, event, "/d", KNOWN)

    assert [change.key for change in found if change.item is None] == ended
