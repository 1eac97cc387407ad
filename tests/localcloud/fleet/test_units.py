"""The life of units in fleet, in model time: placed, replaced, moved, gone."""

from itertools import pairwise

import pytest

from localcloud.fleet.records import ApiError, MetadataChange, UnitBody
from localcloud.seams import Option
from tests.localcloud.fleet.support import SLEEPER, Town, machine

RUNNING = "loaded/active/running"
FAILED = "loaded/failed/failed"
DEAD = "loaded/inactive/dead"


@pytest.fixture
def town() -> Town:
    return Town()


def test_a_launched_unit_is_placed_at_once_and_runs_and_is_told_of_within_five_seconds(
    town: Town,
) -> None:
    town.put("a.service", "launched", SLEEPER)
    town.wait(1.5)
    assert (town.target("a.service"), town.state("a.service")) == (town.machines[0].id, None)
    town.wait(3.0)
    assert (town.current("a.service"), town.state("a.service")) == ("launched", RUNNING)


def test_a_crashed_unit_stays_launched_and_failed(town: Town) -> None:
    town.launch("a.service")
    town.exited("a.service", 1)
    assert (town.current("a.service"), town.state("a.service")) == ("launched", FAILED)
    town.put("a.service", "launched")
    town.wait()
    assert town.state("a.service") == FAILED


def test_a_clean_end_is_inactive_and_dead(town: Town) -> None:
    town.launch("a.service")
    town.exited("a.service", 0)
    assert town.state("a.service") == DEAD


def test_loaded_then_a_wait_then_launched_restarts(town: Town) -> None:
    town.launch("a.service")
    town.fleet.mishaps.unit_crash("a.service")
    town.wait(1.5)
    assert town.state("a.service") == FAILED
    town.put("a.service", "loaded")
    town.wait(2.5)
    assert (town.current("a.service"), town.state("a.service")) == ("loaded", FAILED)
    town.put("a.service", "launched")
    town.wait(2.5)
    assert town.state("a.service") == RUNNING
    assert len(town.host.starts) == 2


def test_loaded_then_launched_without_a_wait_is_lost(town: Town) -> None:
    town.launch("a.service")
    town.put("a.service", "loaded")
    town.wait(0.1)
    town.put("a.service", "launched")
    town.wait()
    assert len(town.host.starts) == 1


def test_a_unit_stopped_by_hand_stays_stopped(town: Town) -> None:
    town.launch("a.service")
    town.fleet.mishaps.unit_stop("a.service")
    town.wait(600)
    assert (town.current("a.service"), town.state("a.service")) == ("launched", DEAD)
    assert town.host.running == set()


def test_a_fault_on_a_unit_that_runs_nowhere_is_refused(town: Town) -> None:
    with pytest.raises(LookupError):
        town.fleet.mishaps.unit_crash("a.service")
    with pytest.raises(LookupError):
        town.fleet.mishaps.unit_stop("a.service")
    with pytest.raises(LookupError):
        town.fleet.mishaps.fleet_absent("a.service", town.clock.now() + 1)


def test_new_options_replace_a_unit_in_place(town: Town) -> None:
    town.launch("a.service")
    town.wait(3)  # so that the agent's next round is not just due
    home, before = town.target("a.service"), town.fleet.states("a.service")[0].hash
    assert town.put("a.service", "launched", "[Service]\nExecStart=/bin/y\n") == "replaced"
    assert None in seen_states(town, "a.service", seconds=10)
    assert (town.target("a.service"), town.state("a.service")) == (home, RUNNING)
    assert town.fleet.states("a.service")[0].hash != before


def seen_states(town: Town, name: str, seconds: int) -> list[str | None]:
    """What a look in every second shows."""
    seen = []
    for _ in range(seconds):
        town.wait(1)
        seen.append(town.state(name))
    return seen


def test_a_wrong_state_hides_the_unit_and_stops_it(town: Town) -> None:
    town.launch("a.service")
    town.put("a.service", "Launched")
    town.wait()
    assert (town.fleet.units(), town.host.running) == ([], set())
    with pytest.raises(ApiError):
        town.fleet.unit("a.service")


def test_a_replacement_that_is_no_unit_file_hides_the_unit_and_stops_it(town: Town) -> None:
    town.launch("a.service")
    unreadable = (Option("Service", "ExecStart", "x" * 3000),)
    town.fleet.put_unit("a.service", UnitBody("", "launched", unreadable))
    town.wait()
    assert (town.fleet.units(), town.host.running) == ([], set())
    with pytest.raises(ApiError):
        town.fleet.unit("a.service")


def test_a_deleted_unit_is_gone_at_once_and_its_state_soon(town: Town) -> None:
    town.launch("a.service")
    town.fleet.delete_unit("a.service")
    assert (town.fleet.unit("a.service"), town.state("a.service")) == (None, RUNNING)
    town.wait(3.6)
    assert (town.state("a.service"), town.host.running) == (None, set())


def test_deleted_and_put_again_at_once_a_unit_may_or_may_not_restart() -> None:
    starts = set()
    for seed in range(12):
        town = Town([machine(1)], seed)
        town.launch("a.service")
        town.wait(seed)
        town.fleet.delete_unit("a.service")
        town.put("a.service", "launched", SLEEPER)
        town.wait(20)
        assert town.state("a.service") == RUNNING
        starts.add(len(town.host.starts))
    assert starts == {1, 2}


def test_units_of_one_machine_are_unloaded_one_in_a_round(town: Town) -> None:
    for name in ("a.service", "b.service", "c.service"):
        town.launch(name, SLEEPER + f"\n[X-Fleet]\nMachineID={machine(1).id}\n")
    for name in ("a.service", "b.service", "c.service"):
        town.put(name, "inactive")
    left = [3]
    for _ in range(20):
        town.wait(1)
        left.append(len(town.host.running))
    assert {before - after for before, after in pairwise(left)} == {0, 1}
    assert left[-1] == 0


def test_a_launched_template_wedges_its_machine_until_it_reboots() -> None:
    town = Town([machine(1)])
    town.launch("x@.service")
    town.fleet.delete_unit("x@.service")
    town.launch("a.service")
    assert (town.target("a.service"), town.state("a.service")) == (machine(1).id, None)
    assert town.host.starts == []
    town.fleet.machine_up(machine(1))
    town.wait(60)
    assert town.state("a.service") == RUNNING


def test_a_global_unit_runs_on_every_machine_that_matches() -> None:
    town = Town([machine(1, role="data"), machine(2, role="data"), machine(3)])
    town.launch("g.service", SLEEPER + "\n[X-Fleet]\nGlobal=true\nMachineMetadata=role=data\n")
    assert town.host.running == {("core1", "g.service"), ("core2", "g.service")}
    assert town.current("g.service") is None
    assert [unit.current for unit in town.fleet.units()] == ["inactive"]


def test_a_moved_unit_looks_absent_though_it_runs() -> None:
    town = Town([machine(1, role="a"), machine(2, role="a")])
    town.launch("a.service", SLEEPER + "\n[X-Fleet]\nMachineMetadata=role=a\n")
    town.fleet.change_metadata([MetadataChange(machine(1).id, "role", "")])
    town.wait(5)
    assert town.host.running == {("core2", "a.service")}
    assert town.state("a.service") == RUNNING
    seen = seen_states(town, "a.service", seconds=60)
    assert None in seen
    assert (seen[-1], len(town.host.starts)) == (RUNNING, 2)


def test_a_unit_is_not_moved_back() -> None:
    town = Town([machine(1, role="a"), machine(2, role="a")])
    town.launch("a.service", SLEEPER + "\n[X-Fleet]\nMachineMetadata=role=a\n")
    for role in ("", "a"):
        town.fleet.change_metadata([MetadataChange(machine(1).id, "role", role)])
        town.wait(20)
    assert town.host.running == {("core2", "a.service")}


def test_a_hidden_unit_reads_as_absent_while_it_runs(town: Town) -> None:
    town.launch("a.service")
    town.fleet.mishaps.fleet_absent("a.service", town.clock.now() + 30)
    assert (town.state("a.service"), town.current("a.service")) == (None, "inactive")
    keys = town.fleet.keys()
    assert not any("/states/" in path for path in keys)
    town.wait(31)
    assert (town.state("a.service"), town.current("a.service")) == (RUNNING, "launched")


def test_clearing_faults_shows_a_hidden_unit_again(town: Town) -> None:
    town.launch("a.service")
    town.fleet.mishaps.fleet_absent("a.service", town.clock.now() + 3600)
    town.fleet.mishaps.clear()
    assert town.state("a.service") == RUNNING


def test_which_of_four_waits_depends_on_the_seed() -> None:
    waiting = {waits_of(Town(seed=seed)) for seed in range(12)}
    assert len(waiting) > 1
    assert waits_of(Town(seed=5)) == waits_of(Town(seed=5))


def waits_of(town: Town) -> str:
    for number in range(1, 5):
        text = SLEEPER + "\n[X-Fleet]\nX-Conflicts=e@*.service\n"
        town.put(f"e@{number}.service", "launched", text)
    town.wait()
    (waiting,) = [unit.name for unit in town.fleet.units() if unit.machine_id is None]
    return waiting


@pytest.mark.parametrize(("name", "told"), [("a.target", False), ("a.timer", True)])
def test_a_unit_of_a_type_that_agents_ignore_never_has_a_state(
    town: Town, name: str, told: bool
) -> None:
    town.launch(name, "[Unit]\nDescription=x\n")
    assert town.target(name) is not None
    assert (town.state(name) is not None) is told
