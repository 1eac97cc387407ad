"""A watch on etcd v3 that outlives its streams and loses nothing."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from steersman.clients.etcd3.errors import refusal, token_refused
from steersman.clients.etcd3.items import decode_key, read_items
from steersman.clients.etcd3.leases import Leases
from steersman.clients.etcd3.transport import Stream, Transport
from steersman.clients.etcd3.wire import (
    EVENT_DELETE,
    NO_WATCH_ID,
    RANGE,
    WATCH,
    Message,
    make,
    prefix_end,
)
from steersman.clients.measure import Restarted, unnoticed
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError, WatchLostError
from steersman.model.ports import Batch, Change

_RECONNECT_MIN_SECONDS = 0.1
_RECONNECT_MAX_SECONDS = 2.0
# A member that is cut off from the others keeps a watch open and silent unless it is told this.
_HAS_LEADER = ("hasleader", "true")


class Watcher:
    """`seen` is the revision up to which everything was handed on: where a new stream begins."""

    def __init__(
        self,
        transport: Transport,
        leases: Leases,
        prefix: str,
        after: int,
        idle_seconds: float,
        restarted: Restarted = unnoticed,
    ) -> None:
        self._transport = transport
        self._leases = leases
        self._prefix = prefix.encode()
        self._seen = after
        self._idle_seconds = idle_seconds
        self._restarted = restarted
        self._cluster_id: int | None = None
        self._fragments: list[Message] = []

    async def batches(self) -> AsyncGenerator[Batch, None]:
        delay, resumed = _RECONNECT_MIN_SECONDS, False
        while not self._transport.closed:
            endpoint = self._transport.endpoint
            try:
                async with aclosing(self._one_stream()) as batches:
                    async for batch in batches:
                        yield replace(batch, resumed=resumed)
                        delay, resumed = _RECONNECT_MIN_SECONDS, False
            except UnreachableError as error:
                resumed = True
                self._restarted(error.code)
                self._transport.leave(endpoint)
                await asyncio.sleep(delay)
                delay = min(2 * delay, _RECONNECT_MAX_SECONDS)

    async def _one_stream(self) -> AsyncGenerator[Batch, None]:
        await self._check_history()
        self._fragments.clear()
        async with self._transport.stream(WATCH, _HAS_LEADER) as stream:
            await stream.write(self._create_request(), self._idle_seconds)
            while True:
                batch = await self._take(await self._next(stream))
                if batch is not None:
                    yield batch

    async def _check_history(self) -> None:
        """A store that was restored or wiped would let us wait for a revision that it has yet to
        reach, and say nothing. The read is linearizable, so a member that lags cannot mislead;
        it also renews a login that has run out."""
        reply = await self._transport.call(RANGE, make("RangeRequest", key=self._prefix))
        header = reply.header
        if header.revision < self._seen:
            message = f"the store went back from {self._seen} to {header.revision}"
            raise WatchLostError(message)
        if self._cluster_id not in (None, header.cluster_id):
            raise WatchLostError("another cluster answers at this address")
        self._cluster_id = header.cluster_id

    def _create_request(self) -> Message:
        return make(
            "WatchRequest",
            create_request=make(
                "WatchCreateRequest",
                key=self._prefix,
                range_end=prefix_end(self._prefix),
                start_revision=self._seen + 1,
                progress_notify=True,
                fragment=True,
            ),
        )

    async def _next(self, stream: Stream) -> Message:
        """What the server says next; asked for a sign of life when it says nothing."""
        reply = await stream.read(self._idle_seconds)
        if reply is None:
            request = make("WatchRequest", progress_request=make("WatchProgressRequest"))
            await stream.write(request, self._idle_seconds)
            reply = await stream.read(self._idle_seconds)
        if reply is None:
            raise UnreachableError("the watch is silent", applied=False)
        return reply

    async def _take(self, reply: Message) -> Batch | None:
        """None: more fragments are to come."""
        if reply.compact_revision:
            message = f"compacted at {reply.compact_revision}, seen {self._seen}"
            raise WatchLostError(message)
        if reply.canceled:
            raise _canceled(reply.cancel_reason.decode(errors="replace"))
        if reply.events:
            return await self._take_events(reply)
        # An answer to our own request may overtake events that are still on their way, and the
        # header of `created` is the store's revision, not ours: both only say that the watch is
        # alive. What the server notifies by itself is said in order.
        if not reply.created and reply.watch_id != NO_WATCH_ID:
            self._seen = max(self._seen, reply.header.revision)
        return Batch(self._seen)

    async def _take_events(self, reply: Message) -> Batch | None:
        self._fragments.extend(reply.events)
        if reply.fragment:
            return None
        changes = await self._changes(self._fragments)
        # The header carries the store's revision now, which may be far ahead of these events.
        self._seen = self._fragments[-1].kv.mod_revision
        self._fragments.clear()
        return Batch(self._seen, changes)

    async def _changes(self, events: Sequence[Message]) -> tuple[Change, ...]:
        """In the order of the events."""
        written = [event.kv for event in events if event.type != EVENT_DELETE]
        items = iter(await read_items(written, self._leases))
        return tuple(
            Change(decode_key(event.kv.key), None if event.type == EVENT_DELETE else next(items))
            for event in events
        )


def _canceled(reason: str) -> OutsideError:
    """A login that is refused here ran out since the last check, and the next one renews it."""
    kind = refusal(reason, ErrorClass.TRANSIENT)
    if kind is ErrorClass.TRANSIENT or token_refused(reason):
        return UnreachableError(f"the watch was canceled: {reason}", applied=False)
    return OutsideError(kind, "canceled", reason)
