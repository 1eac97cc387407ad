"""A watch in the background of a test, and waits with a deadline for what it is to see."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from steersman.model.errors import UnreachableError
from steersman.model.ports import Batch, Change, Store

DEADLINE_SECONDS = 100.0  # on a busy machine; before pytest ends a test by itself
RETRY_SECONDS = 0.05

T = TypeVar("T")


async def answered(call: Callable[[], Awaitable[T]]) -> T:
    """Of a store that was hurt, whose members may be at an election yet: the first answer. A write
    that went unheard is made again, so it may have been made twice."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            try:
                return await call()
            except UnreachableError:
                await asyncio.sleep(RETRY_SECONDS)


class Follower:
    def __init__(self, store: Store, prefix: str, after: int) -> None:
        self.batches: list[Batch] = []
        self.count = 0  # of all changes, whose list is long to make
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._follow(store, prefix, after), name="follower")

    @property
    def changes(self) -> list[Change]:
        return [change for batch in self.batches for change in batch.changes]

    @property
    def keys(self) -> list[str]:
        return [change.key for change in self.changes]

    async def until(
        self, condition: Callable[[], bool], *, seconds: float = DEADLINE_SECONDS
    ) -> None:
        """Raises what ended the watch, if that happened first."""
        async with asyncio.timeout(seconds):
            while not condition():
                if self._task.done():
                    await self._task
                    raise AssertionError("the watch ended by itself")
                self._news.clear()
                await self._news.wait()

    async def another(self) -> None:
        """Wait for one more batch, empty or not."""
        count = len(self.batches)
        await self.until(lambda: len(self.batches) > count)

    async def end(self) -> None:
        """Wait until the watch ends by itself. Raises what ended it."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            await self._task

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=DEADLINE_SECONDS)
        assert self._task.done(), "a watch must end when it is cancelled"

    async def _follow(self, store: Store, prefix: str, after: int) -> None:
        try:
            async for batch in store.watch(prefix, after):
                self.batches.append(batch)
                self.count += len(batch.changes)
                self._news.set()
        finally:
            self._news.set()


@asynccontextmanager
async def following(store: Store, prefix: str, after: int) -> AsyncIterator[Follower]:
    """Begins when the watch stands: changes made in the block happen under its eyes."""
    follower = Follower(store, prefix, after)
    try:
        await follower.until(lambda: bool(follower.batches))
        yield follower
    finally:
        await follower.stop()
