"""etcd v3's messages: whatever a server sends, the store raises an error of the model."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc
import grpc.aio
import pytest
from hypothesis import strategies as st

from steersman.clients.etcd3 import Etcd3Store
from steersman.clients.etcd3.wire import make, serialize
from steersman.clients.etcd_access import Access
from steersman.model.ports import Fence
from tests.fuzz.strategies import changed
from tests.fuzz.trying import fuzzed
from tests.fuzz.wire import outcome_of, second_batch

ETCD3 = "etcd3"
PREFIX = "/services/elasticsearch/"
KEY = "/services/elasticsearch/10.240.0.2"
FENCE = Fence("/steersman/leader", 9)

T = TypeVar("T")
NUMBERS = st.sampled_from((0, 1, 24, -1, 2**31, 2**63 - 1, -(2**63)))
BYTES = st.sampled_from((b"", KEY.encode(), b"\xff", b"/", b"x" * 10_000))
HEADERS = st.builds(lambda revision: make("Header", cluster_id=7, revision=revision), NUMBERS)
KEY_VALUES = st.builds(
    lambda key, value, created, modified, lease: make(
        "KeyValue",
        key=key,
        value=value,
        create_revision=created,
        mod_revision=modified,
        lease=lease,
    ),
    *(BYTES, BYTES, NUMBERS, NUMBERS, NUMBERS),
)
LISTS = st.lists(KEY_VALUES, max_size=3)
RANGES = st.builds(
    lambda header, kvs, more: make("RangeResponse", header=header, kvs=kvs, more=more),
    *(HEADERS, LISTS, st.booleans()),
)
TRANSACTIONS = st.builds(
    lambda header, succeeded, reads: make(
        "TxnResponse",
        header=header,
        succeeded=succeeded,
        responses=[make("ResponseOp", response_range=each) for each in reads],
    ),
    *(HEADERS, st.booleans(), st.lists(RANGES, max_size=2)),
)
WATCHES = st.builds(
    lambda header, kvs, kind, flags, compacted: make(
        "WatchResponse",
        header=header,
        events=[make("Event", type=kind, kv=each) for each in kvs],
        created=flags[0],
        canceled=flags[1],
        fragment=flags[2],
        compact_revision=compacted,
    ),
    *(HEADERS, LISTS, st.sampled_from((0, 1, 7)), st.tuples(*[st.booleans()] * 3), NUMBERS),
)
LEASES = st.builds(lambda ttl: make("LeaseTimeToLiveResponse", TTL=ttl), NUMBERS)
MESSAGES = (RANGES | TRANSACTIONS | WATCHES | LEASES).map(serialize)
ONE_KEY = make(
    "KeyValue", key=KEY.encode(), value=b"{}", create_revision=3, mod_revision=24, lease=5
)
HEADER = make("Header", cluster_id=7, revision=24)
LISTING = serialize(make("RangeResponse", header=HEADER, kvs=[ONE_KEY]))
TOKENS = st.builds(lambda token: make("AuthenticateResponse", token=token), st.binary(max_size=20))
LEASE = serialize(make("LeaseTimeToLiveResponse", TTL=300))
GOOD = (
    LISTING,
    serialize(make("TxnResponse", header=HEADER, succeeded=True)),
    serialize(make("WatchResponse", header=HEADER, events=[make("Event", type=0, kv=ONE_KEY)])),
    serialize(
        make("WatchResponse", header=HEADER, canceled=True, cancel_reason=b"permission denied")
    ),
    LEASE,
)
ANY = MESSAGES | changed(GOOD)


class Server:
    """Answers every call by `says`, but for the methods of `instead`."""

    def __init__(self) -> None:
        self.says = b""
        self.instead: dict[str, bytes] = {}
        self.port = 0

    async def start(self) -> grpc.aio.Server:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((self,))
        self.port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server

    def service(self, call: grpc.HandlerCallDetails) -> Any:
        said = self.instead.get(call.method, self.says)

        async def once(_request: bytes, _context: Any) -> bytes:
            return said

        async def stream(_requests: Any, _context: Any) -> AsyncIterator[bytes]:
            yield said

        if call.method.endswith(("/Watch", "/LeaseKeepAlive")):
            return grpc.stream_stream_rpc_method_handler(stream)
        return grpc.unary_unary_rpc_method_handler(once)


class Town:
    """A store, its server, and the loop that both run on."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self.server = Server()
        self._running = runner.run(self.server.start())
        self.store = self._new(Access())

    @contextmanager
    def not_logged_in(self) -> Iterator[Etcd3Store]:
        store = self._new(Access(username="us", password="secret"))
        yield store
        self._runner.run(store.close())

    def outcome(self, body: bytes, call: Callable[[], Awaitable[T]], **instead: bytes) -> T | None:
        self.server.says = body
        self.server.instead = {
            "/etcdserverpb.KV/Range": instead.get("range", body),
            "/etcdserverpb.Lease/LeaseTimeToLive": instead.get("lease", body),
            "/etcdserverpb.Auth/Authenticate": instead.get("login", body),
        }
        return self._runner.run(outcome_of(call))

    def _new(self, access: Access) -> Etcd3Store:
        return Etcd3Store([f"127.0.0.1:{self.server.port}"], access)

    def close(self) -> None:
        self._runner.run(self.store.close())
        self._runner.run(self._running.stop(None))


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with asyncio.Runner() as runner:
        town = Town(runner)
        yield town
        town.close()


@fuzzed(ETCD3, ANY)
def test_a_listing_is_items_or_a_declared_error(town: Town, body: bytes) -> None:
    town.outcome(body, lambda: town.store.list(PREFIX))
    town.outcome(body, lambda: town.store.list(PREFIX), lease=LEASE)


@fuzzed(ETCD3, ANY)
def test_a_lease_of_any_length_is_a_time_or_a_declared_error(town: Town, body: bytes) -> None:
    item = town.outcome(body, lambda: town.store.get(KEY), range=LISTING)
    assert item is None or item.key == KEY


@fuzzed(ETCD3, ANY)
def test_a_write_has_a_revision_or_a_declared_error(town: Town, body: bytes) -> None:
    for write in (
        lambda: town.store.put(KEY, b"x"),
        lambda: town.store.put(KEY, b"x", ttl_seconds=60),
        lambda: town.store.create(KEY, b"x", fence=FENCE),
        lambda: town.store.compare_and_delete(KEY, 24, fence=FENCE),
        lambda: town.store.refresh(KEY, 300, 24),
    ):
        revision = town.outcome(body, write, range=LISTING)
        assert revision is None or isinstance(revision, int)


@fuzzed(ETCD3, ANY)
def test_a_watch_hands_on_changes_or_ends_with_a_declared_error(town: Town, body: bytes) -> None:
    batch = town.outcome(
        body, lambda: second_batch(town.store, PREFIX, 24), range=LISTING, lease=LEASE
    )
    assert batch is None or isinstance(batch.revision, int)


@fuzzed(ETCD3, ANY)
def test_after_any_message_the_next_good_one_counts(town: Town, body: bytes) -> None:
    town.outcome(body, lambda: town.store.list(PREFIX))
    listing = town.outcome(body, lambda: town.store.list(PREFIX), range=LISTING, lease=LEASE)
    assert listing is not None
    assert [item.key for item in listing.items] == [KEY]


@fuzzed(ETCD3, TOKENS.map(serialize) | changed(GOOD))
def test_a_login_gets_a_token_that_can_be_shown_or_a_declared_error(
    town: Town, body: bytes
) -> None:
    with town.not_logged_in() as store:
        town.outcome(LISTING, lambda: store.list(PREFIX), login=body, lease=LEASE)
