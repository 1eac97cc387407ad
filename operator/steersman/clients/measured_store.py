"""A store that tells of every call, and of how its watches go on."""

import time
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import aclosing
from typing import Protocol, TypeVar

from steersman.clients.measure import measured
from steersman.model.errors import OutsideError, WatchLostError
from steersman.model.ports import Batch, Fence, Item, Listing, Store

OK = "ok"
LOST = "lost"

T = TypeVar("T")


class Observer(Protocol):
    """Who is told. `source` is the role of the store; `at` is in epoch seconds."""

    def request(
        self, backend: str, method: str, code: str, seconds: float, throttled: bool
    ) -> None: ...

    def watched(self, source: str, prefix: str, revision: int, at: float) -> None: ...

    def rewatched(self, source: str, reason: str) -> None: ...


class MeasuredStore:
    """The port Store around another. A call is counted under the port's word for it, whatever
    requests it takes on the wire; a write whose condition did not hold was answered, too."""

    def __init__(self, store: Store, source: str, observer: Observer) -> None:
        self._store, self._source, self._observer = store, source, observer

    async def list(self, prefix: str) -> Listing:
        return await self._counted("list", self._store.list(prefix))

    async def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        try:
            async with aclosing(self._store.watch(prefix, after)) as batches:
                async for batch in batches:
                    self._observer.watched(self._source, prefix, batch.revision, time.time())
                    yield batch
        except WatchLostError:
            self._observer.rewatched(self._source, LOST)
            raise
        except OutsideError as error:
            self._observer.rewatched(self._source, error.code)
            raise

    async def get(self, key: str) -> Item | None:
        return await self._counted("get", self._store.get(key))

    async def put(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int:
        call = self._store.put(key, value, ttl_seconds=ttl_seconds, fence=fence)
        return await self._counted("put", call)

    async def put_all(self, values: Mapping[str, bytes], *, fence: Fence | None = None) -> None:
        await self._counted("put_all", self._store.put_all(values, fence=fence))

    async def create(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int | None:
        call = self._store.create(key, value, ttl_seconds=ttl_seconds, fence=fence)
        return await self._counted("create", call)

    async def compare_and_swap(
        self,
        key: str,
        value: bytes,
        revision: int,
        *,
        ttl_seconds: int | None = None,
        fence: Fence | None = None,
    ) -> int | None:
        call = self._store.compare_and_swap(
            key, value, revision, ttl_seconds=ttl_seconds, fence=fence
        )
        return await self._counted("compare_and_swap", call)

    async def compare_and_delete(
        self, key: str, revision: int, *, fence: Fence | None = None
    ) -> bool:
        call = self._store.compare_and_delete(key, revision, fence=fence)
        return await self._counted("compare_and_delete", call)

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        return await self._counted("refresh", self._store.refresh(key, ttl_seconds, revision))

    async def close(self) -> None:
        await self._store.close()

    async def _counted(self, method: str, call: Awaitable[T]) -> T:
        with measured(self._observer.request, self._source, method) as told:
            result = await call
            told.code = OK
        return result
