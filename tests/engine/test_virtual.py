"""Virtual time: the loop that the other tests trust."""

import asyncio

import pytest

from tests.support.virtual import START, LoopClock, VirtualTimeError, run_virtual, virtual


async def forever() -> None:
    await asyncio.Event().wait()


def test_a_day_passes_at_once() -> None:
    async def story() -> float:
        await asyncio.sleep(86_000)
        return asyncio.get_running_loop().time()

    assert run_virtual(story()) == 86_000  # or the timeout of every test ends it


def test_timers_ring_in_the_order_of_their_times() -> None:
    rung: list[float] = []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        rung.append(seconds)

    async def story() -> None:
        await asyncio.gather(*(wait(seconds) for seconds in (3, 1, 2, 0)))

    run_virtual(story())
    assert rung == [0, 1, 2, 3]


def test_who_waits_for_nothing_is_told_by_name() -> None:
    async def story() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(forever(), name="the waiter")

    with pytest.raises(VirtualTimeError, match=r"nothing is scheduled.*the waiter"):
        run_virtual(story())


def test_who_takes_longer_than_it_may_is_stopped() -> None:
    async def story() -> None:
        await asyncio.sleep(101)

    with pytest.raises(VirtualTimeError, match="not over after 100 virtual seconds"):
        run_virtual(story(), limit_seconds=100)


def test_a_failure_within_is_a_failure_without() -> None:
    async def story() -> None:
        await asyncio.sleep(1)
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        run_virtual(story())


@virtual
async def test_a_clock_tells_the_time_of_its_loop() -> None:
    clock = LoopClock(asyncio.get_running_loop())
    await asyncio.sleep(90)

    assert clock.monotonic() == 90
    assert (clock.now() - START).total_seconds() == 90
