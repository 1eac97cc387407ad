"""A fleet that is dumped and loaded goes on where it was."""

import json
import random

import pytest

from localcloud.fleet.model import Fleet
from localcloud.fleet.records import ApiError, MetadataChange
from tests.localcloud.fleet.support import FakeHost, Town, machine


def reloaded(town: Town, pause_seconds: float) -> Town:
    """Another process: a new host on which nothing runs, and a clock that went on."""
    state = json.loads(json.dumps(town.fleet.dump()))
    town.clock.advance(pause_seconds)
    town.host = FakeHost()
    town.fleet = Fleet(town.clock, random.Random(7), town.host)
    town.fleet.load(state)
    town.fleet.tick()
    return town


def test_what_ran_is_started_again_and_nothing_looks_different() -> None:
    town = Town()
    town.launch("a.service")
    town.launch("b.service")
    town.fleet.mishaps.unit_stop("b.service")
    town.fleet.change_metadata([MetadataChange(town.machines[0].id, "role", "x")])
    town.wait()
    before = (town.fleet.units(), town.fleet.states(), town.fleet.machines())
    reloaded(town, pause_seconds=3600)
    assert (town.fleet.units(), town.fleet.states(), town.fleet.machines()) == before
    assert town.host.running == {("core1", "a.service")}


def test_heartbeats_go_on_after_a_reload() -> None:
    town = Town()
    town.launch("a.service")
    reloaded(town, pause_seconds=3600)
    town.wait(600)
    assert len(town.fleet.machines()) == 3
    assert town.state("a.service") == "loaded/active/running"


def test_a_machine_that_was_booting_joins_after_a_reload() -> None:
    town = Town()
    extra = town.machines[0]
    town.fleet.machine_down(extra.id)
    town.wait(60)
    town.fleet.machine_up(extra)
    reloaded(town, pause_seconds=0)
    town.wait(10)
    assert extra.id in [each.id for each in town.fleet.machines()]


def test_faults_that_last_outlive_a_reload_and_can_be_ended_after_it() -> None:
    town = Town()
    town.launch("a.service")
    town.launch("b.service")
    town.fleet.mishaps.corrupt_unit("b.service")
    town.fleet.mishaps.fleetd_stop("core3")
    town.fleet.mishaps.partition("core2", town.clock.now() + 3600)
    town.wait(60)
    reloaded(town, pause_seconds=1000)
    town.wait(60)
    assert [each.instance for each in town.fleet.machines()] == ["core1"]
    assert [unit.name for unit in town.fleet.units()] == ["a.service"]
    town.fleet.mishaps.clear()
    town.wait(90)
    assert len(town.fleet.machines()) == 3
    assert [unit.name for unit in town.fleet.units()] == ["a.service", "b.service"]


def test_an_etcd_that_stands_still_does_so_after_a_reload() -> None:
    town = Town()
    town.fleet.mishaps.freeze_etcd(town.clock.now() + 30)
    town.wait(5)
    reloaded(town, pause_seconds=1000)
    with pytest.raises(ApiError):
        town.fleet.reach()
    town.wait(60)
    town.fleet.reach()
    assert len(town.fleet.machines()) == 3


def test_a_killed_fleetd_comes_back_after_a_reload() -> None:
    town = Town([machine(1)])
    town.fleet.mishaps.fleetd_kill("core1")
    reloaded(town, pause_seconds=1000)
    assert not town.fleet.available
    town.wait(60)
    assert town.fleet.available


def test_dump_of_a_loaded_fleet_is_the_dump() -> None:
    town = Town()
    town.launch("a.service")
    before = json.loads(json.dumps(town.fleet.dump()))
    other = Fleet(town.clock, random.Random(1), FakeHost())
    other.load(before)
    after = json.loads(json.dumps(other._cluster.dump()))
    resumes = [row for row in after["agenda"]["entries"] if row[1] == "resume"]
    after["agenda"]["entries"] = [e for e in after["agenda"]["entries"] if e not in resumes]
    assert after == before
    assert len(resumes) == 3
