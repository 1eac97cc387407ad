"""The workqueue: one key in one hand, none lost, and what is touched again comes again."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from steersman.engine.workqueue import WorkQueue
from tests.support.virtual import run_virtual, virtual

KEYS = st.sampled_from("abcd")
# (seconds to wait before, key, seconds to add it after; None: at once)
ADDITIONS = st.lists(
    st.tuples(st.floats(0, 3), KEYS, st.none() | st.floats(0, 5)), min_size=1, max_size=30
)


class Workers:
    """Some workers of a queue, who take their time and note who did what when."""

    def __init__(self, queue: WorkQueue[str], seconds: float) -> None:
        self.began: dict[str, list[float]] = {}
        self.in_hand: list[str] = []
        self._queue, self._seconds = queue, seconds

    async def work(self) -> None:
        while True:
            key = await self._queue.get()
            assert key not in self.in_hand, "one key in one hand"
            self.in_hand.append(key)
            self.began.setdefault(key, []).append(asyncio.get_running_loop().time())
            await asyncio.sleep(self._seconds)
            self.in_hand.remove(key)
            self._queue.done(key)


@given(ADDITIONS, st.integers(1, 3), st.floats(0, 4))
def test_one_key_in_one_hand_and_none_lost(
    additions: list[tuple[float, str, float | None]], count: int, seconds: float
) -> None:
    async def story() -> None:
        queue: WorkQueue[str] = WorkQueue()
        workers = Workers(queue, seconds)
        last: dict[str, float] = {}
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(workers.work()) for _ in range(count)]
            for wait, key, delay in additions:
                await asyncio.sleep(wait)
                last[key] = asyncio.get_running_loop().time()
                if delay is None:
                    queue.add(key)
                else:
                    queue.add_after(key, delay)
            await asyncio.sleep(1000)
            for task in tasks:
                task.cancel()

        assert workers.in_hand == []
        assert len(queue) == 0
        for key, added_at in last.items():
            assert workers.began[key][-1] >= added_at

    run_virtual(story())


@virtual
async def test_a_key_that_is_added_twice_waits_once() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    queue.add("a")

    assert len(queue) == 1


@virtual
async def test_a_key_that_is_added_while_it_is_worked_on_comes_back_once_it_is_done() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("a")
    assert len(queue) == 0

    queue.done("a")
    assert len(queue) == 1


@virtual
async def test_a_key_that_is_done_and_was_not_touched_stays_away() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    queue.done(await queue.get())

    assert len(queue) == 0


@virtual
async def test_keys_come_in_the_order_in_which_they_were_added() -> None:
    queue: WorkQueue[str] = WorkQueue()
    for key in "cab":
        queue.add(key)

    assert [await queue.get() for _ in range(3)] == ["c", "a", "b"]


@virtual
async def test_of_two_timers_of_a_key_the_earlier_one_rings_and_the_later_one_is_dropped() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add_after("a", 10)
    queue.add_after("a", 2)
    queue.add_after("a", 5)
    async with asyncio.timeout(3):
        queue.done(await queue.get())
    await asyncio.sleep(20)

    assert len(queue) == 0


@virtual
async def test_a_worker_that_is_cancelled_while_it_waits_takes_no_key_along() -> None:
    queue: WorkQueue[str] = WorkQueue()
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(1)
    waiting.cancel()
    await asyncio.wait([waiting])
    queue.add("a")

    assert await queue.get() == "a"


@virtual
async def test_nothing_comes_back_by_itself_after_closing() -> None:
    queue: WorkQueue[str] = WorkQueue()
    queue.add_after("a", 1)
    queue.close()
    await asyncio.sleep(5)

    assert len(queue) == 0
