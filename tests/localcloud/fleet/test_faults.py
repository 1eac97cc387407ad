"""Each fault, as a client of the API sees it; clearing ends those that last."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from localcloud.fault import Arguments
from localcloud.fleet.faults import FAULTS
from localcloud.fleet.server import app
from localcloud.journal import Journal
from tests.localcloud.fleet.support import SLEEPER, Town

UNIT = "a.service"
RETRY_SECONDS_MAX = 62  # a fleetd that has failed for long tries again once a minute
GLOBAL = SLEEPER + "\n[X-Fleet]\nGlobal=true\n"


class Wire:
    """The API of a fleet of three machines, with faults."""

    def __init__(self, town: Town, client: TestClient[Any, Any]) -> None:
        self.town = town
        self.client = client

    def fault(self, word: str, name: str = "", seconds: float = 0) -> None:
        fault = next(each for each in FAULTS if each.word == word)
        fault.inject(self.town.fleet, Arguments(name=name, seconds=seconds))

    async def get(self, path: str) -> tuple[int, Any]:
        response = await self.client.get(f"/fleet/v1/{path}")
        return response.status, await response.json()

    async def state(self, name: str = UNIT) -> str | None:
        """Active state, or None where fleet tells none."""
        _, body = await self.get(f"state?unitName={name}")
        return next((state["systemdActiveState"] for state in body.get("states", [])), None)

    async def current(self, name: str = UNIT) -> str:
        _, body = await self.get(f"units/{name}")
        return str(body["currentState"])

    async def homes(self, name: str) -> int:
        """How many machines tell a state."""
        _, body = await self.get(f"state?unitName={name}")
        return len(body.get("states", []))

    async def machines(self) -> int:
        _, body = await self.get("machines")
        return len(body["machines"])


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    town = Town()
    async with TestClient(TestServer(app(town.fleet, Journal()))) as client:
        yield Wire(town, client)


async def test_a_crashed_unit_is_failed(wire: Wire) -> None:
    wire.town.launch(UNIT)
    wire.fault("unit-crash", UNIT)
    wire.town.wait(2)
    assert (await wire.state(), await wire.current()) == ("failed", "launched")


async def test_a_unit_stopped_by_hand_is_inactive(wire: Wire) -> None:
    wire.town.launch(UNIT)
    wire.fault("unit-stop", UNIT)
    wire.town.wait(2)
    assert (await wire.state(), await wire.current()) == ("inactive", "launched")


async def test_an_absent_unit_has_no_state_for_a_while(wire: Wire) -> None:
    wire.town.launch(UNIT)
    wire.fault("fleet-absent", UNIT, seconds=30)
    assert (await wire.state(), await wire.current()) == (None, "inactive")
    wire.town.wait(31)
    assert (await wire.state(), await wire.current()) == ("active", "launched")


async def test_a_corrupt_unit_is_500_and_unlisted_and_unloaded_until_it_is_mended(
    wire: Wire,
) -> None:
    wire.town.launch(UNIT)
    wire.fault("corrupt-unit", UNIT)
    assert (await wire.get(f"units/{UNIT}"))[0] == 500
    assert await wire.get("units") == (200, {})
    wire.town.wait()
    assert await wire.state() is None
    assert wire.town.host.running == set()
    wire.town.fleet.mishaps.clear()
    wire.town.wait()
    assert (await wire.state(), await wire.current()) == ("active", "launched")


async def test_a_stopped_fleetd_leaves_with_its_units_and_stays_away(wire: Wire) -> None:
    wire.town.launch(UNIT)
    wire.fault("fleetd-stop", "core1")
    wire.town.wait(3)
    assert await wire.machines() == 2
    assert ("core1", UNIT) not in wire.town.host.running
    wire.town.wait(600)
    assert await wire.machines() == 2
    assert wire.town.host.running == {("core2", UNIT)}
    wire.town.fleet.mishaps.clear()
    wire.town.wait(2)
    assert await wire.machines() == 3


async def test_a_restarted_fleetd_hides_what_other_machines_run(wire: Wire) -> None:
    wire.town.launch("g.service", GLOBAL)
    wire.fault("fleetd-restart", "core1")
    wire.town.wait(2.5)
    others = {("core2", "g.service"), ("core3", "g.service")}
    assert others <= wire.town.host.running
    assert await wire.homes("g.service") < 3
    wire.town.wait(24)
    assert await wire.homes("g.service") == 3


async def test_a_killed_fleetd_lets_its_units_run(wire: Wire) -> None:
    wire.town.launch(UNIT)
    wire.fault("fleetd-kill", "core1")
    for _ in range(60):
        wire.town.wait(1)
        assert await wire.state() in ("active", None)
    assert (await wire.current(), await wire.state()) == ("launched", "active")
    assert wire.town.host.starts == [("core1", UNIT)]


async def test_where_all_fleetds_are_dead_everything_is_503(wire: Wire) -> None:
    for name in ("core1", "core2", "core3"):
        wire.fault("fleetd-kill", name)
    assert (await wire.get("discovery"))[0] == 503
    wire.town.wait(60)
    assert (await wire.get("discovery"))[0] == 200


async def test_without_a_leader_nothing_is_placed_until_the_lease_expires(wire: Wire) -> None:
    wire.fault("engine-leader-loss")
    wire.town.put(UNIT, "launched", SLEEPER)
    wire.town.wait(7)
    assert "machineID" not in (await wire.get(f"units/{UNIT}"))[1]
    wire.town.wait(6)
    assert "machineID" in (await wire.get(f"units/{UNIT}"))[1]


async def test_a_unit_behind_a_partition_runs_twice_until_the_partition_ends(wire: Wire) -> None:
    wire.town.launch(UNIT)
    wire.fault("machine-partition", "core1", seconds=90)
    wire.town.wait(60)
    assert await wire.machines() == 2
    assert wire.town.host.running == {("core1", UNIT), ("core2", UNIT)}
    wire.town.wait(30 + RETRY_SECONDS_MAX)
    assert await wire.machines() == 3
    assert wire.town.host.running == {("core2", UNIT)}


async def test_a_short_partition_moves_nothing(wire: Wire) -> None:
    wire.town.launch(UNIT)
    wire.fault("machine-partition", "core1", seconds=14)
    for _ in range(60):
        wire.town.wait(1)
        assert await wire.machines() == 3
    assert (await wire.current(), await wire.state()) == ("launched", "active")
    assert wire.town.host.starts == [("core1", UNIT)]


async def test_clearing_mends_a_partition(wire: Wire) -> None:
    wire.fault("machine-partition", "core1", seconds=3600)
    wire.town.wait(60)
    assert await wire.machines() == 2
    wire.town.fleet.mishaps.clear()
    wire.town.wait(RETRY_SECONDS_MAX)
    assert await wire.machines() == 3


@pytest.mark.parametrize(
    "word", [fault.word for fault in FAULTS if any(p.field == "name" for p in fault.parameters)]
)
async def test_a_fault_of_somebody_unknown_is_refused(wire: Wire, word: str) -> None:
    with pytest.raises(LookupError):
        wire.fault(word, "nobody", seconds=1)


async def test_a_leader_that_is_not_there_cannot_be_lost() -> None:
    town = Town([])
    with pytest.raises(LookupError):
        town.fleet.mishaps.leader_loss()
