"""A store whose every write carries the fence of the leader's term."""

from collections.abc import AsyncGenerator, Callable, Mapping

from steersman.model.errors import FencedError
from steersman.model.ports import Batch, Fence, Item, Listing, Store


def in_term(fence: Fence | None) -> Fence:
    """FencedError: nobody leads here."""
    if fence is None:
        raise FencedError("not leading: nothing is written")
    return fence


class FencedStore:
    """What drivers get for home. FencedError: the term is over, or nobody leads here."""

    def __init__(self, store: Store, fence: Callable[[], Fence | None]) -> None:
        self._store, self._fence = store, fence

    async def list(self, prefix: str) -> Listing:
        return await self._store.list(prefix)

    def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        return self._store.watch(prefix, after)

    async def get(self, key: str) -> Item | None:
        return await self._store.get(key)

    async def put(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int:
        fence = fence or self._term()
        return await self._store.put(key, value, ttl_seconds=ttl_seconds, fence=fence)

    async def put_all(self, values: Mapping[str, bytes], *, fence: Fence | None = None) -> None:
        await self._store.put_all(values, fence=fence or self._term())

    async def create(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int | None:
        fence = fence or self._term()
        return await self._store.create(key, value, ttl_seconds=ttl_seconds, fence=fence)

    async def compare_and_swap(
        self,
        key: str,
        value: bytes,
        revision: int,
        *,
        ttl_seconds: int | None = None,
        fence: Fence | None = None,
    ) -> int | None:
        fence = fence or self._term()
        return await self._store.compare_and_swap(
            key, value, revision, ttl_seconds=ttl_seconds, fence=fence
        )

    async def compare_and_delete(
        self, key: str, revision: int, *, fence: Fence | None = None
    ) -> bool:
        return await self._store.compare_and_delete(key, revision, fence=fence or self._term())

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        """Not fenced: keeping alive what is there does no harm."""
        return await self._store.refresh(key, ttl_seconds, revision)

    async def close(self) -> None:
        await self._store.close()

    def _term(self) -> Fence:
        return in_term(self._fence())
