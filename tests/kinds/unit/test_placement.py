"""Why fleet finds no machine for a unit, told from its own rules."""

import pytest

from steersman.kinds.unit.placement import obstacles
from steersman.model.observed import FleetSnapshot, FleetUnit, UnitOption
from tests.kinds.builders import fleet, machine


def unit(name: str, *rules: str, on: int | None = None) -> FleetUnit:
    pairs = (rule.partition("=") for rule in rules)
    options = tuple(UnitOption("X-Fleet", key, value) for key, _, value in pairs)
    return FleetUnit(name, options, "", "launched", "inactive", f"machine{on}" if on else None)


def around(*others: FleetUnit) -> FleetSnapshot:
    return fleet(machine(1, role="core"), machine(2, role="spare"), units=others)


@pytest.mark.parametrize(
    ("asking", "others", "said"),
    [
        pytest.param(unit("a.service"), [], "", id="nothing keeps an ordinary unit off"),
        pytest.param(
            unit("es@3.service", "X-Conflicts=es@*.service"),
            [unit("es@1.service", on=1), unit("es@2.service", on=2)],
            "10.0.0.1: conflicts with es@1.service; 10.0.0.2: conflicts with es@2.service",
            id="its conflicts keep it off every machine",
        ),
        pytest.param(
            unit("es@2.service", "Conflicts=%p@*.service"),
            [unit("es@1.service", on=1)],
            "",
            id="one machine without a conflict is enough",
        ),
        pytest.param(
            unit("a.service"),
            [unit("b.service", "Conflicts=*", on=1), unit("c.service", "Conflicts=a.* d.*", on=2)],
            "10.0.0.1: conflicts with b.service; 10.0.0.2: conflicts with c.service",
            id="others' conflicts count as its own",
        ),
        pytest.param(
            unit("a.service", "Conflicts=a.service"),
            [],
            "",
            id="a conflict with itself keeps nothing off",
        ),
        pytest.param(
            unit("a.service", 'MachineMetadata="role=db" "role=web"'),
            [],
            "10.0.0.1: has not role=db or web; 10.0.0.2: has not role=db or web",
            id="no machine has the metadata",
        ),
        pytest.param(
            unit("a.service", "X-ConditionMachineMetadata=role=core", "Conflicts=b.service"),
            [unit("b.service", on=1)],
            "10.0.0.1: conflicts with b.service; 10.0.0.2: has not role=core",
            id="each machine has its own reason",
        ),
        pytest.param(
            unit("side@1.service", "MachineOf=main@%i.service"),
            [unit("main@2.service", on=2)],
            "10.0.0.1: main@1.service is not there; 10.0.0.2: main@1.service is not there",
            id="the unit that it follows is nowhere",
        ),
        pytest.param(
            unit("a.service", "MachineID=gone"),
            [],
            "10.0.0.1: is not machine gone; 10.0.0.2: is not machine gone",
            id="the machine that it wants is not in the fleet",
        ),
    ],
)
def test_obstacles(asking: FleetUnit, others: list[FleetUnit], said: str) -> None:
    assert obstacles(asking, around(asking, *others)) == said


def test_a_fleet_without_machines_places_nothing() -> None:
    assert obstacles(unit("a.service"), fleet()) == "the fleet has no machine"


def test_of_many_machines_only_some_are_named() -> None:
    many = fleet(*(machine(number) for number in range(1, 9)))
    said = obstacles(unit("a.service", "MachineID=gone"), many)
    assert said.count("is not machine gone") == 5
    assert said.endswith("; 3 more machines")
