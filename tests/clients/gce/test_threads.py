"""Threads for calls that block: how many, who waits, and what remains of who gave up."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from steersman.clients.gce.threads import THREADS_MAX, WAITING_MAX, Threads
from steersman.model.errors import UnreachableError

TIMEOUT_SECONDS = 30.0


class Work:
    """Blocks its thread until it is let go, and counts who is in there."""

    def __init__(self) -> None:
        self._gate, self._lock = threading.Event(), threading.Lock()
        self.running = self.most = self.done = 0

    def __call__(self) -> None:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        assert self._gate.wait(TIMEOUT_SECONDS)
        with self._lock:
            self.done += 1
            self.running -= 1

    def let_go(self) -> None:
        self._gate.set()


@asynccontextmanager
async def threads() -> AsyncIterator[tuple[Threads, Work]]:
    pool, work = Threads("test"), Work()
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            yield pool, work
    finally:
        work.let_go()
        pool.close()


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - threads tell no event of asyncio
        await asyncio.sleep(0)


async def begun(work: Work, count: int) -> None:
    await until(lambda: work.running == count)


async def test_no_more_calls_run_than_there_are_threads_and_all_get_their_turn() -> None:
    async with threads() as (pool, work):
        calls = [asyncio.ensure_future(pool.run(work)) for _ in range(2 * THREADS_MAX)]
        await begun(work, THREADS_MAX)
        work.let_go()
        await asyncio.gather(*calls)
    assert (work.most, work.done) == (THREADS_MAX, 2 * THREADS_MAX)


async def test_who_comes_when_the_queue_is_full_is_turned_away() -> None:
    async with threads() as (pool, work):
        calls = [asyncio.ensure_future(pool.run(work)) for _ in range(THREADS_MAX + WAITING_MAX)]
        await begun(work, THREADS_MAX)
        with pytest.raises(UnreachableError) as caught:
            await pool.run(work)
        assert (caught.value.code, caught.value.applied) == ("busy", False)
        work.let_go()
        await asyncio.gather(*calls)
        await pool.run(work)


async def test_a_call_that_was_given_up_keeps_its_thread_until_it_ends() -> None:
    async with threads() as (pool, work):
        calls = [asyncio.ensure_future(pool.run(work)) for _ in range(THREADS_MAX)]
        await begun(work, THREADS_MAX)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        waiting = asyncio.ensure_future(pool.run(work))
        await asyncio.sleep(0)
        assert work.most == THREADS_MAX
        work.let_go()
        await waiting
        await until(lambda: work.running == 0)
    assert (work.most, work.done) == (THREADS_MAX, THREADS_MAX + 1)


async def test_a_call_that_was_given_up_while_it_waited_never_runs() -> None:
    async with threads() as (pool, work):
        calls = [asyncio.ensure_future(pool.run(work)) for _ in range(THREADS_MAX + 1)]
        await begun(work, THREADS_MAX)
        calls.pop().cancel()
        work.let_go()
        await asyncio.gather(*calls)
        await pool.run(work)
    assert work.done == THREADS_MAX + 1


async def test_once_closed_nothing_starts_neither_what_waits_nor_what_comes() -> None:
    async with threads() as (pool, work):
        calls = [asyncio.ensure_future(pool.run(work)) for _ in range(THREADS_MAX + 2)]
        await begun(work, THREADS_MAX)
        pool.close()
        work.let_go()
        found = await asyncio.gather(*calls, pool.run(work), return_exceptions=True)
        await until(lambda: work.running == 0)
    refused = [each for each in found if isinstance(each, UnreachableError)]
    assert [each.code for each in refused] == ["closed"] * 3
    assert work.done == THREADS_MAX
