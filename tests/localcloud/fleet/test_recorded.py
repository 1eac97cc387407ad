"""Exchanges that were recorded on a real fleet 1.0.0, replayed over HTTP in model time."""

import json
import random
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from localcloud.clock import ManualClock
from localcloud.fleet.model import Fleet
from localcloud.fleet.server import app
from localcloud.journal import Journal
from localcloud.seams import Machine
from tests.localcloud.fleet.support import JOINED_SECONDS, FakeHost

DATA = Path(__file__).parent / "data"
ANY_MACHINE = "*"  # the engine chose it by chance


def stories() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(DATA.glob("*.json"))}


@pytest.mark.parametrize("story", [pytest.param(s, id=name) for name, s in stories().items()])
async def test_answers_are_those_of_the_real_fleet(story: dict[str, Any]) -> None:
    clock = ManualClock()
    fleet = Fleet(clock, random.Random(story["seed"]), FakeHost())
    for row in story["machines"]:
        fleet.machine_up(Machine(instance=row["ip"], **row))
    clock.advance(JOINED_SECONDS)
    async with TestClient(TestServer(app(fleet, Journal()))) as client:
        for step in story["steps"]:
            clock.advance(step["after_seconds"])
            if "fault" in step:
                fleet.unit_crash(step["fault"].removeprefix("crash "))
            else:
                await check(client, step)


async def check(client: TestClient[Any, Any], step: dict[str, Any]) -> None:
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
        assert masked(json.loads(text), step["answer"]) == step["answer"], step["name"]
    else:
        assert text == "", step["name"]


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
