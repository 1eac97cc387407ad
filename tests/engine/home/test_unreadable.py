"""A record that cannot be read holds what it is about, and nothing else; nobody writes over it."""

import asyncio
import json
from typing import Any

import pytest

from tests.engine.town import Daemon, Town
from tests.support.virtual import virtual

ACCEPTED, MEMORY = "/steersman/accepted/lamp/a", "/steersman/memory/lamp/a"
INTENT = "/steersman/intents/compute/a"
BROKEN = b'{"own": {"token": "secret'
KEYS = [
    pytest.param(ACCEPTED, id="what was accepted"),
    pytest.param(MEMORY, id="what is remembered"),
    pytest.param(INTENT, id="what was begun"),
]


NAIVE = "2014-09-01T12:00:00"
BEGUN = {
    "key": {"kind": "lamp", "name": "a"},
    "target": {"system": "compute", "name": "a"},
    "action": "Light",
    "effect": "repair",
    "attempt": "1",
    "since": "2014-09-01T12:00:00Z",
    "deadline": "2014-09-01T12:10:00Z",
}
BACKOFF = {"failures": 1, "until": "2014-09-01T12:00:00Z", "reason": "x"}
FIGHT = {"desired": "red", "rewritten": ["2014-09-01T12:00:00Z"]}
MISSHAPEN = [
    pytest.param(MEMORY, {"own": {"done": "secret"}}, id="what a kind keeps, of another type"),
    pytest.param(MEMORY, {"own": {"done": [1]}}, id="a part of what it keeps, of another type"),
    pytest.param(
        MEMORY, {"backoff": {"compute:a repair": BACKOFF | {"until": NAIVE}}}, id="naive backoff"
    ),
    pytest.param(
        MEMORY, {"contests": {"compute:a color": FIGHT | {"rewritten": [NAIVE]}}}, id="naive fight"
    ),
    pytest.param(MEMORY, {"spent": {"0123abcd": NAIVE}}, id="naive approval"),
    pytest.param(INTENT, BEGUN | {"since": NAIVE}, id="naive begin of a step"),
    pytest.param(INTENT, BEGUN | {"deadline": NAIVE}, id="naive deadline of a step"),
]


async def broken(town: Town, path: str, value: bytes = BROKEN) -> None:
    """Two lamps that were there and went out, and a record about one of them that broke."""
    town.desire("a")
    town.desire("b")
    first = Daemon(town, "first")
    async with first.running():
        await town.until(lambda: town.ready("a") and town.ready("b"))
        await asyncio.sleep(10)
    for name in ("a", "b"):
        town.hall.put_out(name)
    town.etcd.put(path, value)


def told(daemon: Daemon) -> dict[str, Any]:
    return {each["key"]: each["message"] for each in daemon.queries().resources()["rejected"]}


@pytest.mark.parametrize("path", KEYS)
@virtual
async def test_what_it_is_about_is_held_and_the_rest_goes_on(path: str) -> None:
    town = Town()
    await broken(town, path)
    async with Daemon(town, "second").running(), Daemon(town, "follower").running():
        await town.until(lambda: town.hall.verbs("b") == ["install", "light"])
        await asyncio.sleep(600)

        assert town.hall.verbs("a") == ["install"]
        assert town.etcd.get(path).value == BROKEN  # type: ignore[union-attr]


@pytest.mark.parametrize("path", KEYS)
@virtual
async def test_it_is_told_by_its_key_and_without_what_stands_there(path: str) -> None:
    town = Town()
    await broken(town, path)
    second, follower = Daemon(town, "second"), Daemon(town, "follower")
    async with second.running():
        await town.until(lambda: second.world.leading)
        async with follower.running():
            await asyncio.sleep(10)
            for daemon in (second, follower):
                assert "cannot be read" in told(daemon)[path]
                assert "secret" not in json.dumps(told(daemon))
            (event,) = [each for each in town.events() if each["reason"] == "RecordUnreadable"]
            assert path in event["message"]
            assert event["type"] == "Warning"


@pytest.mark.parametrize(("path", "misshapen"), MISSHAPEN)
@virtual
async def test_what_parses_and_has_another_shape_is_held_alike(
    path: str, misshapen: dict[str, Any]
) -> None:
    town = Town()
    value = json.dumps(misshapen).encode()
    await broken(town, path, value)
    second = Daemon(town, "second")
    async with second.running():
        await town.until(lambda: town.hall.verbs("b") == ["install", "light"])
        await asyncio.sleep(60)

        assert town.hall.verbs("a") == ["install"]
        assert town.etcd.get(path).value == value  # type: ignore[union-attr]
        assert list(told(second)) == [path]
        assert "secret" not in json.dumps(told(second))
        (step,) = second.queries().why("lamp", "a")
        assert [each["gate"] for each in step["gates"] if each["result"] == "Wait"] == ["records"]


@pytest.mark.parametrize("path", [MEMORY, INTENT])
@virtual
async def test_the_gate_that_holds_names_it(path: str) -> None:
    town = Town()
    await broken(town, path)
    second = Daemon(town, "second")
    async with second.running():
        await town.until(lambda: second.world.leading)
        await asyncio.sleep(10)
        (step,) = second.queries().why("lamp", "a")
        held = [each for each in step["gates"] if each["result"] == "Wait"]

        assert [(each["gate"], each["reason"]) for each in held] == [
            ("records", "RecordUnreadable")
        ]
        assert path in held[0]["message"]


@pytest.mark.parametrize("path", KEYS)
@virtual
async def test_once_a_person_has_removed_it_the_leader_goes_on(path: str) -> None:
    town = Town()
    await broken(town, path)
    second = Daemon(town, "second")
    async with second.running():
        await town.until(lambda: town.hall.verbs("b") == ["install", "light"])
        await asyncio.sleep(60)
        town.etcd.delete_prefix(path)
        await town.until(lambda: town.hall.verbs("a") == ["install", "light"], seconds=30)

        assert told(second) == {}


@virtual
async def test_what_a_person_puts_back_is_what_is_remembered() -> None:
    town = Town()
    await broken(town, MEMORY)
    async with Daemon(town, "second").running():
        await town.until(lambda: town.hall.verbs("b") == ["install", "light"])
        town.etcd.put(MEMORY, b'{"own": {"done": ["Install"]}}')
        await town.until(lambda: town.ready("a"), seconds=30)
        await town.until(lambda: not town.keys("/steersman/intents/"))

        assert town.json(MEMORY)["own"]["done"] == ["Install", "Light"]
