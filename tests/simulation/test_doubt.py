"""Doubt, in virtual time: sources that are silent, that lie, that come and go, and a clock that
drifts; and somebody else who writes what is ours."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from localcloud.fleet.records import UnitBody
from steersman.model.ports import FleetRead, InstanceList
from tests.simulation import stage
from tests.simulation.adapters_compute import ModelCompute
from tests.simulation.adapters_fleet import ModelFleet
from tests.simulation.story import DAEMON, Story, story
from tests.support.virtual import LoopClock, run_virtual

LIMIT_SECONDS = 6 * 3600.0
CONFIG = "/configs/elasticsearch"
UNIT = "jenkins.service"


@asynccontextmanager
async def at_rest(seed: int, clock: type[LoopClock] = LoopClock) -> AsyncIterator[Story]:
    """The post has come up, and nothing is left to do. The clock is the daemon's."""
    told = Story(seed)
    told.stage.clock = clock(asyncio.get_running_loop())
    with told.stage.turning():
        told.start()
        told.apply_post()
        await told.until_ready(120)
        await asyncio.sleep(60)
        told.journal.take()
        yield told
        await told.stop()


@contextmanager
def silent(told: Story, *systems: str) -> Iterator[None]:
    """Nothing that is sent there is answered."""
    ways = [told.stage.daemons[DAEMON].ways[system] for system in systems]
    for way in ways:
        way.cuts += 1
    yield
    for way in ways:
        way.cuts -= 1


def overwrite(told: Story) -> None:
    """Somebody else does, behind our back."""
    told.unit.put(CONFIG, b"nonsense")


def is_ours(told: Story) -> bool:
    entry = told.unit.get(CONFIG)
    return entry is not None and entry.value != b"nonsense"


def serves(told: Story) -> bool:
    states = [each for each in told.cloud.fleet.states() if each.name == UNIT]
    return [each.active for each in states] == ["active"]


def runs(told: Story) -> bool:
    return told.cloud.compute.instances.get("europe-west1-b", "core2").status == "RUNNING"


CASES = [
    pytest.param("compute", overwrite, is_ours, id="a key is written without compute"),
    pytest.param("fleet", overwrite, is_ours, id="a key is written without fleet"),
    pytest.param("elasticsearch", overwrite, is_ours, id="a key is written without probes"),
    pytest.param(
        "compute", lambda told: told.fault("unit-crash", UNIT), serves, id="a unit without compute"
    ),
    pytest.param(
        "unit", lambda told: told.fault("unit-crash", UNIT), serves, id="a unit without keys"
    ),
    pytest.param(
        "fleet", lambda told: told.fault("node-crash", "core2"), runs, id="a node without fleet"
    ),
    pytest.param(
        "unit", lambda told: told.fault("node-crash", "core2"), runs, id="a node without keys"
    ),
]


@pytest.mark.parametrize(("system", "harm", "healed"), CASES)
def test_a_silent_source_holds_nothing_that_does_not_need_it(
    system: str, harm: Callable[[Story], None], healed: Callable[[Story], bool]
) -> None:
    async def tell() -> None:
        async with at_rest(seed=21) as told:
            with silent(told, system):
                await asyncio.sleep(120)
                harm(told)
                await told.until(lambda: not healed(told), 30)
                await told.until(lambda: healed(told), 90)
            await told.until_ready(300)

    run_virtual(tell(), limit_seconds=LIMIT_SECONDS)


def test_nodes_come_up_while_fleet_has_never_answered() -> None:
    async def tell() -> list[str]:
        async with story(seed=22) as told:
            with silent(told, "fleet", "elasticsearch"):
                told.apply_post()
                await asyncio.sleep(120)
            return told.journal.take()

    assert sorted(run_virtual(tell(), limit_seconds=LIMIT_SECONDS)) == [
        f"compute insert {name}" for name in ("core1", "core2", "core3", "discovery")
    ]


# lies


class Rumour:
    """What fleet and Compute Engine say instead of the truth, while they lie."""

    lying = False


class LyingFleet(ModelFleet):
    async def read(self) -> FleetRead:
        read = await super().read()
        return replace(read, machines=(), units=(), states=()) if Rumour.lying else read


class LyingCompute(ModelCompute):
    async def list_instances(self) -> InstanceList:
        listed = await super().list_instances()
        return InstanceList(()) if Rumour.lying else listed


@pytest.fixture(params=[LyingFleet, LyingCompute], ids=["fleet", "compute"])
def liar(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, request.param.__bases__[0].__name__, request.param)
    monkeypatch.setattr(Rumour, "lying", False)


def holds(told: Story) -> list[str]:
    _, entries = told.home.under("/steersman/holds/")
    return [json.loads(entry.value)["what"] for entry in entries]


def reasons(told: Story) -> list[str]:
    _, entries = told.home.under("/steersman/events/")
    return [json.loads(entry.value)["reason"] for entry in entries]


@pytest.mark.usefixtures("liar")
@pytest.mark.parametrize("seconds", [20, 600], ids=["for a moment", "for long"])
def test_a_source_that_turns_empty_is_not_believed_while_another_knows_better(seconds: int) -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=23) as told:
            Rumour.lying = True
            await asyncio.sleep(seconds)
            assert holds(told)
            Rumour.lying = False
            await told.until_ready(120)
            await asyncio.sleep(60)
            assert holds(told) == []
            assert {"ImplausibleLoss", "HoldEnded"} <= set(reasons(told))
            assert len(told.registered()) == 3
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == []


@pytest.mark.usefixtures("liar")
def test_a_daemon_that_is_started_meanwhile_does_not_believe_it_either() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=24) as told:
            Rumour.lying = True
            await asyncio.sleep(30)
            await told.kill()
            told.start()
            await asyncio.sleep(50)
            Rumour.lying = False
            await told.until_ready(120)
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == []


def test_a_true_loss_of_all_nodes_heals_once_it_is_confirmed() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=25) as told:
            for name in ("core1", "core2", "core3"):
                told.fault("node-crash", name)
            await told.until(lambda: "nodepool/core" in told.not_ready(), 60)
            await told.until(lambda: "nodepool/core" not in told.not_ready(), 300)
            return [each for each in told.journal.take() if each.startswith("compute")]

    started = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert sorted(started) == [f"compute start core{n}" for n in (1, 2, 3)]


# fights


def test_who_changes_a_key_three_times_is_fought_no_more_until_a_person_has_looked() -> None:
    async def tell() -> None:
        async with at_rest(seed=26) as told:
            for _ in range(3):
                overwrite(told)
                await told.until(lambda: is_ours(told), 30)
                await asyncio.sleep(60)
            status = _fighting(told, "configkey/elasticsearch")
            assert status["status"] == "True"

            overwrite(told)
            await asyncio.sleep(3600)
            assert not is_ours(told)

            _acknowledge(told, status)
            await told.until(lambda: is_ours(told), 30)
            await told.until(lambda: not _fights(told, "configkey/elasticsearch"), 30)

    run_virtual(tell(), limit_seconds=LIMIT_SECONDS)


def test_who_stops_a_unit_three_times_gets_it_stopped_until_a_person_has_looked() -> None:
    async def tell() -> None:
        async with at_rest(seed=29) as told:
            for state in ("loaded", "inactive", "loaded"):
                stop(told, state)
                await told.until(lambda: serves(told), 30)
                await asyncio.sleep(60)
            status = _fighting(told, "unit/jenkins")
            assert "jenkins.service spec.desiredState" in status["message"]

            stop(told, "loaded")
            await asyncio.sleep(3600)
            assert not serves(told)

            _acknowledge(told, status)
            await told.until(lambda: serves(told), 30)
            await told.until(lambda: not _fights(told, "unit/jenkins"), 30)

    run_virtual(tell(), limit_seconds=LIMIT_SECONDS)


def test_what_we_stop_and_launch_to_restart_it_is_no_fight() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=30) as told:
            for _ in range(4):
                told.fault("unit-crash", UNIT)
                await told.until(lambda: not serves(told), 30)
                await told.until(lambda: serves(told), 90)
            assert not _fights(told, "unit/jenkins")
            return told.journal.take()

    writes = run_virtual(tell(), limit_seconds=LIMIT_SECONDS)
    assert writes == [f"fleet {state} {UNIT}" for state in ("loaded", "launched")] * 4


def stop(told: Story, state: str) -> None:
    """Somebody else does, with fleetctl."""
    told.cloud.fleet.put_unit(UNIT, UnitBody(name=UNIT, desired=state, options=()))


def _acknowledge(told: Story, fighting: dict[str, str]) -> None:
    """As the message tells a person to."""
    hold = fighting["message"].rpartition(" ")[2].removesuffix(")")
    request = {"verb": "acknowledge", "ref": hold}
    told.home.put("/steersman/requests/looked-at", json.dumps(request).encode())


def _fights(told: Story, name: str) -> bool:
    return _fighting(told, name)["status"] == "True"


def _fighting(told: Story, name: str) -> dict[str, str]:
    entry = told.home.get(f"/status/{name}")
    assert entry is not None
    conditions: list[dict[str, str]] = json.loads(entry.value)["conditions"]
    return next(each for each in conditions if each["type"] == "Fighting")


# quiet


class CrookedClock(LoopClock):
    """The daemon's own clock, which may be set and may run too fast."""

    offset, rate = timedelta(), 1.0

    def now(self) -> datetime:
        return super().now() + self.offset + timedelta(seconds=self.monotonic() * (self.rate - 1))


async def compute_is_stale(told: Story) -> None:
    with silent(told, "compute"):
        await asyncio.sleep(1800)


async def fleet_is_stale(told: Story) -> None:
    with silent(told, "fleet"):
        await asyncio.sleep(1800)


async def sources_flap(told: Story) -> None:
    for _ in range(30):
        for system in ("compute", "fleet", "unit"):
            with silent(told, system):
                await asyncio.sleep(13)
        await asyncio.sleep(17)


async def the_clock_drifts(told: Story) -> None:
    clock = told.stage.clock
    assert isinstance(clock, CrookedClock)
    clock.rate = 1.01
    await asyncio.sleep(3600)


TROUBLES = [compute_is_stale, fleet_is_stale, sources_flap, the_clock_drifts]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: each.__name__)
def test_trouble_that_changes_nothing_writes_nothing(
    trouble: Callable[[Story], Awaitable[None]],
) -> None:
    async def tell() -> tuple[list[str], list[str]]:
        async with at_rest(seed=27, clock=CrookedClock) as told:
            revision = told.home.revision
            await trouble(told)
            await asyncio.sleep(300)
            assert told.not_ready() == {}
            assert len(told.registered()) == 3
            written = [each.key for each in told.home.changes("/", revision)[1]]
            return told.journal.take(), written

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == ([], [])


def test_a_clock_that_is_set_changes_nothing_outside() -> None:
    async def tell() -> list[str]:
        async with at_rest(seed=28, clock=CrookedClock) as told:
            clock = told.stage.clock
            assert isinstance(clock, CrookedClock)
            for hours in (1, -2, 0):
                clock.offset = timedelta(hours=hours)
                await asyncio.sleep(60)
                assert told.not_ready() == {}
                await asyncio.sleep(600)
                assert told.not_ready() == {}
                assert len(told.registered()) == 3
            return told.journal.take()

    assert run_virtual(tell(), limit_seconds=LIMIT_SECONDS) == []
