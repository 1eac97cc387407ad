"""Nodes beyond the replicas: they go by their numbers, what is down first, then the last."""

import pytest

from steersman.kinds.nodepool.teardown import DeleteInstance
from steersman.model.observed import Instance
from steersman.model.plan import Effect, Plan, Step
from steersman.model.resource import Key
from tests.kinds.builders import ZONE, compute, fleet, instance, machine, world
from tests.kinds.nodepool.support import node, plan_in, pool, target
from tests.kinds.unit.support import Member

ES = Key("unit", "es")
FACTS = {
    ES: {"instances": "es@1.service,es@2.service,es@3.service"},
    Key("unit", "other"): {"instances": "other.service"},
    Key("configkey", "es"): {"sha256": "a"},
}


def planned(replicas: int, *instances: Instance, unreachable: tuple[str, ...] = ()) -> Plan:
    core = pool(replicas=replicas)
    seen = compute(*instances, unreachable=unreachable)
    return plan_in(world(core, compute=seen, fleet=fleet()), core)


def deleted(plan: Plan) -> list[str]:
    actions = (step.action for step in plan.steps)
    return [each.instance for each in actions if isinstance(each, DeleteInstance)]


def nodes(*ordinals: int, **fields: str) -> list[Instance]:
    return [node(pool(), at, **fields) for at in ordinals]


CASES = [
    pytest.param(2, nodes(1, 2, 3), ["core3"], id="the last one"),
    pytest.param(1, nodes(1, 2, 3, 10), ["core10", "core3", "core2"], id="the highest first"),
    pytest.param(
        1,
        [*nodes(1, 3), *nodes(2, status="TERMINATED")],
        ["core2", "core3"],
        id="what does not run before what does",
    ),
    pytest.param(0, nodes(1), ["core1"], id="the only one, if none is asked for"),
    pytest.param(2, [*nodes(1, 2), instance("core3")], [], id="not an instance without our mark"),
    pytest.param(
        2,
        [*nodes(1, 2), instance("odd", labels={"steersman-uid": pool().uid})],
        [],
        id="not one without an ordinal",
    ),
    pytest.param(2, [*nodes(1, 2), node(pool(), 0)], [], id="not one with an ordinal of no node"),
    pytest.param(
        1,
        [*nodes(1), node(pool(), 1, zone="europe-west1-c", id="2001")],
        [],
        id="not a second instance of a node that is asked for",
    ),
    pytest.param(3, nodes(1, 2), [], id="nothing while some are missing"),
]


@pytest.mark.parametrize(("replicas", "instances", "names"), CASES)
def test_what_is_deleted(replicas: int, instances: list[Instance], names: list[str]) -> None:
    assert deleted(planned(replicas, *instances)) == names


def test_a_node_in_a_zone_that_does_not_answer_is_left() -> None:
    assert deleted(planned(1, *nodes(1, 2), unreachable=(ZONE,))) == []


def test_of_two_of_one_name_one_goes_after_the_other() -> None:
    twice = [node(pool(), 2), node(pool(), 2, zone="europe-west1-c", id="2001")]
    assert deleted(planned(1, *nodes(1), *twice)) == ["core2"]


def test_a_second_instance_of_a_node_is_left_to_a_person() -> None:
    plan = planned(1, *nodes(1), node(pool(), 1, zone="europe-west1-c", id="2001"))
    assert [each.reason for each in plan.waits] == ["SecondInstance"]


@pytest.mark.parametrize(
    ("replicas", "there", "asks"),
    [
        pytest.param(2, 3, False, id="one may always go"),
        pytest.param(1, 3, True, id="two of three are much"),
        pytest.param(20, 22, False, id="two of 22 are not"),
        pytest.param(20, 23, True, id="three of 23 are"),
        pytest.param(0, 1, False, id="not the only one"),
    ],
)
def test_taking_away_much_at_once_asks(replicas: int, there: int, asks: bool) -> None:
    steps = planned(replicas, *nodes(*range(1, there + 1))).steps
    assert [step.shrinks for step in steps] == [asks] * (there - replicas)


def deletion(*units: Member, status: str = "RUNNING", fleet_health: bool = True) -> Step:
    """Of core3, with these units where their machines are."""
    core = pool(replicas=2, health={"fleet": fleet_health})
    states = [each.unit_state() for each in units]
    seen = world(
        core,
        compute=compute(*nodes(1, 2), *nodes(3, status=status)),
        fleet=fleet(*(machine(at) for at in (1, 2, 3)), states=[each for each in states if each]),
        facts=FACTS,
    )
    (step,) = plan_in(seen, core).steps
    return step


@pytest.mark.parametrize(
    ("units", "status", "groups"),
    [
        pytest.param([], "RUNNING", (), id="none, if nothing runs there"),
        pytest.param([Member(3)], "RUNNING", (ES,), id="whose unit runs there"),
        pytest.param([Member(1), Member(2)], "RUNNING", (), id="none whose units run elsewhere"),
        pytest.param([Member(3, "failed/failed")], "RUNNING", (), id="none whose unit is down"),
        pytest.param([Member(3, name="by-hand.service")], "RUNNING", (), id="none of nobody's"),
        pytest.param([Member(3)], "TERMINATED", None, id="none at all, if the node is down"),
    ],
)
def test_which_groups_lose_a_member(
    units: list[Member], status: str, groups: tuple[Key, ...] | None
) -> None:
    step = deletion(*units, status=status)
    assert step.effect is Effect.DESTROY
    assert step.disrupts == (() if groups is None else (pool().key, *groups))


@pytest.mark.parametrize(("joins", "sources"), [(True, ("fleet",)), (False, ())])
def test_it_rests_on_fleet_where_the_pool_is_in_the_fleet(
    joins: bool, sources: tuple[str, ...]
) -> None:
    assert deletion(fleet_health=joins).rests_on == sources


def test_it_is_deleted_by_its_number() -> None:
    step = deletion()
    assert (step.target, step.action) == (target(3), DeleteInstance(ZONE, "core3", "1003"))
