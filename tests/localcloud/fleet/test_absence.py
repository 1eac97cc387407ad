"""When no state does not mean that nothing runs: the false absences that were seen on a real fleet,
and how long they last. Heartbeats begin at a point that the seed chooses."""

from collections.abc import Callable, Iterator

import pytest

from localcloud.fleet.records import MetadataChange
from tests.localcloud.fleet.support import SLEEPER, Town, machine

SEEDS = range(12)
LOOKS_SECONDS = 90
STARTS_AND_IS_TOLD_OF_SECONDS = 6
BEAT_SECONDS = 24  # every so long an agent tells all its states again
REGISTERS_AGAIN_SECONDS = 45  # 30 until the old key expires, and the pause before the next try
MOVABLE = SLEEPER + "\n[X-Fleet]\nMachineMetadata=role=a\n"
EVERYWHERE = SLEEPER + "\n[X-Fleet]\nGlobal=true\n"


def moved(town: Town) -> None:
    home = town.target("a.service")
    assert home is not None
    town.fleet.change_metadata([MetadataChange(home, "role", "")])


def restarted(town: Town) -> None:
    town.fleet.mishaps.fleetd_restart("core1")


def killed(town: Town) -> None:
    town.fleet.mishaps.fleetd_kill("core1")


def absences(town: Town, instance: str) -> Iterator[int]:
    """The seconds at which the unit runs on that machine, and its state is not told."""
    home = next(each.id for each in town.machines if each.instance == instance)
    for second in range(LOOKS_SECONDS):
        town.wait(1)
        told = {state.machine_id for state in town.fleet.states("a.service")}
        if (instance, "a.service") in town.host.running and home not in told:
            yield second


@pytest.mark.parametrize(
    ("text", "happens", "instance", "longest_seconds"),
    [
        pytest.param(
            MOVABLE, moved, "core2", BEAT_SECONDS, id="a: the old machine of a unit that moved"
        ),
        pytest.param(
            EVERYWHERE, restarted, "core2", BEAT_SECONDS, id="b: another machine of a global unit"
        ),
        pytest.param(
            SLEEPER, killed, "core1", REGISTERS_AGAIN_SECONDS, id="c: its own fleetd, killed"
        ),
    ],
)
def test_a_unit_that_runs_looks_absent_because_of(
    text: str, happens: Callable[[Town], None], instance: str, longest_seconds: int
) -> None:
    lengths = []
    for seed in SEEDS:
        town = Town([machine(1, role="a"), machine(2, role="a")], seed)
        town.launch("a.service", text)
        town.wait(seed)  # so that keys of any age are met
        assert ("core1", "a.service") in town.host.running
        happens(town)
        lengths.append(len(list(absences(town, instance))))
    assert max(lengths) > 5
    assert max(lengths) <= longest_seconds + STARTS_AND_IS_TOLD_OF_SECONDS


def test_d_after_the_loss_of_a_machine_its_key_and_its_states_go_each_at_its_own_time() -> None:
    orders = set()
    for seed in SEEDS:
        town = Town([machine(1)], seed)
        town.launch("a.service")
        town.wait(seed)
        town.fleet.machine_down(machine(1).id)
        gone = {"machine": 0, "state": 0}
        for _ in range(31):
            town.wait(1)
            gone["machine"] += bool(town.fleet.machines())
            gone["state"] += bool(town.fleet.states())
        assert 14 <= gone["machine"] <= 31
        assert 5 <= gone["state"] <= 31
        orders.add(gone["machine"] < gone["state"])
    assert orders == {True, False}


def test_the_same_seed_tells_the_same_story() -> None:
    def story() -> list[int]:
        town = Town([machine(1, role="a"), machine(2, role="a")], seed=3)
        town.launch("a.service", MOVABLE)
        moved(town)
        return list(absences(town, "core2"))

    assert story() == story()
