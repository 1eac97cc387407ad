"""What the Compute Engine client makes of no answer, half an answer and an answer without end."""

import asyncio
import gc
import gzip
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from steersman.clients.gce import ComputeClient
from steersman.clients.gce.threads import THREADS_MAX
from steersman.clients.gce.whole import OBJECT_BYTES_MAX
from steersman.model.errors import OutsideError, UnreachableError
from steersman.model.observed import Operation
from tests.clients.gce.replay import (
    CORE1_JSON,
    GET_CORE1,
    INSERT,
    LIST,
    OPERATION_JSON,
    REQUEST_ID,
    SHORT_SECONDS,
    TIMEOUT_SECONDS,
    ZONE,
    compute,
    insert,
    recorded,
    scopes,
)
from tests.clients.replay import Behaviour, closed_port, hangs, says
from tests.support.certificates import Authority

DELETE = f"DELETE {ZONE}/instances/core1?requestId={REQUEST_ID}"
PIECE_SECONDS = 0.02  # between two pieces of an answer that has no end


async def resets(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def trickles(request: web.BaseRequest) -> web.StreamResponse:
    """A byte at a time, for ever."""
    response = web.StreamResponse(headers={"Content-Length": "1000000"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(PIECE_SECONDS)


async def undecodable(_: web.BaseRequest) -> web.StreamResponse:
    """Says that it is compressed, which it is not, and hangs up."""
    answer = web.Response(text="{}", headers={"Content-Encoding": "gzip"})
    answer.force_close()
    return answer


async def says_wait_for_ever(request: web.BaseRequest) -> web.StreamResponse:
    """One answer after the other that is not the last."""
    assert request.transport is not None
    while not request.transport.is_closing():
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await asyncio.sleep(PIECE_SECONDS)
    return web.Response()


async def bomb(_: web.BaseRequest) -> web.StreamResponse:
    """A few kilobytes that are many megabytes."""
    packed = gzip.compress(b" " * 20 * OBJECT_BYTES_MAX)
    return web.Response(body=packed, headers={"Content-Encoding": "gzip"})


async def sends_elsewhere(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=307, headers={"Location": "/elsewhere"})


def slowly(answer: Behaviour, seconds: float) -> Behaviour:
    async def behave(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await answer(request)

    return behave


def client_of(endpoint: str) -> ComputeClient:
    return ComputeClient("p", endpoint=endpoint, credentials="anonymous")


@asynccontextmanager
async def untrusted(directory: Path) -> AsyncIterator[str]:
    """The address of a server whose certificate nobody has vouched for."""
    certificate = Authority(directory).server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert, certificate.key)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_where_nobody_listens_nothing_was_applied() -> None:
    client = client_of(f"http://127.0.0.1:{closed_port()}")
    for ask in (client.list_instances(), insert(client)):
        with pytest.raises(UnreachableError) as caught:
            await ask
        assert (caught.value.code, caught.value.applied) == ("refused", False)
    await client.close()


async def test_a_reset_leaves_a_write_unknown() -> None:
    async with compute({INSERT: resets, LIST: resets}) as (client, server):
        with pytest.raises(UnreachableError) as caught:
            await insert(client)
        assert (caught.value.code, caught.value.applied) == ("broken", None)
        with pytest.raises(UnreachableError) as caught:
            await client.list_instances()
        assert (caught.value.code, caught.value.applied) == ("broken", False)
    assert len(server.asked) == 2


async def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    async with untrusted(tmp_path) as url:
        client = client_of(url)
        for ask in (client.list_instances(), insert(client)):
            with pytest.raises(UnreachableError) as caught:
                await ask
            assert caught.value.code == "tls"
        await client.close()


async def test_silence_ends_at_the_timeout_and_leaves_a_write_unknown() -> None:
    async with compute({GET_CORE1: says(CORE1_JSON), INSERT: hangs}) as (client, _):
        await client.get_instance("europe-west1-b", "core1")
        with pytest.raises(UnreachableError) as caught:
            await client.insert_instance(
                "europe-west1-b", {}, request_id=REQUEST_ID, timeout_seconds=SHORT_SECONDS
            )
    assert (caught.value.code, caught.value.applied) == ("timeout", None)


async def test_a_failed_read_is_not_retried_behind_our_back() -> None:
    unavailable = recorded("503-backendError.json")
    operation = f"GET {ZONE}/operations/operation-1"
    answers = {GET_CORE1: unavailable, LIST: unavailable, operation: unavailable}
    async with compute(answers) as (client, server):
        for ask in (
            client.get_instance("europe-west1-b", "core1"),
            client.get_operation("europe-west1-b", "operation-1"),
            client.list_instances(),
        ):
            with pytest.raises(OutsideError, match="backendError"):
                await ask
    assert sorted(server.lines) == sorted(answers)


async def test_all_pages_of_a_list_share_one_deadline() -> None:
    page = slowly(says(scopes({}, nextPageToken="more")), SHORT_SECONDS / 4)
    answers = {LIST: page, f"{LIST}&pageToken=more": page}
    async with compute(answers, read_timeout_seconds=SHORT_SECONDS) as (client, server):
        with pytest.raises(UnreachableError) as caught:
            await client.list_instances()
        assert caught.value.code == "timeout"
        assert len(server.asked) < 6


@pytest.mark.parametrize("endless", [trickles, says_wait_for_ever])
async def test_answers_without_end_keep_no_thread(endless: Behaviour) -> None:
    answers = {LIST: endless, INSERT: endless, DELETE: says(OPERATION_JSON)}
    async with compute(answers, read_timeout_seconds=SHORT_SECONDS) as (client, _):
        asks = (client.list_instances, lambda: insert_for(client, SHORT_SECONDS))
        for ask in asks:
            asked = [ask() for _ in range(THREADS_MAX)]
            found = await asyncio.gather(*asked, return_exceptions=True)
            assert {type(each) for each in found} == {UnreachableError}
        assert (await delete_for(client, TIMEOUT_SECONDS)).name == "operation-1"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(bomb, "more than 1048576 bytes", id="it is too large"),
        pytest.param(undecodable, "failed to decode", id="it cannot be decoded"),
        pytest.param(sends_elsewhere, "307, a redirection", id="it sends elsewhere"),
    ],
)
async def test_an_answer_to_a_write_that_is_none_leaves_it_unknown_and_no_connection_open(
    answer: Behaviour, message: str
) -> None:
    async with compute({INSERT: answer, GET_CORE1: says(CORE1_JSON)}) as (client, server):
        with pytest.raises(UnreachableError, match=message) as caught:
            await insert(client)
        assert (caught.value.code, caught.value.applied) == ("broken", None)
        assert server.lines == [INSERT]
        gc.collect()  # a socket that is still open would say so, and fail the test


async def test_a_call_that_waited_too_long_for_a_thread_is_never_sent() -> None:
    taken, released = asyncio.Barrier(THREADS_MAX + 1), asyncio.Event()

    async def held(request: web.BaseRequest) -> web.StreamResponse:
        await taken.wait()
        await released.wait()
        return await says(OPERATION_JSON)(request)

    async with compute({GET_CORE1: says(CORE1_JSON), INSERT: held}) as (client, server):
        await client.get_instance("europe-west1-b", "core1")
        inserts = asyncio.gather(*(insert(client) for _ in range(THREADS_MAX)))
        await taken.wait()
        with pytest.raises(UnreachableError):
            await delete_for(client, SHORT_SECONDS)
        released.set()
        await inserts
        await client.get_instance("europe-west1-b", "core1")  # who waited before had a turn
    assert DELETE not in server.lines


async def insert_for(client: ComputeClient, timeout_seconds: float) -> None:
    await client.insert_instance(
        "europe-west1-b", {}, request_id=REQUEST_ID, timeout_seconds=timeout_seconds
    )


async def delete_for(client: ComputeClient, timeout_seconds: float) -> Operation:
    return await client.delete_instance(
        "europe-west1-b", "core1", request_id=REQUEST_ID, timeout_seconds=timeout_seconds
    )
