"""A unit that is to go is stopped, and destroyed once no machine says anything of it any more."""

from dataclasses import replace

import pytest

from steersman.kinds.unit import KIND
from steersman.kinds.unit.actions import DestroyUnit
from steersman.model.kind import Attempt, Ports
from steersman.model.outcome import Done, UnitGone
from steersman.model.plan import Effect, Target
from tests.kinds.builders import teardown_in, world
from tests.kinds.unit.support import Member, fleet, healthy, resource

ES = resource(instances=2)
CASES = [
    pytest.param(healthy(1, 2), ["UnloadUnit", "UnloadUnit"], [], id="what runs is stopped"),
    pytest.param([Member(1, "failed/failed")], ["UnloadUnit"], [], id="so is what failed"),
    pytest.param([Member(1, None, "loaded")], ["UnloadUnit"], [], id="and what is only loaded"),
    pytest.param(
        [Member(1, "deactivating/stop-sigterm", "inactive")],
        [],
        ["Stopping"],
        id="what is being stopped is waited for",
    ),
    pytest.param([Member(1, None, "inactive")], ["DestroyUnit"], [], id="what rests is destroyed"),
    pytest.param([Member(7)], [], [], id="an instance that the document does not name stays"),
    pytest.param([], [], [], id="what is not in fleet needs nothing"),
]


@pytest.mark.parametrize(("members", "actions", "held"), CASES)
def test_teardown(members: list[Member], actions: list[str], held: list[str]) -> None:
    _, plan = teardown_in(KIND, ES, world(ES, fleet=fleet(*members)))
    assert [each.action.name for each in plan.steps] == actions
    assert [each.reason for each in plan.waits] == held
    assert all((each.effect, each.disrupts) == (Effect.DESTROY, ()) for each in plan.steps)


def test_a_state_that_outlives_its_unit_is_still_left() -> None:
    there = fleet(Member(1))
    drift, plan = teardown_in(KIND, ES, world(ES, fleet=replace(there, units={})))
    assert [each.target for each in drift.differences] == ["fleet:es@1.service"]
    assert [each.reason for each in plan.waits] == ["Stopping"]


def test_nothing_left_is_not_known_before_fleet_was_read() -> None:
    drift, _ = teardown_in(KIND, ES, world(ES))
    assert not drift.known
    assert teardown_in(KIND, ES, world(ES, fleet=fleet()))[0].known


async def test_a_unit_is_destroyed_by_one_call_and_its_absence_awaited() -> None:
    deleted = []

    class Fleet:
        async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
            deleted.append((name, timeout_seconds))

    _, plan = teardown_in(KIND, ES, world(ES, fleet=fleet(Member(1, None, "inactive"))))
    (step,) = plan.steps
    assert (step.target, step.action) == (
        Target("fleet", "es@1.service"),
        DestroyUnit("es@1.service"),
    )
    driver = KIND.driver(Ports(None, None, None, fleet=Fleet()))  # type: ignore[arg-type]
    assert await driver.execute(step, Attempt("one", 8.0)) == Done(UnitGone("es@1.service"))
    assert deleted == [("es@1.service", 8.0)]
