"""Which phase each member is in, by what Compute Engine and fleet show."""

from typing import Any

import pytest

from steersman.kinds.nodepool.observe import Member, Phase
from steersman.model.observed import ComputeSnapshot, FleetSnapshot
from steersman.model.plan import Target
from steersman.model.resource import Key
from tests.kinds.builders import NOW, ZONE, ago, compute, fleet, instance, machine, pending, world
from tests.kinds.nodepool.support import node, observed_in, pool, remembering, target

OTHER = "europe-west1-c"


def first(spec: dict[str, Any], **seen: Any) -> Member:
    """The first member of a pool of one."""
    one = pool(replicas=1, **spec)
    return observed_in(world(one, **seen), one).members[0]


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("PROVISIONING", Phase.CREATING),
        ("STAGING", Phase.CREATING),
        ("REPAIRING", Phase.CREATING),
        ("RUNNING", Phase.READY),
        ("STOPPING", Phase.STOPPING),
        ("DEPROVISIONING", Phase.STOPPING),
        ("TERMINATED", Phase.STOPPED),
        ("SUSPENDED", Phase.STOPPED),
        ("SOMETHING_NEW", Phase.UNKNOWN),
    ],
)
def test_the_status_of_an_instance_is_its_phase_once_it_is_in_the_fleet(
    status: str, phase: Phase
) -> None:
    there = node(pool(), 1, status=status)
    assert first({}, compute=compute(there), fleet=fleet(machine(1))).phase is phase


def test_a_running_node_outside_the_fleet_is_joining_until_its_deadline() -> None:
    there = node(pool(), 1, since=ago(299))
    member = first({}, compute=compute(there), fleet=fleet())
    assert member.phase_at(NOW) is Phase.JOINING
    assert member.phase_at(ago(-1)) is Phase.JOIN_TIMED_OUT


def test_a_node_that_need_not_join_the_fleet_is_ready_when_it_runs() -> None:
    there = node(pool(), 1)
    assert first({"health": {"fleet": False}}, compute=compute(there)).phase is Phase.READY


def test_whether_a_node_joined_is_unknown_before_fleet_was_read() -> None:
    seen = first({}, compute=compute(node(pool(), 1)), fleet=FleetSnapshot())
    assert seen.phase is Phase.UNKNOWN


def test_a_machine_of_another_address_does_not_make_a_node_ready() -> None:
    seen = first({}, compute=compute(node(pool(), 1)), fleet=fleet(machine(2)))
    assert seen.phase is Phase.JOINING


def test_nothing_is_missing_before_compute_was_read() -> None:
    assert first({}, compute=ComputeSnapshot()).phase is Phase.UNKNOWN


def test_an_instance_that_is_nowhere_is_missing() -> None:
    assert first({}, compute=compute()).phase is Phase.MISSING


def test_a_creation_that_is_under_way_keeps_its_zone() -> None:
    sent = pending(pool().key, target(1), "CreateInstance", attributes={"zone": OTHER})
    member = first({}, compute=compute(), waiting_for=[sent])
    assert (member.phase, member.asked_zone) == (Phase.CREATING, OTHER)


@pytest.mark.parametrize(
    ("key", "action"),
    [
        pytest.param("nodepool/other", "CreateInstance", id="that of another pool"),
        pytest.param("nodepool/core", "StartInstance", id="a start of what has vanished since"),
    ],
)
def test_another_step_under_way_is_no_creation_of_ours(key: str, action: str) -> None:
    sent = pending(Key.parse(key), target(1), action, attributes={"zone": OTHER})
    assert first({}, compute=compute(), waiting_for=[sent]).phase is Phase.MISSING


def test_an_absent_instance_is_unknown_while_a_zone_of_the_pool_is_unreachable() -> None:
    spec = {"zones": [ZONE, OTHER]}
    assert first(spec, compute=compute(unreachable=[OTHER])).phase is Phase.UNKNOWN


def test_an_unreachable_zone_that_the_pool_never_used_does_not_matter() -> None:
    assert first({}, compute=compute(unreachable=[OTHER])).phase is Phase.MISSING


def test_an_unreachable_zone_that_the_pool_used_once_still_matters() -> None:
    memory = {pool().key: remembering(zones=[OTHER])}
    seen = first({}, compute=compute(unreachable=[OTHER]), memory=memory)
    assert seen.phase is Phase.UNKNOWN


def test_a_node_in_an_unreachable_zone_is_unknown_whatever_was_seen_last() -> None:
    seen = compute(node(pool(), 1), unreachable=[ZONE])
    assert first({}, compute=seen, fleet=fleet(machine(1))).phase is Phase.UNKNOWN


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({}, id="an instance without labels is foreign"),
        pytest.param(
            {"steersman-uid": "of another pool", "steersman-ordinal": "1"},
            id="an instance of another pool is foreign",
        ),
        pytest.param(
            {"steersman-uid": pool().uid, "steersman-ordinal": "7"},
            id="an instance of another ordinal is foreign",
        ),
    ],
)
def test_a_name_that_is_taken(labels: dict[str, str]) -> None:
    assert first({}, compute=compute(instance("core1", labels=labels))).phase is Phase.FOREIGN


def test_a_member_is_found_by_its_labels_in_any_zone_and_under_any_name() -> None:
    labels = node(pool(), 1).labels
    moved = instance("old-7", zone=OTHER, labels=labels)
    member = first({}, compute=compute(moved), fleet=fleet(machine(7)))
    assert (member.phase, member.target) == (Phase.READY, Target("compute", "old-7"))


def test_instances_beyond_the_replicas_are_surplus() -> None:
    two = pool(replicas=2)
    seen = compute(*(node(two, at) for at in (1, 2, 3)))
    observed = observed_in(world(two, compute=seen), two)
    assert [member.name for member in observed.members] == ["core1", "core2"]
    assert [each.instance.name for each in observed.surplus] == ["core3"]


def test_of_two_instances_of_one_member_the_running_one_counts() -> None:
    stopped = node(pool(), 1, status="TERMINATED", zone=OTHER, id="1")
    running = node(pool(), 1, id="2")
    one = pool(replicas=1)
    observed = observed_in(world(one, compute=compute(stopped, running)), one)
    assert observed.members[0].instance == running
    assert observed.extra == (stopped,)
