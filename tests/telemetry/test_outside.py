"""What a scrape tells of the outside: sources, circuits, instances, units."""

from dataclasses import replace
from typing import Any

from steersman.model.circuit import Breaker, Circuit
from steersman.model.memory import Backoff
from steersman.model.observed import FleetSnapshot, FleetUnit, Machine, UnitState
from steersman.model.resource import Key
from steersman.telemetry.scrape import Pulse
from steersman.telemetry.scrape.sources import CIRCUITS_MAX
from tests.engine.builders import B, instance, lamp, snapshot, world
from tests.telemetry.samples import NOW, ago, named, scraped


def test_a_source_is_down_until_it_is_heard_of_and_untold_where_nobody_configured_it() -> None:
    found = scraped(world(), pulses={"home": Pulse(True, 2.0), "fleet": Pulse(False, None)})

    up = named("steersman_source_up", found)
    assert up == {("home",): 1, ("fleet",): 0}


def test_the_age_of_a_snapshot_counts_from_the_start_of_its_reading() -> None:
    pulses = {"home": Pulse(True, 2.0), "compute": Pulse(True, 1.0), "fleet": Pulse(False, None)}
    found = scraped(world(compute=snapshot(age_seconds=7)), pulses=pulses)

    ages = named("steersman_observation_age_seconds", found)
    assert ages == {("home",): 2, ("compute",): 7}


def test_circuits_are_told_while_they_are_not_closed() -> None:
    circuits = {
        Circuit("compute", "z1", "small"): Breaker(until=ago(-60)),
        Circuit("compute", "z2", "small"): Breaker(until=ago(60)),
        Circuit("fleet"): Breaker(),
    }
    found = named("steersman_circuit_open", scraped(world(circuits=circuits)))

    assert found == {("small", "compute", "z1"): 1, ("small", "compute", "z2"): 1}


def test_circuits_of_zones_that_documents_name_are_bounded() -> None:
    names = [f"z{number}" for number in range(CIRCUITS_MAX + 1)]
    circuits = {Circuit("compute", name): Breaker(until=NOW) for name in names}

    told = named("steersman_circuit_open", scraped(world(circuits=circuits)))
    assert len(told) == CIRCUITS_MAX


def test_it_is_told_for_how_long_nothing_is_written_to_a_system() -> None:
    pulses = dict.fromkeys(("home", "compute", "fleet", "elasticsearch"), Pulse(True, 1.0))
    asked = {
        "compute": Backoff(1, ago(-9), "rateLimitExceeded"),
        "home": Backoff(2, ago(5), "too many requests"),
    }
    found = scraped(world(throttled=asked), pulses=pulses)

    told = named("steersman_throttled_seconds", found)
    assert told == {("compute",): 9, ("fleet",): 0, ("home",): 0}


def test_instances_of_ours_that_no_document_has_are_counted() -> None:
    def marked(name: str, owner: str, uid: str) -> Any:
        return replace(instance(name), labels={"steersman-owner": owner, "steersman-uid": uid})

    seen = snapshot(
        marked("in-force", "tests", lamp("a").uid),
        marked("released", "tests", lamp("b").uid),
        marked("frozen", "tests", lamp("c").uid),
        marked("orphan", "tests", lamp("d").uid),
        marked("theirs", "others", lamp("e").uid),
        instance("foreign"),
    )
    frozen = frozenset({Key("lamp", "c")})
    found = scraped(world(lamp("a"), released={B: lamp("b")}, frozen=frozen, compute=seen))

    assert found["steersman_orphan_instances",] == 1


def test_machines_of_the_fleet_that_are_no_instance_of_ours_are_counted() -> None:
    fleet = FleetSnapshot(NOW, machines={"m": Machine("m", "10.0.0.9", {})})
    assert scraped(world(fleet=fleet))["steersman_foreign_machines",] == 1


def test_zones_that_do_not_answer_are_counted() -> None:
    found = scraped(world(compute=snapshot(unreachable=frozenset({"z1", "z2"}))))

    assert found["steersman_zones_unreachable",] == 2


def test_units_of_the_fleet_are_counted_by_known_words_alone() -> None:
    def unit(name: str, desired: str) -> FleetUnit:
        return FleetUnit(name, (), "", desired)

    def state(name: str, active: str) -> UnitState:
        return UnitState(name, "", "m", "loaded", active, "")

    units = [unit("a", "launched"), unit("b", "launched"), unit("c", "loaded"), unit("d", "odd")]
    states = {"a": (state("a", "active"),), "b": (state("b", "failed"),), "d": (state("d", "?"),)}
    fleet = FleetSnapshot(NOW, units={each.name: each for each in units}, states=states)

    assert named("steersman_units", scraped(world(fleet=fleet))) == {
        ("active", "launched"): 1,
        ("failed", "launched"): 1,
        ("none", "loaded"): 1,
        ("other", "other"): 1,
    }
