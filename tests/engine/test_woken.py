"""Nobody waits for what is over: the end of a call wakes who was told to wait for it."""

import asyncio

from steersman.model.circuit import circuit_of
from tests.engine.builders import A, step
from tests.engine.town import Daemon, Town
from tests.engine.toy import ZONE
from tests.support.virtual import virtual

TELLING_SECONDS = 2.0  # a status takes so long to write


@virtual
async def test_a_call_that_ends_while_it_is_told_that_another_waits_for_it_is_not_missed() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await asyncio.sleep(60)
        keeper, lamp, theirs = daemon.keeper, f"{ZONE}/a", step()  # somebody else's
        keeper.ledger = keeper.ledger.reserve(
            theirs, circuit_of(theirs.target, {}), town.clock.now()
        )
        daemon.way.extra_seconds = TELLING_SECONDS
        town.hall.put_out("a")
        await town.until(lambda: daemon.world.compute.instances[lamp].status != "RUNNING")
        await asyncio.sleep(TELLING_SECONDS / 2)
        keeper.ledger = keeper.ledger.release(theirs.target)
        keeper.wake_held("pending", theirs.target)

        await town.until(lambda: town.hall.lamps["a"].status == "RUNNING", seconds=10)
    assert town.hall.verbs(A.name) == ["install", "light"]
