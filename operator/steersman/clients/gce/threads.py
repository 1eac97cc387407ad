"""Threads for calls that block: few at once, and a queue with an end in front of them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from steersman.model.errors import UnreachableError

THREADS_MAX = 8  # the library keeps ten connections; more threads only fight over the interpreter
WAITING_MAX = 64  # calls without a thread; who comes later is turned away

T = TypeVar("T")


class Threads:
    """A thread that its caller gave up on counts until it ends, and the next call waits for it.

    No call is handed over before a thread is free, so who gives up while waiting leaves nothing.
    """

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix=name)
        self._free = asyncio.Semaphore(THREADS_MAX)
        self._waiting = 0
        self._closed = False

    async def run(self, work: Callable[[], T]) -> T:
        await self._turn()
        if self._closed:
            self._free.release()
            raise UnreachableError("the client is closed", code="closed", applied=False)
        loop = asyncio.get_running_loop()

        def ended(_: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop may have ended before the thread
                loop.call_soon_threadsafe(self._free.release)

        running = self._executor.submit(work)
        running.add_done_callback(ended)
        return await asyncio.wrap_future(running)

    def close(self) -> None:
        """Nothing new starts. What runs ends by its own timeout, and nobody waits for it here."""
        self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _turn(self) -> None:
        if self._waiting >= WAITING_MAX:
            message = f"{WAITING_MAX} calls wait for a thread already"
            raise UnreachableError(message, code="busy", applied=False)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
