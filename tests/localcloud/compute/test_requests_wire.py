"""What the clients of the world send, and what they should not."""

import gzip
import io
import json

import aiohttp
import pytest

from localcloud.compute.server import REQUEST_BYTES_MAX
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE, body

INSTANCES = f"/zones/{ZONE}/instances"


SENT = [
    b"{name:",
    b"\xff",
    b"[" * 100_000,
    b"[" * 101 + b"]" * 101,
    b'{"name": "\\ud800"}',
    b'{"priority": NaN}',
    b"[Infinity]",
]


@pytest.mark.parametrize("sent", SENT)
async def test_a_body_that_is_no_json_is_refused(sent: bytes, api: Api) -> None:
    url = f"{api.endpoint}/compute/v1/projects/p{INSTANCES}"
    async with aiohttp.request("POST", url, data=sent) as response:
        assert (response.status, (await response.json())["error"]["errors"][0]["reason"]) == (
            400,
            "parseError",
        )


async def test_a_body_beyond_the_limit_is_refused(api: Api) -> None:
    url = f"{api.endpoint}/compute/v1/projects/p{INSTANCES}"
    sent = io.BytesIO(b" " * (REQUEST_BYTES_MAX + 1))
    async with aiohttp.request("POST", url, data=sent) as response:
        assert response.status == 413
    assert [entry.result for entry in api.entries] == ["413"]


async def test_a_long_address_may_come_in_the_body_of_a_post(api: Api) -> None:
    await api.insert()
    url = f"{api.endpoint}/compute/v1/projects/p{INSTANCES}"
    headers = {"X-HTTP-Method-Override": "GET"}
    form = {"filter": "name=core1", "fields": "items(name)"}
    async with aiohttp.request("POST", url, data=form, headers=headers) as response:
        assert await response.json() == {"items": [{"name": "core1"}]}
    assert [entry.action for entry in api.entries] == ["insert"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_only_a_post_may_be_another_method(method: str, api: Api) -> None:
    await api.insert()
    url = f"{api.endpoint}/compute/v1/projects/p{INSTANCES}/core1"
    headers = {"X-HTTP-Method-Override": "DELETE"}
    async with aiohttp.request(method, url, headers=headers) as response:
        assert response.status == 200
    assert (await api.get(f"{INSTANCES}/core1"))["status"] == "RUNNING"


@pytest.mark.parametrize(("name", "status"), [("core1", 200), ("core9", 404)])
async def test_a_head_is_a_get_without_its_body(name: str, status: int, api: Api) -> None:
    await api.insert()
    url = f"{api.endpoint}/compute/v1/projects/p{INSTANCES}/{name}"
    async with aiohttp.request("GET", url) as response:
        length = str(len(await response.read()))
    async with aiohttp.request("HEAD", url) as response:
        assert (response.status, await response.read()) == (status, b"")
        assert response.headers["Content-Length"] == length


@pytest.mark.parametrize("prefix", ["/compute/v1", "", "//compute/v1"])
async def test_a_path_may_lack_the_name_of_the_service(prefix: str, api: Api) -> None:
    async with aiohttp.request("GET", f"{api.endpoint}{prefix}/projects/p/zones") as response:
        assert (response.status, (await response.json())["kind"]) == (200, "compute#zoneList")


async def test_a_compressed_body_is_read(api: Api) -> None:
    url = f"{api.endpoint}/compute/v1/projects/p{INSTANCES}"
    packed = gzip.compress(json.dumps(body()).encode())
    headers = {"Content-Encoding": "gzip"}
    async with aiohttp.request("POST", url, data=packed, headers=headers) as response:
        assert response.status == 200
