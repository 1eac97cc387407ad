"""gRPC to the endpoints of one etcd v3: channels, login, failover, streams."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio

from steersman.clients.etcd3.errors import token_refused, translated
from steersman.clients.etcd3.wire import AUTHENTICATE, Message, Method, make, serialize
from steersman.clients.etcd_access import Access, no_tls
from steersman.clients.unreadable import unreadable
from steersman.model.errors import OutsideError, UnreachableError

_CONNECT_TIMEOUT_MS = 2_000
_RECONNECT_MIN_MS = 100
_RECONNECT_MAX_MS = 1_000
# A frozen connection is noticed within 9 s, so a leader's lease of 15 s can outlive it.
# etcd hangs up on a client that pings more often than every 5 s, or while no call is under way.
_PING_EVERY_MS = 6_000
_PING_TIMEOUT_MS = 3_000
_CHANNEL_OPTIONS = (
    ("grpc.keepalive_time_ms", _PING_EVERY_MS),
    ("grpc.keepalive_timeout_ms", _PING_TIMEOUT_MS),
    # The timeout above alone takes more than a minute to notice a frozen connection.
    ("grpc.http2.ping_timeout_ms", _PING_TIMEOUT_MS),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.min_reconnect_backoff_ms", _CONNECT_TIMEOUT_MS),
    ("grpc.initial_reconnect_backoff_ms", _RECONNECT_MIN_MS),
    ("grpc.max_reconnect_backoff_ms", _RECONNECT_MAX_MS),
    ("grpc.enable_retries", 0),  # whoever asked decides about a second attempt
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
)
MESSAGE_BYTES_MAX = 64 * 1024 * 1024  # of an answer; of a listing, a smaller page is asked for then
_Metadata = tuple[tuple[str, str], ...]


class Stream:
    """One bidirectional call whose reads may be waited for again."""

    def __init__(self, call: grpc.aio.StreamStreamCall, method: Method) -> None:
        self._call = call
        self._method = method
        self._what = method.path
        self._reading: asyncio.Task[bytes] | None = None

    async def write(self, message: Message, timeout_seconds: float) -> None:
        writing = asyncio.ensure_future(self._call.write(message))
        try:
            await asyncio.wait({writing}, timeout=timeout_seconds)
        finally:
            if not writing.done():  # it takes too long, or whoever waits was cancelled
                _abandon(writing)
        if not writing.done():
            message = f"{self._what}: nothing is taken"
            raise UnreachableError(message, applied=False)
        with translated(self._what, harmless=True):
            writing.result()

    async def read(self, timeout_seconds: float) -> Message | None:
        """None: nothing came in time; the next read goes on waiting for it."""
        if self._reading is None:
            # A timeout around read() itself would cancel the whole call.
            self._reading = asyncio.ensure_future(self._call.read())
        await asyncio.wait({self._reading}, timeout=timeout_seconds)
        if not self._reading.done():
            return None
        reading, self._reading = self._reading, None
        with translated(self._what, harmless=True):
            reply = reading.result()
            if reply is not grpc.aio.EOF:
                return self._method.read_reply(reply)
        message = f"{self._what}: ended by the server"
        raise UnreachableError(message, applied=False)

    def close(self) -> None:
        if self._reading is not None:
            _abandon(self._reading)
        self._call.cancel()


def _abandon(task: asyncio.Future[Any]) -> None:
    task.cancel()
    # It may have failed already: that is looked at, or asyncio would complain that nobody did.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())


class Transport:
    """Calls go to one endpoint until it does not answer, then to the next."""

    def __init__(
        self,
        endpoints: Sequence[str],
        access: Access,
        request_timeout_seconds: float,
        message_bytes_max: int = MESSAGE_BYTES_MAX,
    ) -> None:
        self._endpoints = tuple(endpoints)
        self._access = access
        self._timeout_seconds = request_timeout_seconds
        self._options = (*_CHANNEL_OPTIONS, ("grpc.max_receive_message_length", message_bytes_max))
        self._current = 0
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._token: str | None = None
        self.closed = False

    @property
    def endpoint(self) -> str:
        return self._endpoints[self._current]

    def leave(self, endpoint: str) -> None:
        """Use the next endpoint, unless somebody else has already moved on. The channel of the
        one left stays open: calls of others may still be under way on it."""
        if self.endpoint == endpoint:
            self._current = (self._current + 1) % len(self._endpoints)

    async def call(self, method: Method, request: Message) -> Message:
        """One attempt; a harmless call that gets no answer is made once at every endpoint."""
        attempts = len(self._endpoints) if method.harmless else 1
        while True:
            endpoint = self.endpoint
            try:
                return await self._call_with_login(method, request)
            except UnreachableError:
                self.leave(endpoint)
                attempts -= 1
                if attempts == 0:
                    raise

    @asynccontextmanager
    async def stream(self, method: Method, *extra: tuple[str, str]) -> AsyncIterator[Stream]:
        metadata = await self._metadata()
        stub = self._channel().stream_stream(method.path, request_serializer=serialize)
        stream = Stream(stub(metadata=metadata + extra), method)
        try:
            yield stream
        finally:
            stream.close()

    async def close(self) -> None:
        self.closed = True
        channels, self._channels = list(self._channels.values()), {}
        for channel in channels:
            await channel.close(None)

    async def _call_with_login(self, method: Method, request: Message) -> Message:
        metadata = await self._metadata()
        try:
            return await self._unary(method, request, metadata)
        except UnreachableError:
            self._token = None  # etcd, when restored, lets a token of its lost future wait for it
            raise
        except OutsideError as error:
            if not metadata or not token_refused(error.message):
                raise
        self._token = None  # it was refused before anything was done: say it again, once
        return await self._unary(method, request, await self._metadata())

    async def _metadata(self) -> _Metadata:
        if self._access.username is None:
            return ()
        if self._token is None:
            login = make(
                "AuthenticateRequest", name=self._access.username, password=self._access.password
            )
            self._token = _shown((await self._unary(AUTHENTICATE, login, ())).token)
        return (("token", self._token),)

    async def _unary(self, method: Method, request: Message, metadata: _Metadata) -> Message:
        stub = self._channel().unary_unary(method.path, request_serializer=serialize)
        with translated(f"{self.endpoint}{method.path}", harmless=method.harmless):
            reply = await stub(request, timeout=self._timeout_seconds, metadata=metadata)
            return method.read_reply(reply)

    def _channel(self) -> grpc.aio.Channel:
        if self.closed:
            raise UnreachableError("the store is closed", applied=False)
        if self.endpoint not in self._channels:
            self._channels[self.endpoint] = self._open(self.endpoint)
        return self._channels[self.endpoint]

    def _open(self, endpoint: str) -> grpc.aio.Channel:
        if not self._access.tls:
            return grpc.aio.insecure_channel(endpoint, self._options)
        return grpc.aio.secure_channel(endpoint, _tls(self._access), self._options)


def _tls(access: Access) -> grpc.ChannelCredentials:
    # gRPC ends the whole process when it gets a certificate without a key
    files = (access.ca, access.key or access.cert, access.cert)
    try:
        ca, key, cert = (path.read_bytes() if path else None for path in files)
    except OSError as error:
        raise no_tls(error) from error
    return grpc.ssl_channel_credentials(ca, key, cert)


def _shown(token: bytes) -> str:
    """As it is sent with every call: a header takes nothing but printable ASCII."""
    if not all(0x20 <= each < 0x7F for each in token):
        raise unreadable("a login was answered with a token that nobody can send")
    return token.decode("ascii")
