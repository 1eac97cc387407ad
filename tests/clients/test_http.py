"""What every client over aiohttp promises: one attempt, in time, of bounded size."""

import asyncio

import pytest

from steersman import __version__
from steersman.clients.http import Http
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from tests.clients.replay import (
    Behaviour,
    closed_port,
    closes,
    hangs,
    says,
    serving,
    truncates,
)

BODY_BYTES_MAX = 1000
TIMEOUT_SECONDS = 30.0  # far more than an honest answer takes


@pytest.fixture
def counted() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def http(counted: list[tuple[str, str, str]]) -> Http:
    return Http(
        "test",
        body_bytes_max=BODY_BYTES_MAX,
        observe=lambda backend, method, code, *_: counted.append((backend, method, code)),
    )


async def test_any_status_is_an_answer(http: Http, counted: list[tuple[str, str, str]]) -> None:
    async with serving({"GET /a": says({"x": 1}, 503)}) as server:
        answer = await http.request("GET", f"{server.url}/a", timeout_seconds=TIMEOUT_SECONDS)
        await http.close()
    assert (answer.status, answer.object()) == (503, {"x": 1})
    assert server.asked[0].agent == f"steersman/{__version__}"
    assert counted == [("test", "GET", "503")]


@pytest.mark.parametrize("body", ["<html>", "", "[]", "[" * 900, '{"x":'])
async def test_a_body_that_is_no_json_object_is_a_transient_error(http: Http, body: str) -> None:
    async with serving({"GET /a": says(body)}) as server:
        answer = await http.request("GET", f"{server.url}/a", timeout_seconds=TIMEOUT_SECONDS)
        await http.close()
    with pytest.raises(OutsideError, match=f"GET {server.url}/a: 200 with") as caught:
        answer.object()
    assert caught.value.kind is ErrorClass.TRANSIENT


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("behaviour", [closes, truncates])
async def test_a_broken_connection_is_reported_and_nothing_is_sent_twice(
    http: Http, method: str, behaviour: Behaviour
) -> None:
    async with serving({f"{method} /a": behaviour}) as server:
        with pytest.raises(UnreachableError) as caught:
            await http.request(method, f"{server.url}/a", timeout_seconds=TIMEOUT_SECONDS, body={})
        await http.close()
    assert len(server.asked) == 1
    assert caught.value.code == "broken"
    assert caught.value.applied is (False if method == "GET" else None)


async def test_silence_ends_at_the_timeout_and_leaves_a_write_unknown(
    http: Http, counted: list[tuple[str, str, str]]
) -> None:
    async with serving({"PUT /a": hangs}) as server:
        started = asyncio.get_running_loop().time()
        with pytest.raises(UnreachableError) as caught:
            await http.request("PUT", f"{server.url}/a", timeout_seconds=0.2)
        assert asyncio.get_running_loop().time() - started < TIMEOUT_SECONDS
        await http.close()
    assert (caught.value.code, caught.value.applied) == ("timeout", None)
    assert counted == [("test", "PUT", "timeout")]


async def test_a_refused_connection_certainly_changed_nothing(http: Http) -> None:
    with pytest.raises(UnreachableError) as caught:
        await http.request(
            "PUT", f"http://127.0.0.1:{closed_port()}/a", timeout_seconds=TIMEOUT_SECONDS
        )
    await http.close()
    assert (caught.value.code, caught.value.applied) == ("refused", False)


@pytest.mark.parametrize(("method", "applied"), [("GET", False), ("PUT", None)])
async def test_a_body_beyond_the_limit_is_not_read(
    http: Http, method: str, applied: bool | None
) -> None:
    async with serving({f"{method} /a": says("x" * (BODY_BYTES_MAX + 1))}) as server:
        with pytest.raises(OutsideError, match=f"{server.url}/a: .* more than 1000") as caught:
            await http.request(method, f"{server.url}/a", timeout_seconds=TIMEOUT_SECONDS)
        await http.close()
    assert caught.value.applied is applied


async def test_a_redirect_is_not_followed(http: Http) -> None:
    async with serving({"GET /a": says(None, 302, {"Location": "/b"})}) as server:
        answer = await http.request("GET", f"{server.url}/a", timeout_seconds=TIMEOUT_SECONDS)
        await http.close()
    assert answer.status == 302
    assert server.lines == ["GET /a"]
