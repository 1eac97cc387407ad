"""The fleet client and the local cloud's fleet understand each other."""

import random
from collections.abc import AsyncIterator

import pytest

from localcloud.clock import ManualClock
from localcloud.fleet.model import Fleet
from localcloud.fleet.server import app
from localcloud.journal import Journal
from localcloud.seams import Machine
from steersman.clients.fleet import FleetClient
from steersman.model.errors import CorruptUnitError, ErrorClass, OutsideError
from steersman.model.observed import FleetUnit
from steersman.model.unitfile import fleet_hash, parse
from tests.clients.replay import serving_app
from tests.localcloud.fleet.support import FakeHost

TIMEOUT_SECONDS = 10.0
SETTLED_SECONDS = 15.0  # by then any write has reached the machines, and the states
LOOP = parse("[Service]\nExecStart=/bin/bash -c '\\\n  while true; do sleep 1; done'\n")
OTHER = parse("[Service]\nExecStart=/bin/sleep 2\n")


class Town:
    """A fleet of one machine whose time a test moves, and the client of it."""

    def __init__(self, url: str, fleet: Fleet, clock: ManualClock) -> None:
        self.client = FleetClient(url)
        self.fleet = fleet
        self.clock = clock

    def settle(self) -> None:
        self.clock.advance(SETTLED_SECONDS)
        self.fleet.tick()

    async def unit(self, name: str) -> FleetUnit | None:
        units = (await self.client.read()).units
        return next((unit for unit in units if unit.name == name), None)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    clock = ManualClock()
    fleet = Fleet(clock, random.Random(1), FakeHost())
    fleet.machine_up(Machine("1" * 32, "127.20.0.1", "core1", {"role": "data"}))
    async with serving_app(app(fleet, Journal())) as url:
        town = Town(url, fleet, clock)
        town.settle()
        yield town
        await town.client.close()


async def test_a_unit_that_was_launched_runs_with_the_hash_of_what_was_sent(town: Town) -> None:
    await town.client.put_unit("a.service", LOOP, "launched", timeout_seconds=TIMEOUT_SECONDS)
    town.settle()
    read = await town.client.read()
    (machine,), (unit,), (state,) = read.machines, read.units, read.states
    assert read.version == "1.0.0"
    assert (machine.id, machine.ip, machine.metadata) == ("1" * 32, "127.20.0.1", {"role": "data"})
    assert (unit.options, unit.desired_state, unit.current_state) == (LOOP, "launched", "launched")
    assert unit.hash == state.hash == fleet_hash(LOOP)
    assert (state.machine_id, state.load, state.active) == (machine.id, "loaded", "active")


async def test_other_options_replace_a_unit(town: Town) -> None:
    for options in (LOOP, OTHER):
        await town.client.put_unit(
            "a.service", options, "launched", timeout_seconds=TIMEOUT_SECONDS
        )
        town.settle()
    unit = await town.unit("a.service")
    assert unit is not None
    assert unit.hash == fleet_hash(OTHER)


async def test_a_state_alone_changes_only_the_state(town: Town) -> None:
    await town.client.put_unit("a.service", LOOP, "launched", timeout_seconds=TIMEOUT_SECONDS)
    town.settle()
    await town.client.set_state("a.service", "inactive", timeout_seconds=TIMEOUT_SECONDS)
    town.settle()
    unit = await town.unit("a.service")
    assert unit is not None
    assert (unit.desired_state, unit.current_state, unit.hash) == (
        "inactive",
        "inactive",
        fleet_hash(LOOP),
    )


async def test_a_unit_can_be_deleted_twice(town: Town) -> None:
    await town.client.put_unit("a.service", LOOP, "launched", timeout_seconds=TIMEOUT_SECONDS)
    for _ in range(2):
        await town.client.delete_unit("a.service", timeout_seconds=TIMEOUT_SECONDS)
        assert await town.unit("a.service") is None


async def test_more_units_than_a_page_holds_are_all_read(town: Town) -> None:
    names = {f"u{number:03}.service" for number in range(101)}
    for name in names:
        await town.client.put_unit(name, OTHER, "inactive", timeout_seconds=TIMEOUT_SECONDS)
    assert {unit.name for unit in (await town.client.read()).units} == names


async def test_a_state_for_a_unit_that_is_gone_is_a_conflict(town: Town) -> None:
    with pytest.raises(OutsideError) as caught:
        await town.client.set_state("gone.service", "loaded", timeout_seconds=TIMEOUT_SECONDS)
    assert (caught.value.kind, caught.value.code) == (ErrorClass.CONFLICT, "409")


async def test_a_unit_that_runs_is_not_created_again(town: Town) -> None:
    await town.client.put_unit("a.service", LOOP, "launched", timeout_seconds=TIMEOUT_SECONDS)
    town.settle()
    with pytest.raises(OutsideError) as caught:
        await town.client.create_unit("a.service", OTHER, timeout_seconds=TIMEOUT_SECONDS)
    assert (caught.value.kind, caught.value.applied) == (ErrorClass.CONFLICT, False)
    unit = await town.unit("a.service")
    assert unit is not None
    assert (unit.hash, unit.current_state) == (fleet_hash(LOOP), "launched")


async def test_a_unit_that_fleet_cannot_read_is_missing_from_the_list_and_not_created(
    town: Town,
) -> None:
    await town.client.create_unit("a.service", LOOP, timeout_seconds=TIMEOUT_SECONDS)
    town.fleet.mishaps.corrupt_unit("a.service")
    assert await town.unit("a.service") is None
    with pytest.raises(CorruptUnitError):
        await town.client.create_unit("a.service", LOOP, timeout_seconds=TIMEOUT_SECONDS)
