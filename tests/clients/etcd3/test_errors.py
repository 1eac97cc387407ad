"""Which of gRPC's codes are refusals, and which say only that this member has no answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest

from steersman.clients.etcd3.transport import Transport
from steersman.clients.etcd3.wire import RANGE, TXN, Message, Method, make, serialize
from steersman.clients.etcd_access import Access
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError


class Member(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Answers every call with one code, or with nothing in particular."""

    def __init__(self, code: grpc.StatusCode | None, words: str = "") -> None:
        self._code = code
        self._words = words

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(self._answer, response_serializer=serialize)

    async def _answer(self, request: bytes, context: grpc.aio.ServicerContext) -> Message:
        if self._code is not None:
            await context.abort(self._code, self._words)
        return make("RangeResponse")


@asynccontextmanager
async def served(*members: Member) -> AsyncIterator[Transport]:
    servers, endpoints = [], []
    for member in members:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((member,))
        endpoints.append(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
        await server.start()
        servers.append(server)
    transport = Transport(endpoints, Access(), 30.0)
    yield transport
    await transport.close()
    for server in servers:
        await server.stop(None)


# etcd's own deadline is the caller's, so it can run out there before it does here; and
# a member that stops has no code for that
NO_ANSWERS = [
    pytest.param(grpc.StatusCode.UNKNOWN, "context deadline exceeded", id="its deadline ran out"),
    pytest.param(grpc.StatusCode.UNKNOWN, "raft: stopped", id="it stops"),
    pytest.param(grpc.StatusCode.UNAVAILABLE, "etcdserver: leader changed", id="a new leader"),
    pytest.param(grpc.StatusCode.CANCELLED, "", id="cancelled there"),
    pytest.param(grpc.StatusCode.INTERNAL, "stream terminated by RST_STREAM", id="reset"),
]


@pytest.mark.parametrize(("code", "words"), NO_ANSWERS)
@pytest.mark.parametrize(("method", "applied"), [(RANGE, False), (TXN, None)], ids=["get", "write"])
async def test_a_member_that_has_no_answer(
    method: Method, applied: bool | None, code: grpc.StatusCode, words: str
) -> None:
    async with served(Member(code, words)) as transport:
        with pytest.raises(UnreachableError) as failed:
            await transport.call(method, make("RangeRequest"))

    assert (failed.value.code, failed.value.applied) == (code.name, applied)
    assert words in failed.value.message


@pytest.mark.parametrize(("code", "words"), NO_ANSWERS)
async def test_another_member_is_asked_what_one_could_not_answer(
    code: grpc.StatusCode, words: str
) -> None:
    async with served(Member(code, words), Member(None)) as transport:
        await transport.call(RANGE, make("RangeRequest", key=b"/a"))


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "etcdserver: permission denied", ErrorClass.DENIED),
        (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "etcdserver: mvcc: database space exceeded",
            ErrorClass.QUOTA,
        ),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "etcdserver: too many requests", ErrorClass.THROTTLED),
        (grpc.StatusCode.INVALID_ARGUMENT, "etcdserver: user name is empty", ErrorClass.DENIED),
        (grpc.StatusCode.INVALID_ARGUMENT, "etcdserver: key is not provided", ErrorClass.INVALID),
        (grpc.StatusCode.OUT_OF_RANGE, "etcdserver: mvcc: compacted", ErrorClass.CONFLICT),
    ],
)
async def test_a_refusal_is_the_answer_of_all(
    code: grpc.StatusCode, words: str, kind: ErrorClass
) -> None:
    async with served(Member(code, words), Member(None)) as transport:
        with pytest.raises(OutsideError) as refused:
            await transport.call(RANGE, make("RangeRequest", key=b"/a"))

    assert (refused.value.kind, refused.value.applied) == (kind, False)
    assert not isinstance(refused.value, UnreachableError)
