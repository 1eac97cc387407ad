"""What the systemd of a machine makes of units, as fleet tells it."""

import pytest

from tests.localcloud.fleet.support import SLEEPER, Town

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


def test_an_exit_of_a_unit_that_was_stopped_does_not_count(town: Town) -> None:
    town.launch("a.service")
    town.fleet.mishaps.unit_stop("a.service")
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


@pytest.mark.parametrize(
    ("timeout", "state"),
    [
        pytest.param("", FAILED, id="90 seconds, when it says nothing"),
        pytest.param("TimeoutStartSec=20\n", FAILED, id="as long as it says"),
        pytest.param("TimeoutStartSec=infinity\n", "loaded/activating/start", id="for ever"),
    ],
)
def test_a_notify_unit_activates(town: Town, timeout: str, state: str) -> None:
    town.launch("a.service", f"[Service]\nType=notify\n{timeout}ExecStart=/bin/sleep 1000\n")
    assert town.state("a.service") == "loaded/activating/start"
    town.wait(100)
    assert town.state("a.service") == state


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
    town.fleet.mishaps.unit_crash(PARENT)
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
