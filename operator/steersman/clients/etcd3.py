"""The Store port on etcd's v3 API."""

from collections.abc import AsyncIterator, Sequence

from steersman.clients.etcd3_items import read_items
from steersman.clients.etcd3_leases import Leases
from steersman.clients.etcd3_transport import Transport
from steersman.clients.etcd3_watch import Watcher
from steersman.clients.etcd3_wire import (
    COMPARE_CREATE,
    COMPARE_EQUAL,
    COMPARE_MOD,
    RANGE,
    TXN,
    Message,
    make,
    prefix_end,
)
from steersman.clients.etcd_access import Access
from steersman.model.errors import FencedError
from steersman.model.ports import Batch, Fence, Item, Listing

REQUEST_TIMEOUT_SECONDS = 5.0
WATCH_IDLE_SECONDS = 5.0  # silence after which the server is asked whether it is there
PAGE_KEYS = 1000
_ANONYMOUS = Access()


class Etcd3Store:
    """Reads are linearizable. A TTL is a lease that belongs to one key, so the store remembers
    nothing: what it needs to renew a key is in the key."""

    def __init__(
        self,
        endpoints: Sequence[str],
        access: Access = _ANONYMOUS,
        *,
        request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
        watch_idle_seconds: float = WATCH_IDLE_SECONDS,
        page_keys: int = PAGE_KEYS,
    ) -> None:
        self._transport = Transport(endpoints, access, request_timeout_seconds)
        self._leases = Leases(self._transport, request_timeout_seconds)
        self._watch_idle_seconds = watch_idle_seconds
        self._page_keys = page_keys

    async def list(self, prefix: str) -> Listing:
        start, revision = prefix.encode(), 0
        items: list[Item] = []
        while True:
            page = await self._page(start, prefix, revision)
            revision = revision or page.header.revision  # all pages show the store as of the first
            items += await read_items(page.kvs, self._leases)
            if not page.more:
                return Listing(revision, tuple(items))
            start = page.kvs[-1].key + b"\0"

    def watch(self, prefix: str, after: int) -> AsyncIterator[Batch]:
        watcher = Watcher(self._transport, self._leases, prefix, after, self._watch_idle_seconds)
        return watcher.batches()

    async def get(self, key: str) -> Item | None:
        kv = await self._get(key)
        return None if kv is None else (await read_items([kv], self._leases))[0]

    async def put(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int:
        revision = await self._write(key, value, [], ttl_seconds, fence)
        assert revision is not None, "only a condition or a fence can stop a write"
        return revision

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
        reply = await self._transact(delete, [_modified(key, revision)], fence)
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

    async def _page(self, start: bytes, prefix: str, revision: int) -> Message:
        request = make(
            "RangeRequest",
            key=start,
            range_end=prefix_end(prefix.encode()),
            limit=self._page_keys,
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
        put = make("PutRequest", key=key.encode(), value=value, lease=lease)
        operation = make("RequestOp", request_put=put)
        reply = await self._transact(operation, conditions, fence)
        if lease and not reply.succeeded:
            await self._leases.abandon(lease)
        return _outcome(reply, fence)

    async def _transact(
        self, operation: Message, conditions: Sequence[Message], fence: Fence | None
    ) -> Message:
        """When a condition does not hold, the same transaction reads the key of the fence."""
        guards = [] if fence is None else [_created(fence.key, fence.created)]
        looks = [] if fence is None else [_look(fence.key)]
        request = make(
            "TxnRequest", compare=[*guards, *conditions], success=[operation], failure=looks
        )
        return await self._transport.call(TXN, request)


def _created(key: str, revision: int) -> Message:
    """Holds while the key has this create revision; 0: while there is no such key."""
    return make(
        "Compare",
        result=COMPARE_EQUAL,
        target=COMPARE_CREATE,
        key=key.encode(),
        create_revision=revision,
    )


def _modified(key: str, revision: int) -> Message:
    return make(
        "Compare",
        result=COMPARE_EQUAL,
        target=COMPARE_MOD,
        key=key.encode(),
        mod_revision=revision,
    )


def _look(key: str) -> Message:
    return make("RequestOp", request_range=make("RangeRequest", key=key.encode()))


def _outcome(reply: Message, fence: Fence | None) -> int | None:
    """The new revision, or None when a condition other than the fence did not hold."""
    if reply.succeeded:
        return int(reply.header.revision)
    if fence is None:
        return None
    kvs = reply.responses[0].response_range.kvs
    if not kvs or kvs[0].create_revision != fence.created:
        message = f"{fence.key} was not created at {fence.created}, or is gone"
        raise FencedError(message)
    return None
