"""The fleet informer: machines, units and states of one round, and since when they are so."""

from dataclasses import replace

import pytest

from steersman.informers.fleet import FleetInformer
from steersman.model.errors import UnreachableError
from steersman.model.observed import FleetSnapshot, FleetUnit, Machine, UnitOption, UnitState
from steersman.model.ports import FleetRead
from tests.informers.stories import Board, HandClock, at, unused

MACHINE = Machine("m1", "10.0.0.1", {})
UNIT = FleetUnit("a.service", (), "hash", "launched", "launched", "m1")
STATE = UnitState("a.service", "hash", "m1", "loaded", "active", "running")
ALL = FleetRead((MACHINE,), (UNIT,), (STATE,), "0.13.0")


class Fleetd:
    """The port Fleet, which says what it is told to."""

    def __init__(self) -> None:
        self.says: FleetRead | None = ALL

    async def read(self) -> FleetRead:
        if self.says is None:
            raise UnreachableError("no answer")
        return self.says

    async def create_unit(
        self, name: str, options: tuple[UnitOption, ...], *, timeout_seconds: float
    ) -> None:
        unused(name, options, timeout_seconds)

    async def put_unit(
        self, name: str, options: tuple[UnitOption, ...], state: str, *, timeout_seconds: float
    ) -> None:
        unused(name, options, state, timeout_seconds)

    async def set_state(self, name: str, state: str, *, timeout_seconds: float) -> None:
        unused(name, state, timeout_seconds)

    async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
        unused(name, timeout_seconds)

    async def close(self) -> None:
        pass


class Desk:
    def __init__(self) -> None:
        self.fleetd, self.clock, self.board = Fleetd(), HandClock(), Board[FleetSnapshot]()
        self._informer = FleetInformer(self.fleetd, self.clock, self.board)

    async def read(self, seconds: float, says: FleetRead | None = ALL) -> FleetSnapshot:
        self.clock.seconds, self.fleetd.says = seconds, says
        await self._informer.read()
        return self.board.last


async def test_everything_is_found_by_its_name() -> None:
    snapshot = await Desk().read(7)

    assert snapshot.observed_at == at(7)
    assert snapshot.machines == {"m1": replace(MACHINE, since=at(7))}
    assert snapshot.units == {"a.service": replace(UNIT, since=at(7))}
    assert snapshot.states == {"a.service": (replace(STATE, since=at(7)),)}
    assert snapshot.version == "0.13.0"


SINCE = [
    pytest.param(STATE, 0, id="the same state counts on"),
    pytest.param(replace(STATE, active="failed"), 5, id="another active state counts anew"),
    pytest.param(replace(STATE, sub="dead"), 5, id="another sub state counts anew"),
    pytest.param(replace(STATE, hash="other"), 5, id="another content counts anew"),
    pytest.param(replace(STATE, machine_id="m2"), 5, id="another machine counts anew"),
]


@pytest.mark.parametrize(("state", "seconds"), SINCE)
async def test_since_when_a_state_is_so(state: UnitState, seconds: float) -> None:
    desk = Desk()
    await desk.read(0)
    snapshot = await desk.read(5, replace(ALL, states=(state,)))

    assert snapshot.states["a.service"][0].since == at(seconds)


@pytest.mark.parametrize(
    ("unit", "seconds"),
    [
        pytest.param(UNIT, 0, id="the same current state counts on"),
        pytest.param(replace(UNIT, desired_state="loaded"), 0, id="whatever is asked of it"),
        pytest.param(replace(UNIT, current_state="loaded"), 5, id="another counts anew"),
    ],
)
async def test_since_when_a_unit_is_as_fleet_says(unit: FleetUnit, seconds: float) -> None:
    desk = Desk()
    await desk.read(0)
    snapshot = await desk.read(5, replace(ALL, units=(unit,)))

    assert snapshot.units["a.service"].since == at(seconds)


async def test_a_unit_without_a_state_counts_from_when_the_state_was_missing_first() -> None:
    desk = Desk()
    assert (await desk.read(0)).stateless_since == {}
    silent = replace(ALL, states=())
    await desk.read(5, silent)
    snapshot = await desk.read(10, silent)

    assert snapshot.stateless_since == {"a.service": at(5)}


async def test_a_unit_on_two_machines_has_two_states() -> None:
    other = replace(STATE, machine_id="m2")
    snapshot = await Desk().read(0, replace(ALL, states=(STATE, other)))

    assert [each.machine_id for each in snapshot.states["a.service"]] == ["m1", "m2"]


async def test_a_failed_read_publishes_nothing_and_since_goes_on() -> None:
    desk = Desk()
    await desk.read(0)
    with pytest.raises(UnreachableError):
        await desk.read(5, None)
    assert len(desk.board.snapshots) == 1

    assert (await desk.read(10)).machines["m1"].since == at(0)
