"""A nodepool that is to go deletes every instance that has its mark, by number, and no other."""

import pytest

from steersman.kinds.nodepool import KIND
from steersman.kinds.nodepool.teardown import DeleteInstance
from steersman.model.observed import Instance
from steersman.model.plan import Effect
from tests.kinds.builders import ZONE, compute, instance, teardown_in, world
from tests.kinds.nodepool.support import node, pool, target

CORE = pool(replicas=1)
ELSEWHERE = "europe-west1-c"
CASES = [
    pytest.param(
        [node(CORE, 1), node(CORE, 2)],
        {"core1": "1001", "core2": "1002"},
        id="members and what is more than asked for",
    ),
    pytest.param(
        [node(CORE, 1, status="TERMINATED")], {"core1": "1001"}, id="a node that is stopped"
    ),
    pytest.param([node(CORE, 1, zone=ELSEWHERE)], {"core1": "1001"}, id="a node in another zone"),
    pytest.param([instance("core1")], {}, id="not a foreign instance of the same name"),
    pytest.param(
        [instance("core1", labels={"steersman-uid": pool().uid})],
        {},
        id="not one that has the pool's mark but no ordinal",
    ),
    pytest.param(
        [node(CORE, 1), instance("other", labels={"steersman-uid": "another"})],
        {"core1": "1001"},
        id="not one of another pool",
    ),
    pytest.param([], {}, id="nothing where there is nothing"),
]


@pytest.mark.parametrize(("instances", "deleted"), CASES)
def test_teardown(instances: list[Instance], deleted: dict[str, str]) -> None:
    drift, plan = teardown_in(KIND, CORE, world(CORE, compute=compute(*instances)))
    actions = [each.action for each in plan.steps]
    assert {
        each.instance: each.instance_id for each in actions if isinstance(each, DeleteInstance)
    } == deleted
    assert len(actions) == len(deleted)
    assert {each.target for each in drift.differences} == {f"compute:{name}" for name in deleted}
    assert drift.known


def test_a_step_destroys_and_counts_against_no_budget() -> None:
    _, plan = teardown_in(KIND, CORE, world(CORE, compute=compute(node(CORE, 1))))
    (step,) = plan.steps
    assert (step.target, step.effect, step.disrupts) == (target(1), Effect.DESTROY, ())
    assert KIND.attributes(step) == {"zone": ZONE}


def test_of_two_instances_of_one_name_one_goes_after_the_other() -> None:
    both = compute(node(CORE, 1), node(CORE, 1, zone=ELSEWHERE, id="2001"))
    _, plan = teardown_in(KIND, CORE, world(CORE, compute=both))
    assert len(plan.steps) == 1


def test_nothing_left_is_not_known_while_a_zone_does_not_answer() -> None:
    blind = compute(unreachable=[ZONE])
    drift, plan = teardown_in(KIND, CORE, world(CORE, compute=blind))
    assert (drift.known, plan.steps) == (False, ())


def test_nothing_is_deleted_in_a_zone_that_does_not_answer() -> None:
    half = compute(node(CORE, 1), node(CORE, 2, zone=ELSEWHERE), unreachable=[ZONE])
    drift, plan = teardown_in(KIND, CORE, world(CORE, compute=half))
    assert [each.target for each in plan.steps] == [target(2)]
    assert len(drift.differences) == 2


def test_nothing_is_known_before_compute_was_read() -> None:
    drift, plan = teardown_in(KIND, CORE, world(CORE))
    assert (drift.known, plan.steps) == (False, ())
