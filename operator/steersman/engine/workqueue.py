"""The workqueue: each key waits in it once, and is in one worker's hands at a time."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

K = TypeVar("K")


class WorkQueue(Generic[K]):
    """As client-go's: a key that is added while it is worked on comes back when it is done.

    It is bounded by the number of keys that exist: each is queued at most once, and has at most
    one timer, the earliest that was asked for.
    """

    def __init__(self) -> None:
        self._ready: deque[K] = deque()
        self._dirty: set[K] = set()
        self._working: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return len(self._ready)

    def add(self, key: K) -> None:
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._working:
            self._ready.append(key)
            self._arrived.set()

    def add_after(self, key: K, seconds: float) -> None:
        """Add the key later. An earlier timer of the same key wins; the later one is dropped."""
        loop = asyncio.get_running_loop()
        timer = self._timers.get(key)
        when = loop.time() + max(0.0, seconds)
        if timer is not None and timer.when() <= when:
            return
        if timer is not None:
            timer.cancel()
        self._timers[key] = loop.call_at(when, self._ring, key)

    async def get(self) -> K:
        """The next key; its worker says `done` when it is through with it."""
        while not self._ready:
            self._arrived.clear()
            await self._arrived.wait()
        key = self._ready.popleft()
        self._dirty.discard(key)
        self._working.add(key)
        return key

    def done(self, key: K) -> None:
        self._working.discard(key)
        if key in self._dirty:
            self._ready.append(key)
            self._arrived.set()

    def close(self) -> None:
        """Drop the timers: nothing comes back by itself any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _ring(self, key: K) -> None:
        del self._timers[key]
        self.add(key)
