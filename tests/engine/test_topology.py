"""Topology: instances, machines and units of one node, joined by its address."""

from dataclasses import replace
from datetime import timedelta

import pytest

from steersman.model.observed import (
    UID_LABEL,
    ComputeSnapshot,
    FleetSnapshot,
    FleetUnit,
    Instance,
    Machine,
    UnitState,
)
from steersman.model.topology import Node, Topology
from tests.engine.builders import NOW, instance, snapshot

IP = "10.0.0.1"
MACHINE = Machine("m1", IP, {})
STATE = UnitState("a.service", "hash", "m1", "loaded", "active", "running")
INSTANCE = replace(instance("core1"), ip=IP)


def fleet(*machines: Machine, states: tuple[UnitState, ...] = ()) -> FleetSnapshot:
    by_name = {each.name: (each,) for each in states}
    return FleetSnapshot(NOW, {each.id: each for each in machines}, states=by_name)


NODES = [
    pytest.param(
        snapshot(INSTANCE),
        fleet(MACHINE, states=(STATE,)),
        Node(IP, INSTANCE, MACHINE, (STATE,)),
        id="an instance that is a machine with units",
    ),
    pytest.param(snapshot(INSTANCE), fleet(), Node(IP, INSTANCE), id="an instance alone"),
    pytest.param(snapshot(), fleet(MACHINE), Node(IP, None, MACHINE), id="somebody else's machine"),
    pytest.param(
        snapshot(INSTANCE),
        fleet(MACHINE, states=(replace(STATE, machine_id="m2"),)),
        Node(IP, INSTANCE, MACHINE),
        id="units of another machine are not its own",
    ),
]


@pytest.mark.parametrize(("compute", "fleet", "node"), NODES)
def test_a_node(compute: ComputeSnapshot, fleet: FleetSnapshot, node: Node) -> None:
    topology = Topology.of(compute, fleet)

    assert topology.by_ip == {IP: node}
    assert topology.by_machine == ({"m1": node} if node.machine else {})


OURS = replace(INSTANCE, labels={UID_LABEL: "pool"})
STOPPED = replace(OURS, id="9", name="core1-before", status="TERMINATED")
ELSEWHERE = replace(INSTANCE, id="9", name="web1")
LATER = Machine("m0", IP, {}, since=NOW)


@pytest.mark.parametrize("other", [STOPPED, ELSEWHERE], ids=["one that is stopped", "a stranger"])
def test_of_two_instances_with_one_address_the_node_is_ours_that_runs(other: Instance) -> None:
    for seen in ((OURS, other), (other, OURS)):
        assert Topology.of(snapshot(*seen), fleet()).by_ip[IP].instance == OURS


def test_of_two_machines_with_one_address_the_node_is_the_one_that_came_last() -> None:
    before = replace(MACHINE, since=NOW - timedelta(minutes=5))
    for seen in ((before, LATER), (LATER, before)):
        topology = Topology.of(snapshot(INSTANCE), fleet(*seen, states=(STATE,)))

        assert topology.by_ip[IP] == Node(IP, INSTANCE, LATER)
        assert topology.machine_ip("m1") is None


def test_an_instance_without_an_address_is_no_node_yet() -> None:
    assert Topology.of(snapshot(instance("core1")), fleet()).by_ip == {}


ADDRESSES = [
    pytest.param("m1", IP, id="a machine of the fleet"),
    pytest.param("m2", None, id="an unknown machine"),
    pytest.param(None, None, id="no machine"),
]


@pytest.mark.parametrize(("machine", "ip"), ADDRESSES)
def test_the_address_of_a_machine(machine: str | None, ip: str | None) -> None:
    assert Topology.of(snapshot(INSTANCE), fleet(MACHINE)).machine_ip(machine) == ip


def test_every_unit_of_a_machine_is_on_its_node() -> None:
    other = replace(STATE, name="b.service")
    node = Topology.of(ComputeSnapshot(), fleet(MACHINE, states=(STATE, other))).by_ip[IP]

    assert {each.name for each in node.units} == {"a.service", "b.service"}


def test_the_instances_of_a_pool_are_found_by_its_mark() -> None:
    ours = replace(INSTANCE, labels={UID_LABEL: "pool"})
    topology = Topology.of(snapshot(ours, instance("foreign")), fleet())

    assert topology.pools == {"pool": (ours,)}


def test_the_units_of_a_template_are_found_by_its_name() -> None:
    names = ("x@1.service", "x@2.service", "x@.service", "x.service")
    units = {name: FleetUnit(name, (), "hash", "launched") for name in names}
    topology = Topology.of(snapshot(), FleetSnapshot(NOW, units=units))

    assert topology.templates == {"x@.service": ("x@1.service", "x@2.service", "x@.service")}
