"""A daemon that is killed between any two calls: the next one resumes, and does nothing twice."""

import asyncio
from collections.abc import Callable

import pytest

from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

KILLS = [
    pytest.param(
        lambda town: bool(town.keys("/steersman/intents/")),
        id="killed between the intent and the call",
    ),
    pytest.param(lambda town: town.hall.under_way == 1, id="killed before the call is applied"),
    pytest.param(lambda town: "a" in town.hall.lamps, id="killed before the answer comes"),
    pytest.param(
        lambda town: "a" in town.hall.lamps and town.hall.under_way == 0,
        id="killed before the answer is recorded",
    ),
    pytest.param(
        lambda town: any(town.json(key)["expects"] for key in town.keys("/steersman/intents/")),
        id="killed while the effect is awaited",
    ),
    pytest.param(
        lambda town: town.json("/steersman/memory/lamp/a") is not None,
        id="killed before the intent is closed",
    ),
]


@pytest.mark.parametrize("moment", KILLS)
@virtual
async def test_a_killed_daemon_is_resumed(moment: Callable[[Town], bool]) -> None:
    town = Town()
    town.desire("a")
    first = Daemon(town, "first")
    async with first.running():
        await town.until(lambda: moment(town))
        intents = [town.json(key) for key in town.keys("/steersman/intents/")]
    attempts = {each["attempt"] for each in intents}

    async with Daemon(town, "second").running():
        await town.until(lambda: town.ready("a") and not town.keys("/steersman/intents/"))
        await asyncio.sleep(60)

        assert town.hall.verbs("a") == ["install"]
        assert {each.request_id for each in town.hall.writes} == attempts
