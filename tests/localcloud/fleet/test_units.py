"""The life of units on machines, in model time."""

import pytest

from localcloud.fleet.records import ApiError, MetadataChange
from tests.localcloud.fleet.support import SLEEPER, Town, machine

RUNNING = "loaded/active/running"
FAILED = "loaded/failed/failed"
DEAD = "loaded/inactive/dead"

PARENT = "p@1.service"
SIDEKICK = "s@1.service"
SIDEKICK_FILE = (
    "[Unit]\nBindsTo=p@%i.service\n\n[Service]\nExecStart=/bin/sleep 1\n\n"
    "[X-Fleet]\nMachineOf=p@%i.service\n"
)


@pytest.fixture
def town() -> Town:
    return Town()


def test_a_launched_unit_runs_two_seconds_after_it_was_scheduled(town: Town) -> None:
    town.put("a.service", "launched", SLEEPER)
    town.wait(1.0)
    assert (town.target("a.service"), town.state("a.service")) == (town.machines[0].id, None)
    town.wait(2.0)
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
    town.fleet.unit_crash("a.service")
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
    town.fleet.unit_stop("a.service")
    town.wait(600)
    assert (town.current("a.service"), town.state("a.service")) == ("launched", DEAD)
    assert town.host.running == set()


def test_a_fault_on_a_unit_that_runs_nowhere_is_refused(town: Town) -> None:
    with pytest.raises(LookupError):
        town.fleet.unit_crash("a.service")
    with pytest.raises(LookupError):
        town.fleet.unit_stop("a.service")
    with pytest.raises(LookupError):
        town.fleet.fleet_absent("a.service", town.clock.now() + 1)


def test_an_exit_of_a_unit_that_was_stopped_does_not_count(town: Town) -> None:
    town.launch("a.service")
    town.fleet.unit_stop("a.service")
    town.fleet.exited(town.machines[0].id, "a.service", 143)
    town.wait()
    assert town.state("a.service") == DEAD


def test_a_program_that_fails_as_it_starts_is_failed(town: Town) -> None:
    town.host.broken.add("a.service")
    town.launch("a.service")
    assert (town.current("a.service"), town.state("a.service")) == ("launched", FAILED)


def test_a_unit_without_a_command_has_a_bad_setting(town: Town) -> None:
    town.launch("a.service", "[Unit]\nDescription=x\n")
    assert town.state("a.service") == "bad-setting/inactive/dead"
    assert town.host.starts == []


def test_a_oneshot_activates_until_it_ends(town: Town) -> None:
    town.launch("a.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/x\n")
    assert town.state("a.service") == "loaded/activating/start"
    town.exited("a.service", 0)
    assert town.state("a.service") == "loaded/active/exited"


def test_systemd_restarts_after_the_delay_and_gives_up_at_the_limit(town: Town) -> None:
    text = "[Service]\nExecStart=/bin/x\nRestart=on-failure\nRestartSec=1500ms\n"
    town.launch("a.service", text)
    town.exited("a.service", 1)
    assert town.state("a.service") == "loaded/activating/auto-restart"
    town.wait(1.5)
    assert town.state("a.service") == RUNNING
    town.host.broken.add("a.service")
    town.exited("a.service", 1)
    town.wait()
    assert town.state("a.service") == FAILED
    assert len(town.host.starts) == 6


def test_a_bound_unit_stops_with_its_parent_and_does_not_come_back(town: Town) -> None:
    town.launch(PARENT)
    town.launch(SIDEKICK, SIDEKICK_FILE)
    assert town.target(SIDEKICK) == town.target(PARENT)
    town.fleet.unit_crash(PARENT)
    town.wait(1.5)
    assert (town.state(PARENT), town.state(SIDEKICK)) == (FAILED, DEAD)
    town.put(PARENT, "loaded")
    town.wait(3)
    town.put(PARENT, "launched")
    town.wait()
    assert (town.state(PARENT), town.state(SIDEKICK)) == (RUNNING, DEAD)


def test_starting_a_bound_unit_starts_its_parent(town: Town) -> None:
    town.put(PARENT, "loaded", SLEEPER)
    town.wait()
    town.launch(SIDEKICK, SIDEKICK_FILE)
    assert (town.current(PARENT), town.state(PARENT)) == ("loaded", RUNNING)


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


def test_a_deleted_unit_is_gone_at_once_and_its_state_soon(town: Town) -> None:
    town.launch("a.service")
    town.fleet.delete_unit("a.service")
    assert (town.fleet.unit("a.service"), town.state("a.service")) == (None, RUNNING)
    town.wait(3.6)
    assert (town.state("a.service"), town.host.running) == (None, set())


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


def test_a_hidden_unit_reads_as_absent_while_it_runs(town: Town) -> None:
    town.launch("a.service")
    town.fleet.fleet_absent("a.service", town.clock.now() + 30)
    assert (town.state("a.service"), town.current("a.service")) == (None, "inactive")
    keys = town.fleet.keys()
    assert not any("/states/" in path for path in keys)
    town.wait(31)
    assert (town.state("a.service"), town.current("a.service")) == (RUNNING, "launched")


def test_clearing_faults_shows_a_hidden_unit_again(town: Town) -> None:
    town.launch("a.service")
    town.fleet.fleet_absent("a.service", town.clock.now() + 3600)
    town.fleet.clear_faults()
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
