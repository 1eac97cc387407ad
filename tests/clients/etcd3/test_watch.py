"""Where a v3 watch goes on: rules that a real server puts to the test only now and then."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import pytest

from steersman.clients.etcd3.leases import Leases
from steersman.clients.etcd3.transport import Stream, Transport
from steersman.clients.etcd3.watch import Watcher
from steersman.clients.etcd3.wire import NO_WATCH_ID, Message, Method, make
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError, WatchLostError
from steersman.model.ports import Batch


class ScriptedStream:
    """Says what it was given, then nothing more."""

    def __init__(self, replies: Sequence[Message]) -> None:
        self._replies = list(replies)

    async def write(self, message: Message, timeout_seconds: float) -> None: ...

    async def read(self, timeout_seconds: float) -> Message | None:
        if not self._replies:
            raise UnreachableError("the script is over", applied=False)
        return self._replies.pop(0)


class ScriptedTransport:
    """One script a stream; closes itself after the last. Remembers where streams began."""

    endpoint = "test:1"

    def __init__(self, *scripts: Sequence[Message], clusters: Sequence[int] = ()) -> None:
        self._scripts = list(scripts)
        self._clusters = list(clusters)
        self.starts: list[int] = []

    @property
    def closed(self) -> bool:
        return not self._scripts

    async def call(self, method: Method, request: Message) -> Message:
        cluster = self._clusters.pop(0) if self._clusters else 1
        return make("RangeResponse", header=header(1000, cluster))

    @asynccontextmanager
    async def stream(self, method: Method, *metadata: Any) -> AsyncIterator[Stream]:
        stream = ScriptedStream(self._scripts.pop(0))

        async def note(message: Message, timeout_seconds: float) -> None:
            if message.HasField("create_request"):
                self.starts.append(message.create_request.start_revision)

        stream.write = note  # type: ignore[method-assign]
        yield cast(Stream, stream)

    def leave(self, endpoint: str) -> None: ...


def header(revision: int, cluster_id: int = 1) -> Message:
    return make("Header", revision=revision, cluster_id=cluster_id)


def put(revision: int) -> Message:
    kv = make("KeyValue", key=b"/d/a", mod_revision=revision, create_revision=revision)
    return make("Event", kv=kv)


def says(revision: int, *events: Message, **fields: Any) -> Message:
    return make("WatchResponse", header=header(revision), events=events, **fields)


async def watched(transport: ScriptedTransport, after: int = 10) -> list[Batch]:
    leases = Leases(cast(Transport, transport), 1.0)
    watcher = Watcher(cast(Transport, transport), leases, "/d/", after, 1.0)
    async with aclosing(watcher.batches()) as batches:
        return [batch async for batch in batches]


@pytest.mark.parametrize(
    ("script", "next_start"),
    [
        pytest.param([], 11, id="a stream without a word moves nothing"),
        pytest.param(
            [says(500, created=True)], 11, id="the revision at creation is the store's, not ours"
        ),
        pytest.param([says(500, put(12))], 13, id="old events go on after the last of them"),
        pytest.param([says(500)], 501, id="a notice of the server says that all before was sent"),
        pytest.param(
            [says(500, watch_id=NO_WATCH_ID)],
            11,
            id="an answer to our question may overtake events",
        ),
        pytest.param(
            [says(500, put(12), fragment=True)], 11, id="a batch that broke off is asked for again"
        ),
        pytest.param([says(500), says(400)], 501, id="nothing goes back"),
    ],
)
async def test_where_the_next_stream_begins(script: list[Message], next_start: int) -> None:
    transport = ScriptedTransport(script, [])

    await watched(transport)

    assert transport.starts == [11, next_start]


async def test_fragments_are_one_batch() -> None:
    script = [says(20, put(12), fragment=True), says(20, put(12), fragment=True), says(20, put(13))]

    (batch,) = await watched(ScriptedTransport(script))

    assert batch.revision == 13
    assert [change.item.revision for change in batch.changes if change.item] == [12, 12, 13]


async def test_a_batch_that_broke_off_is_not_mixed_into_the_next_stream() -> None:
    transport = ScriptedTransport([says(20, put(12), fragment=True)], [says(20, put(12))])

    (batch,) = await watched(transport)

    assert len(batch.changes) == 1


async def test_a_compacted_watch_is_lost() -> None:
    with pytest.raises(WatchLostError, match="compacted at 30"):
        await watched(ScriptedTransport([says(50, canceled=True, compact_revision=30)]))


async def test_a_watch_that_is_not_permitted_is_denied() -> None:
    script = [says(50, canceled=True, cancel_reason=b"etcdserver: permission denied")]

    with pytest.raises(OutsideError) as refused:
        await watched(ScriptedTransport(script))

    assert refused.value.kind is ErrorClass.DENIED


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param(b"etcdserver: mvcc: going away", id="the server's own"),
        pytest.param(b"etcdserver: invalid auth token", id="a login that ran out"),
        pytest.param(b"etcdserver: revision of auth store is old", id="a login of older roles"),
    ],
)
async def test_a_watch_that_is_canceled_for_another_reason_begins_again(reason: bytes) -> None:
    transport = ScriptedTransport([says(50, canceled=True, cancel_reason=reason)], [])

    await watched(transport)

    assert transport.starts == [11, 11]


async def test_a_watch_that_finds_another_cluster_is_lost() -> None:
    with pytest.raises(WatchLostError, match="another cluster"):
        await watched(ScriptedTransport([], [], clusters=[1, 2]))


async def test_a_store_that_is_behind_the_watch_has_lost_it() -> None:
    with pytest.raises(WatchLostError, match="went back from 2000 to 1000"):
        await watched(ScriptedTransport([]), after=2000)
