"""The Store port on etcd's v3 API."""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

from steersman.clients.etcd3.errors import too_large
from steersman.clients.etcd3.items import read_items
from steersman.clients.etcd3.leases import Leases
from steersman.clients.etcd3.transport import MESSAGE_BYTES_MAX, Transport
from steersman.clients.etcd3.watch import Watcher
from steersman.clients.etcd3.wire import (
    COMPARE_CREATE,
    COMPARE_EQUAL,
    COMPARE_MOD,
    RANGE,
    TXN,
    Message,
    make,
    prefix_end,
)
from steersman.clients.etcd_access import ANONYMOUS, REQUEST_TIMEOUT_SECONDS, Access
from steersman.clients.measure import Restarted, unnoticed
from steersman.clients.unreadable import unreadable
from steersman.model.errors import FencedError, OutsideError
from steersman.model.ports import Batch, Fence, Item, Listing

WATCH_IDLE_SECONDS = 5.0  # silence after which the server is asked whether it is there
PAGE_KEYS = 1000
TRANSACTION_KEYS = 100  # a server takes 128 operations and 1.5 MiB, unless it is told otherwise
TRANSACTION_BYTES = 1024 * 1024


class Etcd3Store:
    """Reads are linearizable. A TTL is a lease that belongs to one key, so the store remembers
    nothing: what it needs to renew a key is in the key."""

    def __init__(
        self,
        endpoints: Sequence[str],
        access: Access = ANONYMOUS,
        *,
        request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
        watch_idle_seconds: float = WATCH_IDLE_SECONDS,
        page_keys: int = PAGE_KEYS,
        message_bytes_max: int = MESSAGE_BYTES_MAX,
        restarted: Restarted = unnoticed,
    ) -> None:
        self._transport = Transport(endpoints, access, request_timeout_seconds, message_bytes_max)
        self._leases = Leases(self._transport, request_timeout_seconds)
        self._watch_idle_seconds = watch_idle_seconds
        self._page_keys = page_keys
        self._restarted = restarted

    async def list(self, prefix: str) -> Listing:
        start, revision, limit = prefix.encode(), 0, self._page_keys
        items: list[Item] = []
        while True:
            page, limit = await self._fitting(start, prefix, revision, limit)
            revision = revision or page.header.revision  # all pages show the store as of the first
            items += await read_items(page.kvs, self._leases)
            if not page.more:
                return Listing(revision, tuple(items))
            start = _after(page, start)

    def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        idle, restarted = self._watch_idle_seconds, self._restarted
        return Watcher(self._transport, self._leases, prefix, after, idle, restarted).batches()

    async def get(self, key: str) -> Item | None:
        kv = await self._get(key)
        return None if kv is None else (await read_items([kv], self._leases))[0]

    async def put(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int:
        revision = await self._write(key, value, [], ttl_seconds, fence)
        if revision is None:  # only a condition or a fence can stop a write
            message = f"writing {key}: an answer that is none of etcd's"
            raise unreadable(message, applied=None)
        return revision

    async def put_all(self, values: Mapping[str, bytes], *, fence: Fence | None = None) -> None:
        for part in _parts(values):
            puts = [_put(key, value) for key, value in part.items()]
            _outcome(await self._transact(puts, [], fence), fence)

    async def create(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int | None:
        return await self._write(key, value, [_created(key, 0)], ttl_seconds, fence)

    async def compare_and_swap(
        self,
        key: str,
        value: bytes,
        revision: int,
        *,
        ttl_seconds: int | None = None,
        fence: Fence | None = None,
    ) -> int | None:
        return await self._write(key, value, [_modified(key, revision)], ttl_seconds, fence)

    async def compare_and_delete(
        self, key: str, revision: int, *, fence: Fence | None = None
    ) -> bool:
        delete = make(
            "RequestOp", request_delete_range=make("DeleteRangeRequest", key=key.encode())
        )
        reply = await self._transact([delete], [_modified(key, revision)], fence)
        return _outcome(reply, fence) is not None

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        """A lease cannot change its TTL: a key whose lease is too short, or that has none, gets
        the same value again under a new one."""
        kv = await self._get(key)
        if kv is None or kv.mod_revision != revision:
            return None
        granted = await self._leases.keep_alive(kv.lease) if kv.lease else 0
        if granted >= ttl_seconds:
            return revision
        return await self.compare_and_swap(key, kv.value, revision, ttl_seconds=ttl_seconds)

    async def close(self) -> None:
        await self._transport.close()

    async def _fitting(
        self, start: bytes, prefix: str, revision: int, limit: int
    ) -> tuple[Message, int]:
        """A page, and how many keys were asked for: fewer, if so many do not fit into a message."""
        while True:
            try:
                return await self._page(start, prefix, revision, limit), limit
            except OutsideError as error:
                if limit == 1 or not too_large(error):
                    raise
            limit //= 2

    async def _page(self, start: bytes, prefix: str, revision: int, limit: int) -> Message:
        request = make(
            "RangeRequest",
            key=start,
            range_end=prefix_end(prefix.encode()),
            limit=limit,
            revision=revision,
        )
        return await self._transport.call(RANGE, request)

    async def _get(self, key: str) -> Message | None:
        reply = await self._transport.call(RANGE, make("RangeRequest", key=key.encode()))
        return reply.kvs[0] if reply.kvs else None

    async def _write(
        self,
        key: str,
        value: bytes,
        conditions: Sequence[Message],
        ttl_seconds: int | None,
        fence: Fence | None,
    ) -> int | None:
        lease = await self._leases.grant(ttl_seconds) if ttl_seconds else 0
        reply = await self._transact([_put(key, value, lease)], conditions, fence)
        if lease and not reply.succeeded:
            await self._leases.abandon(lease)
        return _outcome(reply, fence)

    async def _transact(
        self, operations: Sequence[Message], conditions: Sequence[Message], fence: Fence | None
    ) -> Message:
        """When a condition does not hold, the same transaction reads the key of the fence."""
        guards = [] if fence is None else [_created(fence.key, fence.created)]
        looks = [] if fence is None else [_look(fence.key)]
        request = make(
            "TxnRequest", compare=[*guards, *conditions], success=[*operations], failure=looks
        )
        return await self._transport.call(TXN, request)


def _after(page: Message, start: bytes) -> bytes:
    """Where the next page begins."""
    last: bytes = page.kvs[-1].key if page.kvs else b""
    if last < start:
        raise unreadable("a listing whose pages lead nowhere")
    return last + b"\0"


def _parts(values: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """In order, each small enough for one transaction; a value that is larger than that goes
    alone, for the server to judge."""
    part: dict[str, bytes] = {}
    size = 0
    for key, value in values.items():
        size += len(key) + len(value)
        if part and (len(part) == TRANSACTION_KEYS or size > TRANSACTION_BYTES):
            yield part
            part, size = {}, len(key) + len(value)
        part[key] = value
    if part:
        yield part


def _put(key: str, value: bytes, lease: int = 0) -> Message:
    put = make("PutRequest", key=key.encode(), value=value, lease=lease)
    return make("RequestOp", request_put=put)


def _created(key: str, revision: int) -> Message:
    """Holds while the key has this create revision; 0: while there is no such key."""
    return _equal(key, COMPARE_CREATE, create_revision=revision)


def _modified(key: str, revision: int) -> Message:
    return _equal(key, COMPARE_MOD, mod_revision=revision)


def _equal(key: str, target: int, **revision: int) -> Message:
    return make("Compare", result=COMPARE_EQUAL, target=target, key=key.encode(), **revision)


def _look(key: str) -> Message:
    return make("RequestOp", request_range=make("RangeRequest", key=key.encode()))


def _outcome(reply: Message, fence: Fence | None) -> int | None:
    """The new revision, or None when a condition other than the fence did not hold."""
    if reply.succeeded:
        return int(reply.header.revision)
    if fence is None:
        return None
    kvs = [kv for each in reply.responses for kv in each.response_range.kvs]
    if not kvs or kvs[0].create_revision != fence.created:
        message = f"{fence.key} was not created at {fence.created}, or is gone"
        raise FencedError(message)
    return None
