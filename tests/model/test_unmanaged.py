"""The unmanaged: what nobody's document speaks of is told, and what is only unseen is not."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from steersman.model.observed import ComputeSnapshot, FleetSnapshot, Instance, Machine
from steersman.model.resource import Key, uid
from steersman.model.status import Condition
from steersman.model.topology import Topology
from steersman.model.unmanaged import unmanaged
from steersman.model.world import World

NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
OWNER, ZONE = "tests", "europe-west1-b"
CORE = Key("nodepool", "core")
MARKS = {"steersman-owner": OWNER, "steersman-pool": "core", "steersman-uid": uid(OWNER, CORE)}
OURS = Instance("1", "core1", ZONE, "RUNNING", "g1-small", "10.0.0.1", MARKS)
THEIRS = replace(OURS, name="web1", ip="10.0.0.2", labels={})
ELSEWHERE = replace(OURS, labels={**MARKS, "steersman-owner": "others"})


def machine(ip: str) -> Machine:
    return Machine(f"machine at {ip}", ip, {})


def world(*instances: Instance, machines: tuple[Machine, ...] = (), **others: Any) -> World:
    seen = {f"{each.zone}/{each.name}": each for each in instances}
    compute = ComputeSnapshot(NOW, seen, others.pop("unreachable", frozenset()))
    compute = others.pop("compute", compute)
    fleet = FleetSnapshot(NOW, {each.id: each for each in machines})
    topology = Topology.of(compute, fleet)
    return World(owner=OWNER, compute=compute, fleet=fleet, topology=topology, **others)


CASES = [
    pytest.param(world(OURS, resources={CORE: None}), [], id="its document is in force"),
    pytest.param(
        world(OURS, released={CORE: None}),
        ["nodepool/core Released"],
        id="its document is released, and with it the instance",
    ),
    pytest.param(world(OURS, frozen=frozenset({CORE})), [], id="this release cannot read it"),
    pytest.param(
        world(OURS, acceptance={CORE: (Condition.of("Accepted", False, "Invalid"),)}),
        [],
        id="its document was never accepted",
    ),
    pytest.param(world(OURS), [f"instance/{ZONE}/core1 Orphan"], id="ours, and nobody's"),
    pytest.param(world(THEIRS), [], id="an instance of somebody else"),
    pytest.param(world(ELSEWHERE), [], id="an instance of another owner"),
    pytest.param(
        world(OURS, machines=(machine("10.0.0.1"),), resources={CORE: None}),
        [],
        id="a machine of ours",
    ),
    pytest.param(
        world(THEIRS, machines=(machine("10.0.0.2"),)),
        ["machine/machine at 10.0.0.2 Foreign"],
        id="a machine on an instance of somebody else",
    ),
    pytest.param(
        world(machines=(machine("10.9.9.9"),)),
        ["machine/machine at 10.9.9.9 Foreign"],
        id="a machine that is no instance of this project",
    ),
    pytest.param(
        world(machines=(machine("10.0.0.3"),), unreachable=frozenset({ZONE})),
        [],
        id="a machine that may be in a zone that does not answer",
    ),
    pytest.param(
        world(machines=(machine("10.0.0.3"),), compute=ComputeSnapshot()),
        [],
        id="a machine before Compute Engine was asked",
    ),
]


@pytest.mark.parametrize(("there", "expected"), CASES)
def test_what_is_unmanaged(there: World, expected: list[str]) -> None:
    assert [f"{each.kind}/{each.name} {each.reason}" for each in unmanaged(there)] == expected
