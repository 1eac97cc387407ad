"""What a person asks of a unit: to restart it, once, or to try again what had failed too often."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from steersman.kinds.unit import KIND
from steersman.kinds.unit.actions import LoadUnit
from steersman.model.memory import Memory
from steersman.model.outcome import Outcome
from steersman.model.plan import Effect, Plan, Target
from steersman.model.requests import Request, Scope, Verb
from tests.kinds.builders import NOW, ago
from tests.kinds.unit.support import KEY, Chain, Member, chain, healthy, said, waits

ASKED = ago(10)
LOADED = [f"LoadUnit @{index} RestartRequested disrupt" for index in (1, 2, 3)]
OFTEN = {
    "restarts": {"es@1.service": [ago(seconds).isoformat() for seconds in (99, 80, 70, 65, 61)]}
}


def asking(told: Chain, verb: Verb, member: str | None = None, at: datetime = ASKED) -> Chain:
    request = Request("r", verb, Scope("unit", "es", member), at=at)
    return replace(told, world=replace(told.world, requests={"r": request}))


def planned(*members: Member, member: str | None = None, **own: Any) -> Plan:
    return asking(chain(*members, own=own), Verb.RESTART, member).plan


def test_every_instance_that_runs_since_before_is_restarted() -> None:
    assert said(planned(*healthy(1, 2, 3))) == LOADED


def test_only_the_member_that_is_meant_is_restarted() -> None:
    assert said(planned(*healthy(1, 2, 3), member="@2")) == LOADED[1:2]


def test_what_came_up_after_the_request_is_left_alone() -> None:
    assert said(planned(Member(1, seconds=5), *healthy(2, 3))) == LOADED[1:]


def test_what_was_restarted_for_this_request_is_not_restarted_again_whatever_the_clocks_say() -> (
    None
):
    done = {"es@1.service": ASKED.isoformat()}

    assert said(planned(*healthy(1, 2, 3), restarted=done)) == LOADED[1:]


def test_a_later_request_restarts_again() -> None:
    done = {f"es@{index}.service": ago(60).isoformat() for index in (1, 2, 3)}

    assert said(planned(*healthy(1, 2, 3), restarted=done)) == LOADED


def test_one_that_crashed_too_often_is_restarted_when_a_person_says_so() -> None:
    plan = planned(Member(1, "failed/failed"), *healthy(2, 3), member="@1", **OFTEN)

    assert said(plan) == ["LoadUnit @1 RestartRequested repair"]


def test_a_requested_restart_counts_against_the_budget_and_needs_no_approval() -> None:
    for step in planned(*healthy(1, 2, 3)).steps:
        assert (step.effect, step.disrupts, step.approved) == (Effect.DISRUPT, (KEY,), True)


def test_it_is_remembered_whose_request_was_met_and_that_a_restart_was_begun() -> None:
    (step,) = planned(*healthy(1, 2, 3), member="@1").steps
    assert step.action == LoadUnit("es@1.service", _hash(), ASKED)
    outcome = Outcome(
        KEY, step.target, "LoadUnit", step.effect, NOW, attributes=KIND.attributes(step)
    )
    memory = KIND.remember(Memory(), outcome)

    assert memory.own["restarted"] == {"es@1.service": ASKED.isoformat()}
    assert memory.own["begun"] == {"es@1.service": NOW.isoformat()}


SECOND_HALVES = [
    pytest.param({"begun": 5, "launched": 60}, True, id="begun after its last launch"),
    pytest.param({"begun": 5}, True, id="begun, and never launched by us"),
    pytest.param({"begun": 60, "launched": 5}, False, id="ended already: somebody else stopped it"),
    pytest.param({"launched": 60}, False, id="not begun: somebody else stopped it"),
]


@pytest.mark.parametrize(("seconds", "approved"), SECOND_HALVES)
def test_the_second_half_of_a_restart_needs_no_approval(
    seconds: dict[str, float], approved: bool
) -> None:
    own = {what: {"es@1.service": ago(at).isoformat()} for what, at in seconds.items()}
    down = Member(1, "inactive/dead", desired="loaded", seconds=4)
    (step,) = chain(down, *healthy(2, 3), own=own).plan.steps

    assert (step.action.name, step.target) == ("LaunchUnit", Target("fleet", "es@1.service"))
    assert step.approved is approved


def test_who_crashed_too_often_waits_until_a_person_asks_to_retry() -> None:
    told = chain(Member(1, "failed/failed"), *healthy(2, 3), own=OFTEN)

    assert waits(told.plan) == ["@1 restart CrashLoop"]
    assert said(asking(told, Verb.RETRY, "@1").plan) == ["LoadUnit @1 UnitFailed repair"]


def test_a_retry_does_not_wait_for_the_backoff_either() -> None:
    told = chain(Member(1, "failed/failed", seconds=2), *healthy(2, 3))

    assert waits(told.plan) == ["@1 restart UnitFailed"]
    assert said(asking(told, Verb.RETRY, at=ago(1)).plan) == ["LoadUnit @1 UnitFailed repair"]


def test_a_retry_from_before_it_failed_changes_nothing() -> None:
    told = chain(Member(1, "failed/failed", seconds=2), *healthy(2, 3))

    assert waits(asking(told, Verb.RETRY, at=ago(60)).plan) == ["@1 restart UnitFailed"]


def _hash() -> str:
    return chain().resource.spec.hash
