"""The releases differ, and only where they should."""

from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from localcloud.fleet.server import app
from localcloud.journal import Journal
from tests.localcloud.fleet.support import SLEEPER, Town, machine

OTHER = "[Service]\nExecStart=/bin/sleep 2000\n"


@pytest.mark.parametrize(
    ("version", "change", "text"),
    [("0.9.0", "updated", SLEEPER), ("0.13.0", "replaced", OTHER), ("1.0.0", "replaced", OTHER)],
)
def test_new_options_for_a_unit_that_exists_are_taken_since_0_13(
    version: str, change: str, text: str
) -> None:
    town = Town(version=version)
    town.launch("a.service")
    running = town.fleet.states("a.service")[0].hash
    assert town.put("a.service", "launched", OTHER) == change
    town.wait(20)
    assert (town.fleet.states("a.service")[0].hash != running) is (text == OTHER)


@pytest.mark.parametrize(("version", "status"), [("0.9.0", 204), ("0.13.0", 400), ("1.0.0", 400)])
async def test_a_template_that_exists_cannot_be_launched_since_0_11(
    version: str, status: int
) -> None:
    town = Town(version=version)
    town.put("a@.service", "inactive", SLEEPER)
    body = {"desiredState": "launched"}
    assert await ask(town, "PUT", "/fleet/v1/units/a@.service", json=body) == status


@pytest.mark.parametrize(
    ("version", "state", "patch"), [("0.9.0", 404, 405), ("0.13.0", 404, 405), ("1.0.0", 200, 204)]
)
async def test_the_state_of_one_unit_and_dynamic_metadata_came_with_1_0(
    version: str, state: int, patch: int
) -> None:
    town = Town(version=version)
    town.launch("a.service")
    change = [{"op": "remove", "path": f"/{town.machines[0].id}/metadata/a"}]
    assert await ask(town, "GET", "/fleet/v1/state/a.service") == state
    assert await ask(town, "PATCH", "/fleet/v1/machines", json=change) == patch


async def ask(town: Town, method: str, path: str, **options: Any) -> int:
    async with TestClient(TestServer(app(town.fleet, Journal()))) as client:
        response = await client.request(method, path, **options)
        assert response.headers["Server"] == f"fleetd/{town.fleet.version}"
        return response.status


@pytest.mark.parametrize("version", ["0.13.0", "1.0.0"])
def test_a_global_unit_minds_conflicts_since_1_0(version: str) -> None:
    town = Town([machine(1)], version=version)
    town.launch("a.service")
    town.launch("g.service", SLEEPER + "\n[X-Fleet]\nGlobal=true\nConflicts=a.service\n")
    runs = ("core1", "g.service") in town.host.running
    assert runs is (version == "0.13.0")


@pytest.mark.parametrize("version", ["0.9.0", "1.0.0"])
def test_a_killed_fleetd_waits_for_its_old_key_since_0_13(version: str) -> None:
    town = Town([machine(1)], version=version)
    town.fleet.mishaps.fleetd_kill("core1")
    town.wait(11)
    assert town.fleet.available is (version == "0.9.0")
