"""A daemon that takes over a world at rest, in virtual time: it has nothing to do and to tell."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from steersman.engine.reconcile import LOOK_AROUND_SECONDS
from tests.simulation.story import DAEMON, Story, story
from tests.support.virtual import run_virtual

LIMIT_SECONDS = 3600.0
LEASE = "/steersman/leader"


@asynccontextmanager
async def at_rest(seed: int) -> AsyncIterator[Story]:
    async with story(seed) as told:
        told.apply_post()
        await told.until_ready(120)
        await asyncio.sleep(60)
        told.journal.take()
        yield told


async def told_to_stop(told: Story) -> None:
    await told.stop()


async def killed(told: Story) -> None:
    await told.kill()
    await asyncio.sleep(30)


@pytest.mark.parametrize("ends", [told_to_stop, killed], ids=lambda each: each.__name__)
def test_who_takes_over_what_is_at_rest_writes_nothing_but_its_lease(
    ends: Callable[[Story], Awaitable[None]],
) -> None:
    async def tell() -> tuple[list[str], list[str]]:
        async with at_rest(seed=31) as told:
            await ends(told)
            revision = told.home.revision
            told.start()
            await asyncio.sleep(120)
            assert told.not_ready() == {}
            written = told.home.changes("/", revision)[1]
            return told.journal.take(), [each.key for each in written if each.key != LEASE]

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == ([], [])


def test_what_does_not_answer_a_daemon_that_takes_over_is_told_after_a_while() -> None:
    async def tell() -> None:
        async with at_rest(seed=32) as told:
            await told.kill()
            told.stage.daemons[DAEMON].ways["fleet"].cuts += 1
            told.start()
            await asyncio.sleep(LOOK_AROUND_SECONDS - 5)
            assert told.not_ready() == {}
            await asyncio.sleep(10)
            assert told.not_ready()["unit/jenkins"] == "fleet was not read yet"

    run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
