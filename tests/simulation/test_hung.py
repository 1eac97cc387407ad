"""A system that accepts calls and answers none, in virtual time: who does not need it goes on."""

import asyncio
import json

import pytest

from tests.simulation.story import DAEMON, Story, story
from tests.support.virtual import run_virtual

LIMIT_SECONDS = 3600.0
UNITS = 30
POOLS = 30
PROMPT_SECONDS = 0.5  # some round trips to the stores
SERVICE = "[Service]\nExecStart=/usr/bin/sleep 1d\n"


@pytest.mark.parametrize(
    "hung",
    [
        pytest.param(["fleet"], id="fleet"),
        pytest.param(["compute"], id="Compute Engine"),
        pytest.param(["fleet", "compute"], id="both"),
    ],
)
def test_a_key_is_written_at_once_whatever_hangs_and_however_much_waits_for_that(
    hung: list[str],
) -> None:
    async def tell() -> float:
        async with story(seed=51) as told:
            told.apply_post()
            await told.until_ready(300)
            there = len(told.cloud.fleet.units())
            ways = [told.stage.daemons[DAEMON].ways[system] for system in hung]
            for way in ways:
                way.cuts += 1
            ask_for_much(told)
            await asyncio.sleep(1)
            took = await written(told, "bystander")
            for way in ways:
                way.cuts -= 1
            await told.until(lambda: len(told.cloud.fleet.units()) == there + UNITS, 900)
            return took

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) < PROMPT_SECONDS


def ask_for_much(told: Story) -> None:
    for number in range(UNITS):
        put(told, f"unit/busy-{number}", content=SERVICE)
    for number in range(POOLS):
        image = {"project": "coreos-cloud", "family": "coreos-alpha"}
        pool = {"replicas": 1, "zones": ["europe-west1-b"], "machineType": "g1-small"}
        put(told, f"nodepool/busy-{number}", **pool, image=image, health={"fleet": False})


def put(told: Story, name: str, **spec: object) -> None:
    told.put(f"/desired/{name}", json.dumps({"spec": spec}).encode())


async def written(told: Story, name: str) -> float:
    """How long a key that is asked for now takes to be there."""
    put(told, f"configkey/{name}", value="text", format="text")
    began = told.clock.monotonic()
    while told.unit.get(f"/configs/{name}") is None:  # noqa: ASYNC110 - it costs nothing here
        await asyncio.sleep(0.01)
    return told.clock.monotonic() - began
