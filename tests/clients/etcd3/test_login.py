"""How the v3 store logs in, told by a server that answers some tokens and leaves others waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc.aio
import pytest

from steersman.clients.etcd3.transport import Transport
from steersman.clients.etcd3.wire import AUTHENTICATE, RANGE, make, serialize
from steersman.clients.etcd_access import Access
from steersman.model.errors import UnreachableError

REQUEST_TIMEOUT_SECONDS = 0.5


class Doorkeeper(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Hands out the tokens 1, 2, 3 ... and never answers a request with the first."""

    def __init__(self) -> None:
        self.logins = 0

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        answer = self._login if call.method == AUTHENTICATE.path else self._range
        return grpc.unary_unary_rpc_method_handler(answer, response_serializer=serialize)

    async def _login(self, request: bytes, context: grpc.aio.ServicerContext) -> object:
        self.logins += 1
        return make("AuthenticateResponse", token=str(self.logins).encode())

    async def _range(self, request: bytes, context: grpc.aio.ServicerContext) -> object:
        if dict(context.invocation_metadata())["token"] == "1":
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
