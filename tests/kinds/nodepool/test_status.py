"""What people read of a nodepool; what others read of it; who of it counts as down."""

import json
from typing import Any

import pytest

from steersman.kinds.nodepool import KIND
from steersman.model.kind import Group
from steersman.model.observed import ComputeSnapshot, Instance
from steersman.model.resource import Resource
from steersman.model.world import World
from tests.kinds.builders import NOW, ZONE, ago, compute, fleet, instance, machine, world
from tests.kinds.nodepool.support import node, pool, status_in, target

ALL = [node(pool(), at) for at in (1, 2, 3)]


def seen(core: Resource[Any], instances: list[Instance], machines: tuple[int, ...]) -> World:
    joined = fleet(*(machine(at) for at in machines))
    return world(core, compute=compute(*instances), fleet=joined)


READY = [
    pytest.param(ALL, (1, 2, 3), ("True", "AllReady", "3/3 nodes"), id="all are in the fleet"),
    pytest.param(
        ALL, (1, 2), ("False", "Joining", "2/3 nodes: core3 joining"), id="one is joining"
    ),
    pytest.param(
        [*ALL[:2], node(pool(), 3, since=ago(300))],
        (1, 2),
        ("False", "JoinTimedOut", "2/3 nodes: core3 did not join the fleet in time"),
        id="one did not join in time",
    ),
    pytest.param(
        [ALL[1]],
        (2,),
        ("False", "Missing", "1/3 nodes: core1, core3 missing"),
        id="two are missing",
    ),
    pytest.param(
        [instance("core1"), node(pool(), 2, status="TERMINATED"), ALL[2]],
        (3,),
        (
            "False",
            "NameTaken",
            "1/3 nodes: core1 has its name taken by another instance; core2 stopped",
        ),
        id="what hurts most comes first",
    ),
    pytest.param(
        [*ALL, node(pool(), 4)],
        (1, 2, 3),
        ("True", "AllReady", "3/3 nodes: core4 more than asked for"),
        id="a node too many does not make a pool unready",
    ),
]


@pytest.mark.parametrize(("instances", "machines", "ready"), READY)
def test_ready(
    instances: list[Instance], machines: tuple[int, ...], ready: tuple[str, str, str]
) -> None:
    core = pool()
    [condition] = status_in(seen(core, instances, machines), core).conditions
    assert (condition.status, condition.reason, condition.message) == ready


def test_a_pool_is_unknown_when_only_unknown_nodes_are_not_ready() -> None:
    core = pool(zones=[ZONE, "europe-west1-c"])
    unseen = compute(*ALL[:2], unreachable=["europe-west1-c"])
    there = world(core, compute=unseen, fleet=fleet(machine(1), machine(2)))
    [condition] = status_in(there, core).conditions
    assert (condition.status, condition.message) == ("Unknown", "2/3 nodes: core3 unknown")


def test_a_pool_of_none_is_ready() -> None:
    core = pool(replicas=0)
    assert status_in(seen(core, [], ()), core).holds("Ready")


def test_nothing_is_said_of_instances_that_were_never_read() -> None:
    core = pool()
    [condition] = status_in(world(core, compute=ComputeSnapshot()), core).conditions
    assert (condition.status, condition.reason) == ("Unknown", "NotObserved")
    assert KIND.facts(core, world(core)) == {}


def test_a_message_names_only_a_few_of_many_nodes() -> None:
    core = pool(replicas=100)
    [condition] = status_in(seen(core, [], ()), core).conditions
    assert condition.message == (
        "0/100 nodes: core1, core2, core3, core4, core5 and 95 more missing"
    )


def test_the_summary_has_a_row_for_each_member() -> None:
    core = pool(replicas=2)
    summary = status_in(seen(core, [ALL[0], node(pool(), 3)], (1,)), core).summary
    assert json.loads(json.dumps(summary)) == {
        "desired": 2,
        "ready": 1,
        "members": [
            {
                "name": "core1",
                "ordinal": 1,
                "zone": ZONE,
                "ip": "10.0.0.1",
                "instanceId": "1001",
                "machineId": "machine1",
                "phase": "Ready",
            },
            {
                "name": "core2",
                "ordinal": 2,
                "zone": None,
                "ip": None,
                "instanceId": None,
                "machineId": None,
                "phase": "Missing",
            },
        ],
        "extra": [f"{ZONE}/core3"],
    }


def test_others_may_read_how_many_nodes_are_ready() -> None:
    core = pool()
    assert KIND.facts(core, seen(core, ALL, (1, 3))) == {"nodes": "2"}


def test_every_member_that_is_not_ready_counts_as_down() -> None:
    core = pool(rollout={"maxUnavailable": 2})
    group = KIND.group(core, seen(core, [ALL[0], ALL[1]], (1,)), NOW)
    assert group == Group(frozenset({target(2), target(3)}), 2)


def test_all_members_count_as_down_while_nothing_is_known() -> None:
    core = pool()
    group = KIND.group(core, world(core), NOW)
    assert group is not None
    assert group.down == {target(1), target(2), target(3)}
