"""Stopping: in order when asked to, loudly when something is broken."""

import asyncio

import pytest

from steersman.engine.home.events import Event
from steersman.model.resource import Key
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual


@virtual
async def test_an_orderly_stop_joins_the_call_under_way_and_starts_no_other() -> None:
    town = Town()
    town.hall.latency_seconds = 4.0
    town.desire("a")
    town.desire("b")
    daemon = Daemon(town, workers=1)
    async with daemon.running() as task:
        await town.until(lambda: town.hall.under_way == 1)
        daemon.stop.set()
        await task

        assert town.hall.calls == 1
        (event,) = town.events("Install")
        assert event["outcome"] == "ok"
        (intent,) = town.keys("/steersman/intents/")
        assert town.json(intent)["expects"] is not None


@virtual
async def test_an_orderly_stop_tells_what_is_left_to_tell_and_starts_nothing_meanwhile() -> None:
    town = Town()
    town.hall.latency_seconds = 1.0
    town.desire("a")
    town.desire("b")
    daemon = Daemon(town, workers=1)
    async with daemon.running() as task:
        await town.until(lambda: town.hall.under_way == 1)
        for number in range(300):  # longer than the call under way takes
            now = town.clock.now()
            daemon.recorder.record(Event(now, Key("lamp", "a"), "Because", str(number)))
        daemon.stop.set()
        await task

        told = [each["message"] for each in town.events() if each["reason"] == "Because"]
        assert told == [str(number) for number in range(300)]
        assert town.hall.calls == 1


@virtual
async def test_a_task_that_fails_ends_the_daemon() -> None:
    town = Town()
    town.hall.broken = True
    daemon = Daemon(town)
    async with daemon.running() as task:
        await asyncio.wait([task])

        with pytest.raises(ExceptionGroup) as failure:
            task.result()
        assert failure.group_contains(RuntimeError, match="a bug")
