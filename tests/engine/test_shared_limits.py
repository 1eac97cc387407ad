"""Limits that all share: the budget of a group over a change of leader, and circuits."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from steersman.model.errors import ErrorClass, OutsideError
from tests.engine.builders import ATTEMPT
from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

UNAVAILABLE = OutsideError(ErrorClass.TRANSIENT, "503", "the hall is closed", applied=False)
QUOTA = OutsideError(ErrorClass.QUOTA, "QUOTA_EXCEEDED", "no more lamps", applied=False)
TOO_MANY = OutsideError(ErrorClass.THROTTLED, "rateLimitExceeded", "too many", applied=False)
FULL = OutsideError(ErrorClass.STOCKOUT, "ZONE_FULL", "no socket is left", applied=False)


def waiting(town: Town, name: str) -> list[str]:
    status = town.json(f"/status/lamp/{name}") or {"waiting": []}
    return [each["gate"] for each in status["waiting"]]


def intent(town: Town, lamp: str, **fields: Any) -> None:
    """What a leader has left that was killed between two calls."""
    now = town.clock.now().isoformat()
    end = town.clock.now().replace(hour=town.clock.now().hour + 1).isoformat()
    record = {
        "key": {"kind": "lamp", "name": lamp},
        "target": {"system": "compute", "name": lamp},
        "action": "Swap",
        "effect": "disrupt",
        "attempt": ATTEMPT,
        "since": now,
        "deadline": end,
    }
    value = json.dumps({**record, **fields}).encode()
    town.etcd.put(f"/steersman/intents/compute/{lamp}", value)


@virtual
async def test_a_new_leader_counts_the_disruptions_that_the_one_before_has_begun() -> None:
    town = Town()
    town.desire("a", color="white")
    async with Daemon(town, "one").running():
        await town.until(lambda: town.ready("a"))
    intent(town, "b", disrupts=[{"kind": "lamp", "name": "a"}])
    town.desire("a", color="red")
    async with Daemon(town, "two").running():
        await town.until(lambda: "budget" in waiting(town, "a"))
        await asyncio.sleep(600)
        assert town.hall.verbs("a") == ["install"]

        await asyncio.sleep(3600)  # by now the intent is past its deadline
        town.etcd.delete_prefix("/steersman/intents/")
    async with Daemon(town, "three").running():
        await town.until(lambda: town.hall.verbs("a") == ["install", "swap"])


@virtual
async def test_a_place_without_room_is_not_tried_by_everybody() -> None:
    town = Town()
    names = [f"lamp-{number}" for number in range(6)]
    town.hall.refusals = dict.fromkeys(names, FULL)
    async with Daemon(town, workers=1).running():
        for name in names:
            town.desire(name)
        await asyncio.sleep(290)

        assert town.hall.calls == 1
        assert all("breaker" in waiting(town, name) for name in names[1:])


@virtual
async def test_creations_that_a_quota_refuses_keep_nobody_from_being_healed() -> None:
    town = Town()
    town.desire("good")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: town.ready("good") and not daemon.world.pending)
        names = [f"lamp-{number}" for number in range(60)]
        town.hall.refusals = dict.fromkeys(names, QUOTA)
        for name in names:
            town.desire(name)
        await asyncio.sleep(1800)
        assert town.hall.calls < 20  # one for all finds out, every few minutes

        town.hall.put_out("good")
        await town.until(lambda: town.hall.lamps["good"].status == "RUNNING", seconds=60)


@virtual
async def test_a_new_leader_knows_which_places_have_no_room_and_that_one_has_again() -> None:
    town = Town()
    town.hall.refusals = {"a": FULL, "b": FULL}
    town.desire("a")
    async with Daemon(town, "one").running():
        await town.until(lambda: town.keys("/steersman/circuits/") != [])
    refused = town.hall.calls
    town.desire("b")
    async with Daemon(town, "two").running():
        await town.until(lambda: "breaker" in waiting(town, "b"))
        await asyncio.sleep(200)
        assert town.hall.calls == refused

        town.hall.refusals.clear()
        await town.until(lambda: town.ready("a") and town.ready("b"), seconds=200)
        await town.until(lambda: town.keys("/steersman/circuits/") == [])
    told = [each["reason"] for each in town.events() if each["kind"] == "circuit"]
    assert told == ["CircuitOpened", "CircuitClosed"]


@virtual
async def test_a_record_of_a_circuit_that_cannot_be_read_is_taken_away() -> None:
    town = Town()
    town.etcd.put("/steersman/circuits/compute/hall", b"of another release")
    town.desire("a")
    async with Daemon(town).running():
        await town.until(lambda: town.ready("a"))
        await town.until(lambda: town.keys("/steersman/circuits/") == [])


@virtual
async def test_when_it_has_room_again_one_finds_out_and_all_go_on() -> None:
    town = Town()
    names = [f"lamp-{number}" for number in range(6)]
    town.hall.refusals = dict.fromkeys(names, FULL)
    async with Daemon(town).running():
        for name in names:
            town.desire(name)
        await asyncio.sleep(200)
        town.hall.refusals.clear()
        refused = town.hall.calls
        await town.until(lambda: len(town.hall.writes) == 1, seconds=400)
        assert town.hall.calls == refused + 1
        await town.until(lambda: all(town.ready(name) for name in names), seconds=20)


@virtual
async def test_failures_of_several_in_a_row_open_the_circuit_for_who_comes_later() -> None:
    town = Town()
    town.hall.refusals = {"a": UNAVAILABLE, "b": UNAVAILABLE}
    town.desire("a")
    town.desire("b")
    daemon = Daemon(town)
    async with daemon.running():
        await town.until(lambda: any(each.until for each in daemon.world.circuits.values()))
        town.desire("c")
        await town.until(lambda: "breaker" in waiting(town, "c"), seconds=5)
        assert "c" not in town.hall.lamps

        town.hall.refusals.clear()
        await town.until(lambda: all(town.ready(name) for name in "abc"), seconds=90)


@virtual
async def test_a_system_that_asks_for_fewer_calls_gets_none_from_anybody_for_a_while() -> None:
    town = Town()
    names = [f"lamp-{number}" for number in range(20)]
    town.hall.refusals = dict.fromkeys(names, TOO_MANY)
    daemon = Daemon(town)
    async with daemon.running():
        for name in names:
            town.desire(name)
        await town.until(lambda: bool(daemon.world.throttled))
        (step,) = daemon.queries().why("lamp", "lamp-19")
        (breaker,) = (each for each in step["gates"] if each["gate"] == "breaker")
        assert breaker["message"] == "compute asks for fewer calls: rateLimitExceeded"
        await asyncio.sleep(600)
        assert town.hall.calls < 60  # of 20 that would ask every minute, each for itself

        town.hall.refusals.clear()
        await town.until(lambda: all(town.ready(name) for name in names), seconds=300)
        assert daemon.world.throttled == {}


@virtual
async def test_a_plan_tells_the_turn_of_each_step_of_many_and_it_comes_true() -> None:
    town = Town()
    for number in range(10):
        town.desire(f"lamp-{number}")
    daemon = Daemon(town, actions_per_hour=4)  # one of them is kept for repairs
    async with daemon.running():
        await town.until(lambda: len(town.hall.lamps) == 3)
        await asyncio.sleep(60)
        began = town.clock.now()
        turns = sorted(turn(step) - began for step in daemon.queries().plan()["steps"])
        hours = [round(each / timedelta(hours=1)) for each in turns]
        assert hours == [1, 1, 1, 2, 2, 2, 3]

        await asyncio.sleep(turns[-1].total_seconds() - 60)
        assert len(town.hall.lamps) == 9
        await asyncio.sleep(120)
        assert len(town.hall.lamps) == 10


def turn(step: Any) -> datetime:
    (rate,) = (each for each in step["gates"] if each["gate"] == "rate")
    return datetime.fromisoformat(rate["until"])
