"""Retries: a pass that fails by our own mistake is not made again at every turn, nor after a
restart; a person's edit is always looked at."""

import asyncio
import json
from datetime import timedelta

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from steersman.engine.backoff import PASS_CAP_SECONDS
from steersman.engine.retries import PASS
from tests.engine.town import Daemon, Town
from tests.engine.toy import POISON
from tests.support.virtual import START, virtual

MEMORY = "/steersman/memory/lamp/a"


def failures(town: Town) -> int:
    memory = town.json(MEMORY)
    return memory["backoff"][PASS]["failures"] if memory and PASS in memory["backoff"] else 0


async def poisoned(town: Town, daemon: Daemon, count: int) -> None:
    town.desire("a", color=POISON)
    await town.until(lambda: failures(town) >= count)
    assert daemon.world.leading


@virtual
async def test_failed_passes_are_counted_in_memory_with_a_growing_wait() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await poisoned(town, daemon, 4)
        waiting = town.json(MEMORY)["backoff"][PASS]

        assert waiting["reason"] == "PoisonError"
        assert town.clock.now() < START + timedelta(minutes=6)


@virtual
async def test_nobody_can_tell_how_a_resource_is_whose_pass_fails_and_that_is_told_once() -> None:
    town = Town()
    town.desire("a")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("a"))
        await poisoned(town, daemon, 3)
        found = daemon.queries().resources("lamp", "a")["status"]
        told = {each["type"]: each for each in found["conditions"]}
        assert (told["Ready"]["status"], told["Ready"]["reason"]) == ("Unknown", "InternalError")
        assert told["Established"]["status"] == "True"
        assert town.json("/status/lamp/a")["conditions"] == found["conditions"]
        assert [each["reason"] for each in town.events()].count("InternalError") == 1

        town.desire("a", color="red")
        await town.until(lambda: town.ready("a"), seconds=5)


@virtual
async def test_what_is_logged_of_a_failed_pass_tells_which_pass_it_was() -> None:
    town = Town()
    daemon = Daemon(town)
    with capture_logs([merge_contextvars]) as logged:
        async with daemon.running():
            await poisoned(town, daemon, 2)

    passes = [line.get("reconcile") for line in logged if line["event"] == "pass failed"]
    assert None not in passes
    assert len({*passes}) == len(passes) >= 2


@virtual
async def test_a_daemon_that_crashes_over_it_does_not_begin_anew() -> None:
    town = Town()
    first = Daemon(town, "first")
    async with first.running():
        await poisoned(town, first, 3)
    for number in range(10):
        async with Daemon(town, f"again {number}").running():
            await asyncio.sleep(20)

    assert 4 <= failures(town) <= 10, "not once for each start, and not for ever"


@virtual
async def test_a_wait_by_a_clock_that_ran_ahead_is_cut_to_the_cap() -> None:
    town = Town()
    waiting = {"failures": 3, "until": (START + timedelta(hours=1)).isoformat(), "reason": "Bug"}
    town.desire("a")
    first = Daemon(town, "first")
    async with first.running():
        await town.until(lambda: first.world.leading and town.ready("a"))
    town.hall.lamps.clear()
    town.etcd.put(MEMORY, json.dumps({"backoff": {PASS: waiting}}).encode())
    second = Daemon(town, "second")
    async with second.running():
        await town.until(lambda: second.world.leading)
        await asyncio.sleep(PASS_CAP_SECONDS - 5)
        assert not town.hall.lamps
        await town.until(lambda: "a" in town.hall.lamps, seconds=10)


@virtual
async def test_an_edit_is_looked_at_at_once_and_success_forgets_the_failures() -> None:
    town = Town()
    daemon = Daemon(town)
    async with daemon.running():
        await poisoned(town, daemon, 4)
        town.desire("a", color="red")
        await town.until(lambda: town.ready("a"), seconds=5)
        await asyncio.sleep(1)

        assert failures(town) == 0
