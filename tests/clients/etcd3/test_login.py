"""How the v3 store logs in, told by a server that refuses some tokens and leaves others waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio
import pytest

from steersman.clients.etcd3.transport import Transport
from steersman.clients.etcd3.wire import AUTHENTICATE, RANGE, TXN, Method, make, serialize
from steersman.clients.etcd_access import Access
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError

REQUEST_TIMEOUT_SECONDS = 0.5


class Doorkeeper(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Hands out the tokens 1, 2, 3 ... and knows them all but the first so many, to which it says
    what it was given to say, or nothing at all."""

    def __init__(self, *refusal: grpc.StatusCode | str, unknown: int = 1) -> None:
        self._refusal = refusal
        self._unknown = unknown
        self.logins = 0

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        answer = self._login if call.method == AUTHENTICATE.path else self._let_in
        return grpc.unary_unary_rpc_method_handler(answer, response_serializer=serialize)

    async def _login(self, request: bytes, context: grpc.aio.ServicerContext) -> object:
        self.logins += 1
        return make("AuthenticateResponse", token=str(self.logins).encode())

    async def _let_in(self, request: bytes, context: grpc.aio.ServicerContext) -> object:
        if int(dict(context.invocation_metadata())["token"]) <= self._unknown:
            if self._refusal:
                await context.abort(*self._refusal)
            await asyncio.sleep(10 * REQUEST_TIMEOUT_SECONDS)
        return make("RangeResponse")


@asynccontextmanager
async def served(doorkeeper: Doorkeeper) -> AsyncIterator[Transport]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((doorkeeper,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    access = Access(username="us", password="secret")
    transport = Transport([f"127.0.0.1:{port}"], access, REQUEST_TIMEOUT_SECONDS)
    yield transport
    await transport.close()
    await server.stop(None)


async def test_a_login_whose_request_was_not_answered_is_made_again() -> None:
    """A token names the revision of its login. An etcd that was restored to an earlier one lets
    whoever shows it wait until that revision comes, which may be never."""
    doorkeeper = Doorkeeper()
    async with served(doorkeeper) as transport:
        with pytest.raises(UnreachableError):
            await transport.call(RANGE, make("RangeRequest", key=b"/a"))
        await transport.call(RANGE, make("RangeRequest", key=b"/a"))
        await transport.call(RANGE, make("RangeRequest", key=b"/a"))

    assert doorkeeper.logins == 2


REFUSALS = [
    pytest.param(
        (grpc.StatusCode.UNAUTHENTICATED, "etcdserver: invalid auth token"), id="it ran out"
    ),
    pytest.param(
        (grpc.StatusCode.INVALID_ARGUMENT, "etcdserver: revision of auth store is old"),
        id="roles were changed since",
    ),
    pytest.param(
        (grpc.StatusCode.UNKNOWN, "auth: revision in header is old"),
        id="roles were changed since, in the words of an older etcd",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("method", [RANGE, TXN], ids=["get", "write"])
async def test_a_login_that_is_refused_is_made_again(
    method: Method, refusal: tuple[grpc.StatusCode, str]
) -> None:
    """Nothing was done for the refused one, so a write is sent again, too."""
    doorkeeper = Doorkeeper(*refusal)
    async with served(doorkeeper) as transport:
        await transport.call(method, make("RangeRequest", key=b"/a"))

    assert doorkeeper.logins == 2


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_whoever_is_refused_with_a_new_login_is_denied(
    refusal: tuple[grpc.StatusCode, str],
) -> None:
    doorkeeper = Doorkeeper(*refusal, unknown=2)
    async with served(doorkeeper) as transport:
        with pytest.raises(OutsideError) as refused:
            await transport.call(TXN, make("RangeRequest", key=b"/a"))

    assert (refused.value.kind, refused.value.applied) == (ErrorClass.DENIED, False)
    assert doorkeeper.logins == 2
