"""The keys that units read, against a real etcd."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp
import pytest

from localcloud.keyview import KeyView
from localcloud.seams import UnreachableError
from tests.localcloud.waiting import eventually
from tests.support.etcd import EtcdServer

LISTED_SECONDS = 30.0


@pytest.fixture
def directory() -> str:
    """That no other test uses."""
    return f"/services/{uuid4().hex}"


@asynccontextmanager
async def watching(server: EtcdServer) -> AsyncIterator[KeyView]:
    async with aiohttp.ClientSession() as session:
        view = KeyView(f"http://{server.endpoint}", session)
        task = asyncio.create_task(view.run())
        try:
            yield view
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def write(server: EtcdServer, method: str, key: str, **form: str) -> None:
    url = f"http://{server.endpoint}/v2/keys{key}?{urlencode(form)}"
    async with aiohttp.ClientSession() as session, session.request(method, url) as response:
        response.raise_for_status()


async def shows(view: KeyView, directory: str, leaves: list[str] | None) -> None:
    async def agrees() -> bool:
        try:
            found = view.leaves(directory)
        except UnreachableError:
            return False
        return (sorted(found) if found is not None else None) == leaves

    await eventually(agrees)


async def test_it_follows_what_is_written_deleted_and_expired(
    etcd_server: EtcdServer, directory: str
) -> None:
    async with watching(etcd_server) as view:
        await view.wait_until_listed(LISTED_SECONDS)
        assert view.leaves(directory) is None
        await write(etcd_server, "PUT", f"{directory}/127.20.0.2", value="a")
        await write(etcd_server, "PUT", f"{directory}/127.20.0.3", value="b")
        await shows(view, directory, ["127.20.0.2", "127.20.0.3"])
        assert view.get(f"{directory}/127.20.0.2") == "a"
        assert view.get(directory) is None
        await write(etcd_server, "PUT", f"{directory}/127.20.0.3", value="b", ttl="1")
        await shows(view, directory, ["127.20.0.2"])
        await write(etcd_server, "DELETE", f"{directory}/127.20.0.2")
        await shows(view, directory, [])


async def test_what_a_unit_writes_shows_at_once_and_lies_in_etcd_with_its_time_to_live(
    etcd_server: EtcdServer, directory: str
) -> None:
    async with watching(etcd_server) as writer, watching(etcd_server) as reader:
        await writer.wait_until_listed(LISTED_SECONDS)
        writer.put(f"{directory}/127.20.0.4", '{"http_port": 9200}')
        assert writer.get(f"{directory}/127.20.0.4") == '{"http_port": 9200}'
        writer.put(f"{directory}/127.20.0.5", "b")
        await shows(reader, directory, ["127.20.0.4", "127.20.0.5"])
        assert reader.get(f"{directory}/127.20.0.4") == '{"http_port": 9200}'
        writer.put(f"{directory}/127.20.0.5", "b", 1)
        await shows(reader, directory, ["127.20.0.4"])
        await shows(writer, directory, ["127.20.0.4"])
        assert writer.remove(f"{directory}/127.20.0.4")
        assert not writer.remove(f"{directory}/127.20.0.4")
        await shows(reader, directory, [])


async def test_a_leaf_of_any_depth_is_named_from_the_directory(etcd_server: EtcdServer) -> None:
    await write(etcd_server, "PUT", "/services/deep/a/b", value="x")
    await write(etcd_server, "PUT", "/services/deeper", value="x")
    async with watching(etcd_server) as view:
        await view.wait_until_listed(LISTED_SECONDS)
        assert view.leaves("/services/deep") == ["a/b"]
        assert view.leaves("/services/deep/") == ["a/b"]


async def test_it_tells_that_etcd_does_not_answer_and_comes_back(
    own_etcd: EtcdServer, directory: str
) -> None:
    await write(own_etcd, "PUT", f"{directory}/127.20.0.2", value="a")
    async with watching(own_etcd) as view:
        await shows(view, directory, ["127.20.0.2"])
        own_etcd.kill()

        async def unreachable() -> bool:
            try:
                view.get("/anything")
            except UnreachableError:
                return True
            return False

        await eventually(unreachable)
        await asyncio.to_thread(own_etcd.start)
        await shows(view, directory, ["127.20.0.2"])


async def test_nothing_can_be_read_before_etcd_answered() -> None:
    async with aiohttp.ClientSession() as session:
        view = KeyView("http://127.0.0.1:1", session)
        with pytest.raises(UnreachableError):
            view.leaves("/services")
        await view.wait_until_listed(0.01)
