"""Machines that come, go and return, and what the registry says meanwhile."""

from localcloud.fleet.records import Timings
from tests.localcloud.fleet.support import JOINED_SECONDS, SLEEPER, Town, machine

TIMINGS = Timings()


def ids(town: Town) -> list[str]:
    return [each.instance for each in town.fleet.machines()]


def test_nobody_answers_before_a_machine_has_registered() -> None:
    town = Town([])
    assert not town.fleet.available
    town.fleet.machine_up(machine(1))
    town.wait(TIMINGS.join_seconds - 0.1)
    assert not town.fleet.available
    town.wait(0.2)
    assert town.fleet.available
    assert ids(town) == ["core1"]


def test_a_machine_without_fleet_never_registers() -> None:
    town = Town([])
    town.fleet.machine_up(machine(1).__class__("a" * 32, "127.20.0.9", "plain", fleet=False))
    town.wait(60)
    assert not town.fleet.available


def test_a_lost_machine_is_listed_until_its_key_expires() -> None:
    town = Town()
    town.fleet.machine_down(machine(1).id)
    town.wait(14)
    assert ids(town) == ["core1", "core2", "core3"]
    town.wait(17)
    assert ids(town) == ["core2", "core3"]


def test_a_unit_of_a_lost_machine_runs_elsewhere_soon_after_the_key_expired() -> None:
    town = Town()
    town.launch("a.service")
    assert town.host.running == {("core1", "a.service")}
    town.host.running.clear()
    town.fleet.machine_down(machine(1).id)
    town.wait(45)
    assert town.host.running == {("core2", "a.service")}
    assert town.state("a.service") == "loaded/active/running"


def test_a_unit_that_fits_nowhere_else_waits_and_starts_when_the_machine_returns() -> None:
    town = Town()
    text = SLEEPER + f"\n[X-Fleet]\nMachineID={machine(2).id}\n"
    town.launch("a.service", text)
    town.fleet.machine_down(machine(2).id)
    town.wait(60)
    assert (town.target("a.service"), town.current("a.service")) == (None, "inactive")
    town.fleet.machine_up(machine(2))
    town.wait(JOINED_SECONDS + 6)
    assert town.state("a.service") == "loaded/active/running"


def test_a_machine_that_reboots_waits_for_its_old_key_and_starts_its_units_afresh() -> None:
    town = Town([machine(1)])
    town.launch("a.service")
    town.fleet.machine_down(machine(1).id)
    town.fleet.machine_up(machine(1))
    town.wait(JOINED_SECONDS)
    assert not town.fleet.available
    town.wait(40)
    assert town.state("a.service") == "loaded/active/running"
    assert len(town.host.starts) == 2


def test_after_the_leader_is_lost_nothing_is_scheduled_until_its_lease_expires() -> None:
    town = Town()
    leader = next(v for k, (v, _) in town.fleet.keys().items() if k.endswith("engine-leader"))
    lost = next(each for each in town.machines if each.id in leader)
    town.fleet.machine_down(lost.id)
    town.put("a.service", "launched", SLEEPER)
    town.wait(7)
    assert town.target("a.service") is None
    town.wait(6)
    assert town.target("a.service") is not None


def test_at_rest_the_agenda_goes_on_and_keys_stay() -> None:
    town = Town()
    town.launch("a.service")
    before = {path: value for path, (value, _) in town.fleet.keys().items()}
    town.wait(3600)
    assert {path: value for path, (value, _) in town.fleet.keys().items()} == before
    due = town.fleet.next_due()
    assert due is not None
    assert due > town.clock.now()
