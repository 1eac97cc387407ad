"""Turns: workers that have much to do leave time for everybody else on the loop."""

import asyncio

from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

LAMPS = 400
WORKERS = 8


@virtual
async def test_passes_that_wait_for_nothing_let_others_have_their_turn() -> None:
    """Else the lease is not renewed while thousands of keys are looked at again."""
    town = Town()
    for number in range(LAMPS):
        town.desire(f"lamp-{number}")
    daemon = Daemon(town, mode="observe", workers=WORKERS)
    async with daemon.running():
        await town.until(lambda: len(daemon.world.statuses) == LAMPS)
        daemon.keeper.wake_all()
        turns = 0
        while len(daemon.queue):
            await asyncio.sleep(0)
            turns += 1

    assert turns >= LAMPS / WORKERS
