"""Rounds: an informer reads again and again, sooner when it is poked, whatever fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from structlog.testing import capture_logs

from steersman.informers.rounds import ROUND_SECONDS, Rounds
from steersman.model.errors import UnreachableError
from tests.informers.stories import Ears
from tests.support.virtual import virtual

INTERVAL_SECONDS = 15.0


class Reader:
    """Notes when it is asked to read; a read takes a second."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.fails = False
        self.seconds = 1.0

    async def __call__(self) -> None:
        self.times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise UnreachableError("no answer")


@asynccontextmanager
async def going(reader: Reader, ears: Ears | None = None) -> AsyncIterator[Rounds]:
    rounds = Rounds("compute", reader, lambda: INTERVAL_SECONDS, ears or Ears())
    task = asyncio.create_task(rounds.run())
    try:
        yield rounds
    finally:
        task.cancel()
        await asyncio.wait([task])


@virtual
async def test_it_reads_at_once_and_then_an_interval_after_each_read() -> None:
    reader = Reader()
    async with going(reader):
        await asyncio.sleep(40)

    assert reader.times == [0, 16, 32]


@virtual
async def test_a_poke_brings_the_next_read_forward() -> None:
    reader = Reader()
    async with going(reader) as rounds:
        await asyncio.sleep(5)
        rounds.poke()
        await asyncio.sleep(0.5)

    assert reader.times == [0, 5]


@virtual
async def test_a_poke_during_a_read_is_followed_by_another_read() -> None:
    reader = Reader()
    async with going(reader) as rounds:
        await asyncio.sleep(0.5)
        rounds.poke()
        await asyncio.sleep(10)

    assert reader.times == [0, 1]


@virtual
async def test_many_pokes_are_one() -> None:
    reader = Reader()
    async with going(reader) as rounds:
        await asyncio.sleep(5)
        for _ in range(10):
            rounds.poke()
        await asyncio.sleep(5)

    assert reader.times == [0, 5]


@virtual
async def test_a_read_that_hangs_is_given_up_and_the_rounds_go_on() -> None:
    reader, ears = Reader(), Ears()
    reader.seconds = 10_000.0
    async with going(reader, ears):
        await asyncio.sleep(5)
        reader.seconds = 1.0
        await asyncio.sleep(ROUND_SECONDS + INTERVAL_SECONDS)

    assert ears.heard == [("compute", False), ("compute", True)]


@virtual
async def test_a_failed_read_is_told_and_the_rounds_go_on() -> None:
    reader, ears = Reader(), Ears()
    reader.fails = True
    async with going(reader, ears):
        await asyncio.sleep(5)
        reader.fails = False
        await asyncio.sleep(15)

    assert ears.heard == [("compute", False), ("compute", True)]


@virtual
async def test_what_fails_again_and_again_is_logged_once_and_once_when_it_is_over() -> None:
    reader = Reader()
    reader.fails = True
    with capture_logs() as logs:
        async with going(reader):
            await asyncio.sleep(100)
            reader.fails = False
            await asyncio.sleep(100)

    assert [(each["event"], each["source"]) for each in logs] == [
        ("reading failed", "compute"),
        ("reading again", "compute"),
    ]
