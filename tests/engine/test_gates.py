"""The gates: each passes and waits by its own rule, and holds the effects of its table."""

from datetime import datetime
from typing import Any

import pytest

from steersman.engine.gates import GATES, PROTECT, Asked, judge
from steersman.engine.ledger import Ledger
from steersman.model.kind import Verdict
from steersman.model.memory import Backoff, Memory
from steersman.model.outcome import OperationDone
from steersman.model.plan import Effect, Step, Target
from steersman.model.resource import Key, Policy
from steersman.model.status import Condition, Status
from steersman.model.world import World
from tests.engine.builders import (
    ESTABLISHED,
    NOW,
    A,
    B,
    C,
    after,
    instance,
    lamp,
    pending,
    snapshot,
    step,
    world,
)
from tests.engine.toy import KINDS, ZONE, Light, Swap

TARGET = Target("compute", "a")
SWAP = Swap("red")
NOT_READY = Status((Condition("Established", "False", "NotReadyYet"),))


def asked(
    world: World, step: Step, *, ledger: Ledger | None = None, actions_per_hour: int = 3
) -> Asked:
    return Asked(step, world, ledger or Ledger(), KINDS, actions_per_hour, NOW)


def ask(gate: str, question: Asked) -> Verdict:
    return GATES[gate][0](question)


def in_backoff(effect: Effect, until: datetime) -> dict[Key, Memory]:
    return {A: Memory(backoff={f"{TARGET} {effect}": Backoff(3, until, "503")})}


PASSES = [
    pytest.param("mode", world(lamp()), step(), id="mode: act"),
    pytest.param("leader", world(lamp()), step(), id="leader: we lead"),
    pytest.param("protect", world(lamp()), step(), id="protect: no annotation"),
    pytest.param(
        "protect",
        world(lamp(annotations={PROTECT: "false"})),
        step(),
        id="protect: the annotation says false",
    ),
    pytest.param("dependencies", world(lamp()), step(), id="dependencies: none"),
    pytest.param(
        "dependencies",
        world(lamp(depends_on=(B,)), lamp("b"), statuses={B: ESTABLISHED}),
        step(),
        id="dependencies: the other was ready once",
    ),
    pytest.param("pending", world(lamp()), step(), id="pending: nothing is"),
    pytest.param(
        "pending",
        world(lamp(), pending={TARGET: pending()}),
        step(),
        id="pending: the same action was not answered, and may be repeated",
    ),
    pytest.param(
        "pending",
        world(lamp(), pending={Target("compute", "b"): pending(B)}),
        step(),
        id="pending: another target is",
    ),
    pytest.param("fresh", world(lamp()), step(), id="fresh: the source was just seen"),
    pytest.param(
        "fresh",
        world(lamp(), compute=snapshot(age_seconds=45)),
        step(),
        id="fresh: the source is as old as it may be",
    ),
    pytest.param("guards", world(lamp()), step(), id="guards: nobody refers to it"),
    pytest.param(
        "guards",
        world(lamp("a"), lamp("b", chain="a", color="white"), referrers={A: (B,)}),
        step(action=SWAP),
        id="guards: who refers to it does not mind",
    ),
    pytest.param("approval", world(lamp()), step(Effect.DESTROY), id="approval: auto allows all"),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("auto-safe"))),
        step(Effect.REPAIR),
        id="approval: auto-safe allows repair",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask"))),
        step(Effect.SECURE),
        id="approval: a hole is closed without asking",
    ),
    pytest.param("backoff", world(lamp()), step(), id="backoff: it did not fail"),
    pytest.param(
        "backoff",
        world(lamp(), memory=in_backoff(Effect.CREATE, NOW)),
        step(),
        id="backoff: its time is over",
    ),
    pytest.param(
        "backoff",
        world(lamp(), memory=in_backoff(Effect.DISRUPT, after(9))),
        step(Effect.CREATE),
        id="backoff: steps of another effect failed",
    ),
    pytest.param("rate", world(lamp()), step(), id="rate: nothing was done lately"),
    pytest.param(
        "budget",
        world(lamp(), compute=snapshot(instance())),
        step(Effect.DISRUPT, disrupts=(A,)),
        id="budget: nobody is away",
    ),
    pytest.param(
        "budget",
        world(lamp(), compute=snapshot(instance(status="TERMINATED"))),
        step(Effect.DISRUPT, disrupts=(A,)),
        id="budget: what is away anyway may be touched",
    ),
    pytest.param(
        "budget",
        world(lamp()),
        step(Effect.DISRUPT, disrupts=(C,)),
        id="budget: a group that is not in force has none",
    ),
]


@pytest.mark.parametrize(("gate", "world", "step"), PASSES)
def test_a_gate_passes(gate: str, world: World, step: Step) -> None:
    assert ask(gate, asked(world, step)) == Verdict(gate, passed=True)


WAITS = [
    pytest.param(
        "mode", world(lamp(), mode="observe"), step(), "ObserveMode", None, id="mode: the daemon's"
    ),
    pytest.param(
        "mode",
        world(lamp(policy=Policy(mode="observe"))),
        step(),
        "ObserveMode",
        None,
        id="mode: the document's",
    ),
    pytest.param(
        "leader", world(lamp(), leading=False), step(), "NotLeading", None, id="leader: not us"
    ),
    pytest.param(
        "protect",
        world(lamp(annotations={PROTECT: "true"})),
        step(Effect.DISRUPT),
        "Protected",
        None,
        id="protect: the annotation says true",
    ),
    pytest.param(
        "dependencies",
        world(lamp(depends_on=(B,))),
        step(),
        "DependencyMissing",
        None,
        id="dependencies: the other does not exist",
    ),
    pytest.param(
        "dependencies",
        world(lamp(depends_on=(B,)), lamp("b")),
        step(),
        "DependencyNotReady",
        None,
        id="dependencies: the other has no status yet",
    ),
    pytest.param(
        "dependencies",
        world(lamp(chain="b"), lamp("b"), statuses={B: NOT_READY}),
        step(),
        "DependencyNotReady",
        None,
        id="dependencies: what the spec references counts, too",
    ),
    pytest.param(
        "pending",
        world(lamp(), pending={TARGET: pending(action="Light")}),
        step(),
        "EffectNotSeen",
        after(60),
        id="pending: another action was not answered",
    ),
    pytest.param(
        "pending",
        world(lamp(), pending={TARGET: pending(expects=OperationDone(ZONE, "op", "a"))}),
        step(),
        "EffectNotSeen",
        after(60),
        id="pending: the same action was answered and is not seen yet",
    ),
    pytest.param(
        "fresh",
        world(lamp(), compute=snapshot(age_seconds=46)),
        step(),
        "ObservationStale",
        None,
        id="fresh: too old",
    ),
    pytest.param(
        "guards",
        world(lamp("a"), lamp("b", chain="a", color="red"), referrers={A: (B,)}),
        step(action=SWAP),
        "ChainedToRed",
        None,
        id="guards: who refers to it holds it",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("auto-safe"))),
        step(Effect.DISRUPT),
        "ApprovalNeeded",
        None,
        id="approval: auto-safe leaves disruption to a person",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask"))),
        step(Effect.CREATE),
        "ApprovalNeeded",
        None,
        id="approval: ask leaves all to a person",
    ),
    pytest.param(
        "backoff",
        world(lamp(), memory=in_backoff(Effect.CREATE, after(9))),
        step(),
        "BackingOff",
        after(9),
        id="backoff: until its time",
    ),
    pytest.param(
        "budget",
        world(lamp(), lamp("b"), compute=snapshot(instance("a"))),
        step(Effect.DISRUPT, disrupts=(B,)),
        "BudgetUsedUp",
        None,
        id="budget: another member is down, for whatever reason",
    ),
    pytest.param(
        "budget",
        world(lamp(), compute=snapshot(instance()), pending={C: pending(C, disrupts=(A,))}),
        step(Effect.DISRUPT, disrupts=(A,)),
        "BudgetUsedUp",
        None,
        id="budget: a disruption of ours is not seen through yet",
    ),
]


@pytest.mark.parametrize(("gate", "world", "step", "reason", "until"), WAITS)
def test_a_gate_waits(
    gate: str, world: World, step: Step, reason: str, until: datetime | None
) -> None:
    verdict = ask(gate, asked(world, step))

    assert (verdict.gate, verdict.passed) == (gate, False)
    assert (verdict.reason, verdict.until) == (reason, until)


def test_a_call_under_way_holds_its_target() -> None:
    verdict = ask("pending", asked(world(lamp()), step(), ledger=Ledger({TARGET: ()})))

    assert verdict.reason == "CallUnderWay"


def test_a_source_that_was_never_seen_is_not_fresh() -> None:
    unseen = World(resources={A: lamp()}, stale_after={})

    assert ask("fresh", asked(unseen, step())).message == "compute not seen yet"


def test_the_rate_waits_until_the_oldest_step_is_an_hour_ago() -> None:
    ledger = Ledger(executed={"lamp": (after(-3000), after(-2000), after(-1000))})
    question = asked(world(lamp()), step(), ledger=ledger)

    assert ask("rate", question) == Verdict(
        "rate", False, "TooManySteps", "3 steps of lamp in the last hour", after(600)
    )


def test_the_rate_forgets_what_is_an_hour_ago_and_what_other_kinds_did() -> None:
    ledger = Ledger(
        executed={"lamp": (after(-3600), after(-2000), after(-1000)), "unit": (NOW,) * 9}
    )

    assert ask("rate", asked(world(lamp()), step(), ledger=ledger)).passed


def test_a_disruption_on_its_way_uses_up_the_budget_of_its_group() -> None:
    busy = Ledger(running={Target("compute", "c"): (A,)})
    disruption = step(Effect.DISRUPT, disrupts=(A,))
    verdict = ask(
        "budget", asked(world(lamp(), compute=snapshot(instance())), disruption, ledger=busy)
    )

    assert verdict.message == "1 of 1 away in lamp/a: c"


ALWAYS = ["mode", "leader", "pending", "fresh", "guards", "approval", "backoff", "rate"]
EFFECTS = [
    pytest.param(Effect.SECURE, [], id="secure"),
    pytest.param(Effect.CREATE, ["dependencies"], id="create"),
    pytest.param(Effect.REPAIR, [], id="repair"),
    pytest.param(Effect.DISRUPT, ["protect", "budget"], id="disrupt"),
    pytest.param(Effect.DESTROY, ["protect", "budget"], id="destroy"),
]


@pytest.mark.parametrize(("effect", "more"), EFFECTS)
def test_each_effect_is_judged_by_its_own_gates(effect: Effect, more: list[str]) -> None:
    verdicts = judge(asked(world(lamp()), step(effect, action=Light())))

    assert {each.gate for each in verdicts} == {*ALWAYS, *more}


def test_all_gates_are_asked_even_if_the_first_one_waits() -> None:
    held: Any = world(lamp(), leading=False, mode="observe")
    waiting = [each.gate for each in judge(asked(held, step())) if not each.passed]

    assert waiting == ["mode", "leader"]
