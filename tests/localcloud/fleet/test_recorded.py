"""Every exchange that was recorded on a real fleet 1.0.0, replayed over HTTP in model time.

A star in a record stands for a machine that the engine chose by chance. Of /metrics only the
families of the engine are compared: the rest are figures of one process of Go.
"""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from localcloud.clock import ManualClock
from localcloud.fault import Arguments
from localcloud.fleet.faults import FAULTS
from localcloud.fleet.model import Fleet
from localcloud.fleet.records import UnitBody
from localcloud.fleet.server import app
from localcloud.journal import Journal
from localcloud.seams import Machine, Option
from tests.localcloud.fleet.support import JOINED_SECONDS, SETTLED_SECONDS, FakeHost

DATA = Path(__file__).parent / "data"
EXCHANGES = 159
ANY_MACHINE = "*"
_FAULTS = {fault.word: fault for fault in FAULTS}


def stories() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(DATA.glob("*.json"))}


def recorded(step: Mapping[str, Any]) -> bool:
    """Not one that was added to lead up to what was recorded."""
    return "request" in step and not step["name"].startswith(("given ", "restart: "))


def test_no_recorded_exchange_is_left_out() -> None:
    steps = [step for story in stories().values() for step in story["steps"]]
    assert len([step for step in steps if recorded(step)]) == EXCHANGES


class Replay:
    def __init__(self, story: Mapping[str, Any]) -> None:
        self.clock = ManualClock()
        self.host = FakeHost(broken=set(story.get("broken", ())))
        self.fleet = Fleet(self.clock, random.Random(story["seed"]), self.host)
        self.answers = {
            step["name"]: step.get("answer") for step in story["steps"] if "name" in step
        }
        for row in story["machines"]:
            self.fleet.machine_up(Machine(instance=row["ip"], **row))
        self.clock.advance(JOINED_SECONDS)
        if "given_units_of" in story:
            self.submit(self.answers[story["given_units_of"]]["units"])

    def submit(self, units: list[dict[str, Any]]) -> None:
        """In turn, so that of those that exclude each other the last one waits, as it did."""
        for unit in units:
            options = tuple(Option(**option) for option in unit["options"])
            self.fleet.put_unit(unit["name"], UnitBody("", unit["desiredState"], options))
            if unit["desiredState"] == "launched":
                self.clock.advance(SETTLED_SECONDS)

    def happens(self, word: str, name: str = "", value: str = "") -> None:
        match word:
            case "exit":
                self.host.end(self.fleet, name, int(value))
            case "etcd-write":
                self.fleet.mishaps.set_desired(name, value)
            case "remove-templates":
                self.fleet.mishaps.remove_templates()
            case fault:
                _FAULTS[fault].inject(self.fleet, Arguments(name=name))

    def expected(self, step: Mapping[str, Any]) -> Any:
        """An answer that is the same as another one bears its name."""
        answer = step["answer"]
        return self.answers[answer] if isinstance(answer, str) else answer


@pytest.mark.parametrize("story", [pytest.param(s, id=name) for name, s in stories().items()])
async def test_answers_are_those_of_the_real_fleet(story: dict[str, Any]) -> None:
    replay = Replay(story)
    async with TestClient(TestServer(app(replay.fleet, Journal()))) as client:
        for step in story["steps"]:
            replay.clock.advance(step["after_seconds"])
            if "fault" in step:
                replay.happens(*step["fault"].split(" "))
            else:
                await check(client, replay, step)


async def check(client: TestClient[Any, Any], replay: Replay, step: dict[str, Any]) -> None:
    method, _, target = step["request"].partition(" ")
    body = json.dumps(step["json"]) if "json" in step else step.get("text")
    request = client.request(
        method,
        URL(target, encoded=True),
        data=None if body is None else body.encode(),
        headers=step.get("headers"),
        skip_auto_headers=["Content-Type"],
    )
    if step["status"] is None:
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await request
        return
    response = await request
    text = await response.text()
    assert response.status == step["status"], (step["name"], text)
    assert response.headers.get("Content-Type") == expected_type(step), step["name"]
    assert response.headers.get("Server") == (None if response.status == 503 else "fleetd/1.0.0")
    if "answer" in step:
        expected = replay.expected(step)
        assert masked(json.loads(text), expected) == expected, step["name"]
        assert text == as_go_writes_it(step["name"], expected, json.loads(text)), step["name"]
    else:
        assert set(step.get("lines", ())) <= set(text.splitlines()), step["name"]
        assert bool(text) == ("lines" in step), step["name"]


def as_go_writes_it(name: str, expected: Any, answer: Any) -> str:
    """Keys by the alphabet and no blanks, but for the one document that is a constant of fleetd."""
    if name == "discovery":
        return json.dumps(expected, indent=2) + "\n"
    return json.dumps(answer, sort_keys=True, separators=(",", ":"))


def expected_type(step: dict[str, Any]) -> str | None:
    default = "application/json" if "answer" in step else None
    return step.get("type", default)


def masked(answer: Any, expected: Any) -> Any:
    """The answer, with a star wherever the record has one for a machine."""
    if isinstance(answer, dict) and isinstance(expected, dict):
        return {
            key: ANY_MACHINE
            if expected.get(key) == ANY_MACHINE
            else masked(value, expected.get(key))
            for key, value in answer.items()
        }
    if isinstance(answer, list) and isinstance(expected, list) and len(answer) == len(expected):
        return [masked(a, e) for a, e in zip(answer, expected, strict=True)]
    return answer
