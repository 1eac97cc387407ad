"""The workqueue: one key in one hand, none lost, and what is touched again comes again."""

import asyncio
import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.engine.workqueue import Lane, WorkQueue
from tests.support.virtual import run_virtual, virtual

ROOM = 2
KEYS = st.sampled_from("abcd")
# (seconds to wait before, key, seconds to add it after; None: at once)
ADDITIONS = st.lists(
    st.tuples(st.floats(0, 3), KEYS, st.none() | st.floats(0, 5)), min_size=1, max_size=30
)


TELL_SECONDS = 0.1
NOWHERE: Mapping[str, str] = {}  # no key needs a place
PLACES = st.dictionaries(KEYS, st.sampled_from(["fleet", "compute"]))


class Workers:
    """Some workers of a queue, who take their time and note who did what when. `places` are what
    keys need to enter: of those that find no room it is told, and that is all."""

    def __init__(
        self, queue: WorkQueue[str], seconds: float, places: Mapping[str, str] = NOWHERE
    ) -> None:
        self.began: dict[str, list[float]] = {}
        self.in_hand: list[str] = []
        self.inside: list[str] = []  # the places of those that are worked on
        self._queue, self._seconds, self._places = queue, seconds, places

    async def work(self) -> None:
        while True:
            key = await self._queue.get()
            assert key not in self.in_hand, "one key in one hand"
            self.in_hand.append(key)
            place = self._places.get(key)
            if place is None or self._queue.enter(key, place):
                await self._serve(key, place)
            else:
                await asyncio.sleep(TELL_SECONDS)
            self.in_hand.remove(key)
            self._queue.done(key)

    async def _serve(self, key: str, place: str | None) -> None:
        self.began.setdefault(key, []).append(asyncio.get_running_loop().time())
        self.inside += [place] if place else []
        assert all(self.inside.count(each) <= ROOM for each in self.inside), "too many in a place"
        await asyncio.sleep(self._seconds)
        if place:
            self.inside.remove(place)


@given(ADDITIONS, st.integers(1, 4), st.floats(0, 4), PLACES)
def test_one_key_in_one_hand_and_none_lost(
    additions: list[tuple[float, str, float | None]],
    count: int,
    seconds: float,
    places: Mapping[str, str],
) -> None:
    async def story() -> None:
        queue: WorkQueue[str] = WorkQueue(ROOM)
        workers = Workers(queue, seconds, places)
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
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("a")
    queue.add("a")

    assert len(queue) == 1


@virtual
async def test_a_key_that_is_added_while_it_is_worked_on_comes_back_once_it_is_done() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("a")
    assert len(queue) == 0

    queue.done("a")
    assert len(queue) == 1


@virtual
async def test_a_key_that_is_done_and_was_not_touched_stays_away() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("a")
    queue.done(await queue.get())

    assert len(queue) == 0


@virtual
async def test_keys_come_in_the_order_in_which_they_were_added() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    for key in "cab":
        queue.add(key)

    assert [await queue.get() for _ in range(3)] == ["c", "a", "b"]


@virtual
async def test_of_two_timers_of_a_key_the_earlier_one_rings_and_the_later_one_is_dropped() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add_after("a", 10)
    queue.add_after("a", 2)
    queue.add_after("a", 5)
    async with asyncio.timeout(3):
        queue.done(await queue.get())
    await asyncio.sleep(20)

    assert len(queue) == 0


@virtual
async def test_a_worker_that_is_cancelled_while_it_waits_takes_no_key_along() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(1)
    waiting.cancel()
    await asyncio.wait([waiting])
    queue.add("a")

    assert await queue.get() == "a"


@virtual
async def test_nothing_comes_back_by_itself_after_closing() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add_after("a", 1)
    queue.close()
    await asyncio.sleep(5)

    assert len(queue) == 0


LANES = st.sampled_from(Lane)


@virtual
async def test_an_edit_comes_before_what_waits_already() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("resync", Lane.RESYNC)
    queue.add("health", Lane.HEALTH)
    queue.add("edit", Lane.EDIT)

    assert [await queue.get() for _ in range(3)] == ["edit", "health", "resync"]


@virtual
async def test_what_waits_moves_forward_when_it_is_edited_and_never_back() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    for key in "ab":
        queue.add(key, Lane.RESYNC)
    queue.add("b", Lane.EDIT)
    queue.add("b", Lane.RESYNC)

    assert [await queue.get() for _ in range(2)] == ["b", "a"]
    assert len(queue) == 0


@virtual
async def test_what_has_waited_out_its_patience_comes_before_later_edits() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("old", Lane.RESYNC)
    await asyncio.sleep(Lane.RESYNC.value + 1)
    queue.add("new", Lane.EDIT)

    assert await queue.get() == "old"


@given(st.lists(st.tuples(st.floats(0, 10), LANES), min_size=1, max_size=20))
def test_nobody_is_starved_by_any_stream_of_edits(others: list[tuple[float, Lane]]) -> None:
    """With one worker who is busy all the time: who waits gets its turn when its patience is over,
    behind those only who waited out theirs before."""

    async def story() -> None:
        queue: WorkQueue[str] = WorkQueue(ROOM)
        workers = Workers(queue, seconds=0.5)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(workers.work()), group.create_task(edit_for_ever(queue))]
            added: dict[str, tuple[float, Lane]] = {}
            for number, (wait, lane) in enumerate(others):
                await asyncio.sleep(wait)
                added[f"other {number}"] = asyncio.get_running_loop().time(), lane
                queue.add(f"other {number}", lane)
            await asyncio.sleep(Lane.RESYNC.value + 1 + len(others))
            for task in tasks:
                task.cancel()

        for key, (at, lane) in added.items():
            assert workers.began[key][0] - at <= lane.value + 0.5 * (len(others) + 2)

    run_virtual(story())


CROWD = 8
CALL_SECONDS = 3.0


@given(
    st.lists(st.tuples(st.floats(0, 10), st.booleans()), min_size=1, max_size=8),
    st.lists(st.floats(0.2, 2), min_size=1, max_size=10),
)
def test_a_crowded_place_is_served_in_turn_and_holds_nobody_up_who_needs_it_not(
    others: list[tuple[float, bool]], pauses: list[float]
) -> None:
    """Whatever wakes the crowd meanwhile: who needs the place gets in after those that came
    before, and who does not is served at once."""

    async def story() -> None:
        queue: WorkQueue[str] = WorkQueue(ROOM)
        crowd = [f"crowd {number}" for number in range(CROWD)]
        added: dict[str, float] = {}
        late = [f"late {number}" for number, (_, needs) in enumerate(others) if needs]
        workers = Workers(queue, CALL_SECONDS, dict.fromkeys((*crowd, *late), "fleet"))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(workers.work()) for _ in range(ROOM + len(others) + 1)]
            for key in crowd:
                queue.add(key)
            tasks.append(group.create_task(wake_for_ever(queue, crowd, pauses)))
            for number, (wait, needs) in enumerate(others):
                await asyncio.sleep(wait)
                key = f"late {number}" if needs else f"free {number}"
                added[key] = asyncio.get_running_loop().time()
                queue.add(key)
            await asyncio.sleep(CALL_SECONDS * (CROWD + len(others)))
            for task in tasks:
                task.cancel()

        first = {key: began[0] for key, began in workers.began.items()}
        in_turn = [first[key] for key in crowd]
        assert all(at < later + CALL_SECONDS / 2 for at, later in itertools.pairwise(in_turn))
        for key, at in added.items():
            calls = (CROWD + len(others)) / ROOM + 1 if key in late else 0
            passes = (CROWD + len(others)) * TELL_SECONDS
            assert first[key] - at <= calls * (CALL_SECONDS + TELL_SECONDS) + passes

    run_virtual(story())


async def wake_for_ever(queue: WorkQueue[str], keys: list[str], pauses: list[float]) -> None:
    """Something outside changes all the time."""
    for pause in itertools.cycle(pauses):
        await asyncio.sleep(pause)
        for key in keys:
            queue.add(key)


@virtual
async def test_what_waits_for_room_waits_in_the_queue() -> None:
    queue: WorkQueue[str] = WorkQueue(1)
    for key in "ab":
        queue.add(key)
    assert queue.enter(await queue.get(), "fleet")
    assert not queue.enter(await queue.get(), "fleet")
    queue.done("b")
    assert len(queue) == 1
    async with asyncio.timeout(1):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(queue.get(), 0.5)

    queue.done("a")
    assert await queue.get() == "b"
    assert queue.enter("b", "fleet")


async def crowded() -> WorkQueue[str]:
    """There is room for one, which is inside; a and b, in this order, found none."""
    queue: WorkQueue[str] = WorkQueue(1)
    for key in ("inside", "a", "b"):
        queue.add(key)
    assert queue.enter(await queue.get(), "fleet")
    for _ in "ab":
        key = await queue.get()
        assert not queue.enter(key, "fleet")
        queue.done(key)
    return queue


@virtual
async def test_an_edit_comes_first_where_there_is_room_again() -> None:
    queue = await crowded()
    queue.add("b", Lane.EDIT)
    assert not queue.enter(await queue.get(), "fleet")
    queue.done("b")
    queue.done("inside")

    assert await queue.get() == "b"


@virtual
async def test_room_that_nobody_uses_after_all_is_offered_to_the_next() -> None:
    queue = await crowded()
    queue.done("inside")
    assert await queue.get() == "a"
    assert queue.enter("a", "compute"), "it needs another place by now"
    queue.done("a")

    assert await queue.get() == "b"
    assert queue.enter("b", "fleet")


@virtual
async def test_who_failed_waits_for_its_time_and_not_for_room() -> None:
    queue: WorkQueue[str] = WorkQueue(1)
    for key in "ab":
        queue.add(key)
    assert queue.enter(await queue.get(), "fleet")
    assert not queue.enter(await queue.get(), "fleet")
    queue.retry_after("b", 10)
    queue.done("b")
    queue.done("a")

    assert len(queue) == 0


async def edit_for_ever(queue: WorkQueue[str]) -> None:
    """One person edits two documents as quickly as a worker can take them."""
    for number in itertools.count():
        queue.add(f"edited {number % 2}", Lane.EDIT)
        await asyncio.sleep(0.5)


@virtual
async def test_an_edit_among_ten_thousand_waits_for_one_pass() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    workers = Workers(queue, seconds=0.01)
    for number in range(10_000):
        queue.add(f"key {number}", Lane.RESYNC)
    working = asyncio.create_task(workers.work())
    await asyncio.sleep(1)
    at = asyncio.get_running_loop().time()
    queue.add("edited", Lane.EDIT)
    await asyncio.sleep(200)
    working.cancel()

    assert workers.began["edited"][0] - at <= 0.02
    assert len(workers.began) == 10_001


@virtual
async def test_a_failed_key_waits_for_its_time_whatever_happens_to_it() -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("a")
    await queue.get()
    queue.add("a", Lane.HEALTH)
    queue.retry_after("a", 10)
    queue.done("a")
    queue.add("a", Lane.RESYNC)
    queue.add_after("a", 1)
    await asyncio.sleep(9)
    assert len(queue) == 0
    await asyncio.sleep(2)

    assert len(queue) == 1


@pytest.mark.parametrize("early", [True, False], ids=["during the pass", "after the pass"])
@virtual
async def test_an_edit_brings_a_failed_key_back_at_once(early: bool) -> None:
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("a")
    await queue.get()
    if early:
        queue.add("a", Lane.EDIT)
    queue.retry_after("a", 10)
    queue.done("a")
    if not early:
        queue.add("a", Lane.EDIT)
    assert len(queue) == 1
    queue.done(await queue.get())
    await asyncio.sleep(20)

    assert len(queue) == 0


@virtual
async def test_a_key_that_failed_before_and_waits_already_misses_nothing_once_it_had_its_pass() -> (
    None
):
    queue: WorkQueue[str] = WorkQueue(ROOM)
    queue.add("a")
    queue.retry_after("a", 10)
    queue.done(await queue.get())
    queue.add("a")

    assert len(queue) == 1


class Meter:
    """Gauges that keep what they are told."""

    def __init__(self) -> None:
        self.adds = 0
        self.waited: list[float] = []
        self.worked: list[float] = []

    def added(self) -> None:
        self.adds += 1

    def taken(self, waited_seconds: float) -> None:
        self.waited.append(waited_seconds)

    def done(self, worked_seconds: float) -> None:
        self.worked.append(worked_seconds)


@virtual
async def test_the_gauges_are_told_how_long_keys_wait_and_are_worked_on() -> None:
    meter = Meter()
    queue: WorkQueue[str] = WorkQueue(ROOM, meter)
    queue.add("a")
    queue.add("a")
    await asyncio.sleep(2)
    await queue.get()
    await asyncio.sleep(3)
    queue.add("a")
    assert queue.working_seconds() == (3.0,)
    await asyncio.sleep(1)
    queue.done("a")
    await queue.get()

    assert (meter.adds, meter.waited, meter.worked) == (2, [2.0, 1.0], [4.0])
