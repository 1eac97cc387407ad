"""The daemon over a real fleet: what it asks of it, and what runs then."""

import time

from tests.contracts.fleet.machines import NUMBERS, REAL
from tests.contracts.fleet.operated import HEALTHY_SECONDS, THREE, WEB_SPEC, Operated
from tests.contracts.fleet.texts import ALONE, SLEEPER, WEB

pytestmark = [*REAL]
QUIET_SECONDS = 5.0  # the daemon and every part of fleet have looked since
EDITED = ALONE.replace("10000", "30000")


def test_what_documents_ask_for_runs_and_took_two_writes_a_unit(town: Operated) -> None:
    town.until_ready()
    assert all(town.running(name) for name in (*THREE, "jenkins.service"))
    assert {number for name in THREE for number in town.processes(name)} == set(NUMBERS)
    assert set(town.processes("jenkins.service")) == {2}
    assert {name: town.writes()[f"PUT {name}"] for name in THREE} == dict.fromkeys(THREE, 2)


def test_at_rest_nothing_is_written(operated: Operated) -> None:
    time.sleep(QUIET_SECONDS)
    assert operated.writes() == {}


def test_an_edit_is_rolled_one_unit_at_a_time_with_one_write_for_each(operated: Operated) -> None:
    before = {name: operated.process(name) for name in THREE}
    up = []
    operated.apply("web", {**WEB_SPEC, "content": EDITED})

    def rolled() -> bool:
        began = time.monotonic()
        running = sum(bool(operated.processes(name)) for name in THREE)
        if time.monotonic() - began < HEALTHY_SECONDS:  # else it may have seen two, each in turn
            up.append(running)
        return all(operated.process(name) not in (None, before[name]) for name in THREE)

    operated.until(rolled)
    assert min(up, default=len(THREE)) >= len(THREE) - 1
    operated.until_ready()
    assert operated.writes() == {f"PUT {name}": 1 for name in THREE}


def test_a_unit_that_somebody_stops_is_launched_again(operated: Operated) -> None:
    operated.set_state("jenkins.service", "inactive")
    operated.until(lambda: operated.writes() == {"PUT jenkins.service": 2})  # one is the other's
    operated.until_ready()
    assert operated.running("jenkins.service")


def test_a_unit_that_fails_is_stopped_and_launched(operated: Operated) -> None:
    before = operated.process("jenkins.service")
    operated.machines.crash_unit("jenkins.service")
    operated.until(lambda: operated.process("jenkins.service") not in (None, before))
    operated.until_ready()
    assert operated.writes().keys() == {"PUT jenkins.service"}


def test_what_others_have_put_is_left_alone(operated: Operated) -> None:
    operated.put(WEB[3], ALONE, "inactive")  # of the same template
    foreign = operated.launch("foreign.service", SLEEPER)
    operated.remove("jenkins")
    operated.until(lambda: not operated.processes("jenkins.service"))
    assert {each.name for each in operated.read().units} == {*WEB, "foreign.service"}
    assert operated.process("foreign.service") == foreign
    ours = {name: times for name, times in operated.writes().items() if "jenkins" in name}
    assert ours == {"PUT jenkins.service": 1, "DELETE jenkins.service": 1}
    assert operated.writes() == {**ours, f"PUT {WEB[3]}": 1, "PUT foreign.service": 1}
