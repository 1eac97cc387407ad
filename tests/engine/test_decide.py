"""Deciding: a whole pass as a function of the World."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from steersman.engine.decide import Decision, Rules, decide
from steersman.engine.ledger import Ledger
from steersman.model.drift import Difference, Drift
from steersman.model.memory import Backoff, Memory
from steersman.model.plan import Effect, Plan, Target, Waiting
from steersman.model.requests import Request, Scope, Verb
from steersman.model.status import Condition, Status
from steersman.model.world import World
from tests.engine.builders import (
    ESTABLISHED,
    NOW,
    A,
    B,
    after,
    instance,
    lamp,
    snapshot,
    step,
    world,
)
from tests.engine.toy import KINDS, LAMP, Light, Swap

LIT = world(lamp(), compute=snapshot(instance()))
DARK = world(lamp(), compute=snapshot(instance(status="TERMINATED")))


def deciding(world: World, **changes: Any) -> Decision:
    """About lamp a; `changes` are of its kind."""
    kinds = {"lamp": replace(LAMP, **changes)} if changes else KINDS
    return decide(A, world, Ledger(), Rules(kinds, 120), NOW)


def planning(plan: Plan) -> Any:
    return lambda *_: plan


def condition(decision: Decision, type_: str) -> tuple[str, str]:
    found = decision.status.condition(type_)
    assert found is not None
    return found.status, found.reason


def test_a_key_that_is_not_in_force_is_an_error() -> None:
    with pytest.raises(KeyError):
        deciding(world(lamp("b")))


def test_the_first_step_that_nothing_holds_is_next() -> None:
    decision = deciding(DARK)

    assert decision.next_step() == decision.plan.steps[0]
    assert decision.status.waiting == ()


def test_a_held_step_waits_on_the_status_with_gate_reason_and_time() -> None:
    memory = {A: Memory(backoff={"compute:a repair": Backoff(2, after(20), "503")})}
    decision = deciding(replace(DARK, memory=memory))

    assert decision.next_step() is None
    message = "failed 2 times: 503"
    held = Waiting("compute:a", "backoff", "BackingOff", after(20), message)
    assert decision.status.waiting == (held,)
    assert decision.look_again() == after(20)


def test_a_step_waits_for_those_that_it_comes_after() -> None:
    first = step(Effect.REPAIR, action=Light())
    second = replace(
        step(Effect.REPAIR, action=Swap("red"), after=(first.id,)), target=Target("compute", "x")
    )
    decision = deciding(LIT, plan=planning(Plan((second, first))))

    assert decision.next_step() == first
    (waiting,) = decision.status.waiting
    assert (waiting.gate, waiting.reason) == ("order", "AfterAnother")


def test_a_step_goes_on_when_what_it_comes_after_is_planned_no_more() -> None:
    second = step(Effect.REPAIR, action=Light(), after=("01234567",))
    decision = deciding(LIT, plan=planning(Plan((second,))))

    assert decision.next_step() == second


def test_the_earliest_time_is_when_to_look_again() -> None:
    waits = (Waiting("x", "health", "Joining", after(50)), Waiting("y", "health", "Forever"))
    decision = deciding(LIT, plan=planning(Plan((), waits, look_again=after(70))))

    assert decision.look_again() == after(50)
    assert decision.status.waiting == waits


def test_nothing_to_do_needs_no_second_look() -> None:
    assert deciding(LIT).look_again() is None


DRIFTS = [
    pytest.param(LIT, {}, ("False", "AsAsked"), id="nothing differs"),
    pytest.param(DARK, {}, ("True", "Differences"), id="something differs"),
    pytest.param(
        LIT,
        {"diff": lambda *_: Drift(known=False)},
        ("Unknown", "NotObserved"),
        id="too little was seen to tell",
    ),
]


@pytest.mark.parametrize(("world", "changes", "expected"), DRIFTS)
def test_drifted(world: World, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert condition(deciding(world, **changes), "Drifted") == expected


@pytest.mark.parametrize(("count", "told"), [(1, "1 field"), (2, "2 fields")])
def test_drift_is_counted(count: int, told: str) -> None:
    found = Drift(tuple(Difference("a", f"path-{each}", "1", "2") for each in range(count)))
    status = deciding(DARK, diff=lambda *_: found).status

    assert [each.message for each in status.conditions if each.type == "Drifted"] == [told]


ESTABLISHMENTS = [
    pytest.param(DARK, ("False", "NotReadyYet"), id="never ready"),
    pytest.param(LIT, ("True", "ReadyOnce"), id="ready now"),
    pytest.param(
        replace(DARK, statuses={A: ESTABLISHED}), ("True", "ReadyOnce"), id="ready once, not now"
    ),
    pytest.param(
        replace(DARK, statuses={B: ESTABLISHED}), ("False", "NotReadyYet"), id="another was ready"
    ),
]


@pytest.mark.parametrize(("world", "expected"), ESTABLISHMENTS)
def test_established_is_for_ever(world: World, expected: tuple[str, str]) -> None:
    assert condition(deciding(world), "Established") == expected


PAUSES = [
    pytest.param(LIT, ("False", "NotPaused"), id="nobody asked"),
    pytest.param(
        replace(LIT, requests={"r": Request("r", Verb.PAUSE, Scope("lamp"))}),
        ("True", "PausedByRequest"),
        id="its kind is paused",
    ),
    pytest.param(
        replace(LIT, requests={"r": Request("r", Verb.PAUSE, Scope("lamp", "a", "a"))}),
        ("True", "MembersPaused"),
        id="a member is paused",
    ),
    pytest.param(
        replace(LIT, requests={"r": Request("r", Verb.PAUSE, Scope("lamp", "b"))}),
        ("False", "NotPaused"),
        id="another one is paused",
    ),
]


@pytest.mark.parametrize(("world", "expected"), PAUSES)
def test_paused(world: World, expected: tuple[str, str]) -> None:
    assert condition(deciding(world), "Paused") == expected


def test_of_a_system_that_nobody_configured_the_setting_is_told() -> None:
    unset = {"compute": "STEERSMAN_GCE_PROJECT", "fleet": "STEERSMAN_FLEET"}
    told = deciding(replace(LIT, unset=unset)).status.condition("Ready")

    assert told is not None
    assert (told.status, told.reason) == ("Unknown", "NotConfigured")
    assert told.message == "STEERSMAN_GCE_PROJECT is not set"


def test_what_acceptance_says_stands_on_the_status() -> None:
    refused = Condition.of("Accepted", False, "Invalid", "line 3")
    decision = deciding(replace(LIT, acceptance={A: (refused,)}))

    assert condition(decision, "Accepted") == ("False", "Invalid")


def test_a_condition_keeps_the_time_of_its_last_change() -> None:
    earlier = NOW - timedelta(hours=1)
    before = Status(
        (
            Condition("Ready", "True", "Lit", "", earlier),
            Condition("Drifted", "True", "Differences", "", earlier),
        )
    )
    decision = deciding(replace(LIT, statuses={A: before}))

    since = {each.type: each.since for each in decision.status.conditions}
    assert (since["Ready"], since["Drifted"]) == (earlier, NOW)


def test_deciding_changes_nothing_and_says_the_same_twice() -> None:
    assert deciding(DARK) == deciding(DARK)
