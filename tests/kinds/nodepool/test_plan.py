"""Which steps a nodepool plans, and what it holds back by itself."""

from datetime import timedelta
from typing import Any

import pytest

from steersman.kinds.nodepool import KIND
from steersman.kinds.nodepool.plan import CreateInstance, Generate, StartInstance
from steersman.model.circuit import Breaker, Circuit
from steersman.model.memory import Memory
from steersman.model.observed import ComputeSnapshot, Instance
from steersman.model.plan import Effect, Plan, Target
from tests.kinds.builders import (
    NOW,
    OWNER,
    ZONE,
    ago,
    compute,
    fleet,
    instance,
    pending,
    resource,
    world,
)
from tests.kinds.nodepool.support import (
    ORDINARY,
    TOKEN,
    node,
    plan_in,
    pool,
    remembering,
    target,
)

B, C, D = ZONE, "europe-west1-c", "europe-west1-d"


def planned(
    spec: dict[str, Any], *instances: Instance, memory: Memory | None = None, **seen: Any
) -> Plan:
    core = pool(**spec)
    memories = {core.key: memory or Memory()}
    seen = {"fleet": fleet(), **seen}
    return plan_in(world(core, compute=compute(*instances), memory=memories, **seen), core)


def brief(plan: Plan) -> list[tuple[str, str, str, str]]:
    return [
        (step.action.name, step.target.name, step.reason, str(step.effect)) for step in plan.steps
    ]


def zones(plan: Plan) -> dict[str, str]:
    created = (step.action for step in plan.steps if isinstance(step.action, CreateInstance))
    return {action.instance: action.zone for action in created}


def until(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


MISSING = ("InstanceMissing", "create")
STOPPED = ("InstanceStopped", "repair")

PLANS = [
    pytest.param(
        [],
        [("CreateInstance", f"core{at}", *MISSING) for at in (1, 2, 3)],
        id="an empty pool is filled from the lowest ordinal, one step each",
    ),
    pytest.param(
        [node(pool(), 3), node(pool(), 1)],
        [("CreateInstance", "core2", *MISSING)],
        id="a hole is refilled",
    ),
    pytest.param(
        [node(pool(), at) for at in (1, 2, 3)], [], id="a pool as asked for needs no step"
    ),
    pytest.param(
        [node(pool(), 1, status="TERMINATED"), node(pool(), 2), node(pool(), 3)],
        [("StartInstance", "core1", *STOPPED)],
        id="a stopped node is started",
    ),
    pytest.param(
        [node(pool(), 1, status="STOPPING"), node(pool(), 2), node(pool(), 3)],
        [],
        id="a node that is stopping is waited for",
    ),
    pytest.param(
        [node(pool(), at) for at in (1, 2, 3, 4)],
        [("DeleteInstance", "core4", "MoreThanAsked", "destroy")],
        id="a node too many is deleted",
    ),
    pytest.param(
        [instance("core1"), node(pool(), 2), node(pool(), 3)],
        [],
        id="somebody else's instance is left alone",
    ),
]


@pytest.mark.parametrize(("instances", "steps"), PLANS)
def test_steps(instances: list[Instance], steps: list[Any]) -> None:
    assert brief(planned({}, *instances)) == steps


def test_no_step_rests_on_a_compute_that_was_never_read() -> None:
    core = pool(userData=TOKEN)
    assert plan_in(world(core, compute=ComputeSnapshot()), core) == Plan()


def test_no_instance_is_created_while_it_may_live_in_a_zone_that_does_not_answer() -> None:
    core = pool(zones=[B, C])
    seen = compute(node(core, 1), unreachable=[C])
    assert plan_in(world(core, compute=seen), core).steps == ()


def test_a_stopped_node_is_started_by_its_number() -> None:
    [step] = planned({"replicas": 1}, node(pool(), 1, status="TERMINATED", id="4711")).steps
    assert step.action == StartInstance(ZONE, "core1", "4711")


def test_a_suspended_node_is_left_to_a_person() -> None:
    plan = planned({"replicas": 1}, node(pool(), 1, status="SUSPENDED"))
    assert plan.steps == ()
    assert [each.reason for each in plan.waits] == ["InstanceSuspended"]


def test_a_new_instance_carries_the_marks_of_its_pool() -> None:
    [step] = planned({"replicas": 1, "labels": {"role": "core"}}).steps
    assert isinstance(step.action, CreateInstance)
    assert step.action.labels == {
        "role": "core",
        "steersman-owner": OWNER,
        "steersman-pool": "core",
        "steersman-ordinal": "1",
        "steersman-uid": pool().uid,
    }


def test_a_step_tells_the_difference_that_it_removes() -> None:
    [step] = planned({"replicas": 1}).steps
    assert [(each.path, each.observed) for each in step.differences] == [
        ("spec.replicas", "absent")
    ]


@pytest.mark.parametrize(
    ("instances", "reasons"),
    [
        pytest.param([instance("core1")], ["NameTaken"], id="a taken name is told"),
        pytest.param(
            [node(pool(), 1, machine_type="f1-micro")],
            ["AppliesToNewNodes"],
            id="a node of another machine type is told",
        ),
    ],
)
def test_what_is_left_alone(instances: list[Instance], reasons: list[str]) -> None:
    assert [each.reason for each in planned({"replicas": 1}, *instances).waits] == reasons


def test_a_name_that_no_instance_may_have_is_not_tried() -> None:
    spec = {**ORDINARY, "nameFormat": "{name}-{ordinal}", "replicas": 1}
    dotted = resource(KIND, "core.example", spec)
    plan = plan_in(world(dotted, compute=compute()), dotted)
    assert plan.steps == ()
    assert [(each.target, each.reason) for each in plan.waits] == [
        ("compute:core.example-1", "NameInvalid")
    ]


def test_the_label_of_a_pool_has_no_dots() -> None:
    dotted = resource(KIND, "core.example", {**ORDINARY, "replicas": 1})
    [step] = plan_in(world(dotted, compute=compute()), dotted).steps
    assert isinstance(step.action, CreateInstance)
    assert step.action.labels["steersman-pool"] == "core_example"


class TestZones:
    def test_nodes_go_round_the_zones_in_turn(self) -> None:
        plan = planned({"zones": [B, C], "replicas": 3})
        assert zones(plan) == {"core1": B, "core2": C, "core3": B}

    def test_a_zone_without_room_is_passed_over_until_its_time(self) -> None:
        memory = remembering(stockouts={B: until(1)})
        spec = {"zones": [B, C, D], "replicas": 2}
        assert zones(planned(spec, memory=memory)) == {"core1": C, "core2": C}

    def test_a_zone_where_another_pool_found_no_room_is_passed_over_until_its_time(self) -> None:
        full = Circuit("compute", B, "g1-small")
        other = Circuit("compute", C, "n1-standard-1")
        circuits = {full: Breaker((), NOW + timedelta(1)), other: Breaker((), NOW + timedelta(1))}
        spec = {"zones": [B, C], "replicas": 2}
        assert zones(planned(spec, circuits=circuits)) == {"core1": C, "core2": C}

        over = {full: Breaker((), NOW)}
        assert zones(planned(spec, circuits=over)) == {"core1": B, "core2": C}

    def test_a_zone_is_tried_again_when_its_time_is_over(self) -> None:
        memory = remembering(stockouts={B: until(0)})
        assert zones(planned({"zones": [B, C], "replicas": 1}, memory=memory)) == {"core1": B}

    def test_without_room_anywhere_the_plan_waits_for_the_first_zone(self) -> None:
        memory = remembering(stockouts={B: until(200), C: until(100)})
        plan = planned({"zones": [B, C], "replicas": 1}, memory=memory)
        assert plan.steps == ()
        assert [(each.reason, each.until) for each in plan.waits] == [
            ("ZonesStockedOut", NOW + timedelta(seconds=100))
        ]
        assert plan.look_again == NOW + timedelta(seconds=100)

    def test_a_creation_under_way_is_repeated_in_the_zone_where_it_was_sent(self) -> None:
        sent = pending(pool().key, target(1), "CreateInstance", attributes={"zone": C})
        memory = remembering(stockouts={C: until(100)})
        plan = planned({"zones": [B, C], "replicas": 1}, memory=memory, waiting_for=[sent])
        assert zones(plan) == {"core1": C}

    def test_the_zone_is_remembered_with_the_step(self) -> None:
        [step] = planned({"zones": [C], "replicas": 1}).steps
        assert KIND.attributes(step) == {"zone": C, "machineType": "g1-small"}


class TestUserData:
    def test_a_value_is_generated_before_anything_is_created(self) -> None:
        plan = planned({"userData": TOKEN, "replicas": 2})
        assert [(step.action, step.target, step.effect) for step in plan.steps] == [
            (Generate("token"), Target("memory", "nodepool/core#token"), Effect.CREATE)
        ]
        assert [(each.target, each.reason) for each in plan.waits] == [
            ("compute:core1", "UserDataNotRendered"),
            ("compute:core2", "UserDataNotRendered"),
        ]

    def test_a_stopped_node_is_started_without_its_user_data(self) -> None:
        stopped = node(pool(), 1, status="TERMINATED")
        plan = planned({"userData": TOKEN, "replicas": 1}, stopped)
        assert [step.action.name for step in plan.steps] == ["Generate", "StartInstance"]

    def test_given_and_generated_values_are_put_in(self) -> None:
        memory = remembering(generated={"token": "5f0f9a3e"})
        [step] = planned({"userData": TOKEN, "replicas": 1}, memory=memory).steps
        assert isinstance(step.action, CreateInstance)
        assert step.action.metadata == {
            "user-data": "#cloud-config\ndiscovery: http://discovery:4001/v2/keys/5f0f9a3e\n"
        }

    def test_a_value_that_the_document_gives_goes_before_one_generated_earlier(self) -> None:
        memory = remembering(generated={"token": "generated"})
        given = {"variables": {"token": "given"}, "template": "{{ token }}"}
        [step] = planned({"userData": given, "replicas": 1}, memory=memory).steps
        assert isinstance(step.action, CreateInstance)
        assert step.action.metadata == {"user-data": "given"}

    def test_user_data_stands_beside_other_metadata(self) -> None:
        spec = {
            "replicas": 1,
            "metadata": {"serial-port-enable": "1"},
            "userData": {"template": "#!/bin/sh\n"},
        }
        [step] = planned(spec).steps
        assert isinstance(step.action, CreateInstance)
        assert step.action.metadata == {"serial-port-enable": "1", "user-data": "#!/bin/sh\n"}

    def test_no_secret_shows_in_a_plan(self) -> None:
        memory = remembering(generated={"token": "hunter2"})
        assert "hunter2" not in repr(planned({"userData": TOKEN}, memory=memory))


def test_the_plan_is_looked_at_again_when_a_node_should_have_joined() -> None:
    joining = node(pool(), 1, since=ago(100))
    plan = planned({"replicas": 1}, joining, fleet=fleet())
    assert plan.look_again == NOW + timedelta(seconds=200)


def test_a_deadline_that_has_passed_is_not_waited_for() -> None:
    late = node(pool(), 1, since=ago(300))
    assert planned({"replicas": 1}, late, fleet=fleet()).look_again is None
