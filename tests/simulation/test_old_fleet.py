"""New content on a fleet that takes no other options for a unit that it knows, in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.simulation.story import Story, story
from tests.simulation.test_shrinking import DOCUMENTS, UNIT, ask
from tests.support.virtual import run_virtual

LIMIT_SECONDS = 2 * 3600.0
VERSION = "0.9.2"
INSTANCES = [f"elasticsearch@{number}.service" for number in (1, 2, 3)]
STEPS = ("inactive", "delete", "put inactive", "launched")  # of the replacement of a unit


@asynccontextmanager
async def at_rest(seed: int) -> AsyncIterator[Story]:
    async with story(seed, VERSION) as told:
        told.apply_post()
        await told.until_ready(300)
        await asyncio.sleep(60)
        told.journal.take()
        yield told


def roll(told: Story) -> None:
    """The unit's document has another content."""
    content = DOCUMENTS[UNIT]["spec"]["content"].replace("TimeoutSec=360", "TimeoutSec=361")
    ask(told, UNIT, content=content)


def rolled(told: Story) -> bool:
    units = [each for each in told.cloud.fleet.units() if each.name in INSTANCES]
    return all("361" in [option.value for option in each.options] for each in units)


def steps_of(writes: list[str], unit: str) -> tuple[str, ...]:
    own = (each for each in writes if each.endswith(f" {unit}"))
    return tuple(each.removeprefix("fleet ").removesuffix(f" {unit}") for each in own)


def test_new_content_is_rolled_by_stopping_destroying_and_submitting_one_by_one() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=71) as told:
            roll(told)
            await told.until(lambda: rolled(told), 900)
            await told.until_ready(300)
            await asyncio.sleep(300)
            assert told.not_ready() == {}
            assert len(told.registered()) == 3
            return told.journal.take()

    writes = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert {unit: steps_of(writes, unit) for unit in INSTANCES} == dict.fromkeys(INSTANCES, STEPS)
    first_of = sorted(writes.index(f"fleet inactive {unit}") for unit in INSTANCES)
    last_of = sorted(writes.index(f"fleet launched {unit}") for unit in INSTANCES)
    assert all(last < first for last, first in zip(last_of, first_of[1:], strict=False))


@pytest.mark.parametrize("done", range(1, len(STEPS)))
def test_a_daemon_killed_between_two_steps_of_a_replacement_goes_on_where_it_was(done: int) -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=72) as told:
            roll(told)
            writes: list[str] = []

            def so_far() -> bool:
                writes.extend(told.journal.take())
                return len(writes) >= done

            await told.until(so_far, 300)
            await told.kill()
            told.start()
            await told.until(lambda: rolled(told), 900)
            await told.until_ready(300)
            return [*writes, *told.journal.take()]

    writes = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert {unit: steps_of(writes, unit) for unit in INSTANCES} == dict.fromkeys(INSTANCES, STEPS)
