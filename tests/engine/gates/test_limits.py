"""The gates that bound what is tried: each passes and waits by its own rule."""

from datetime import datetime

import pytest

from steersman.engine.ledger import Ledger
from steersman.model.circuit import Breaker, Circuit, Failure
from steersman.model.kind import Verdict
from steersman.model.memory import Backoff, Memory
from steersman.model.plan import Effect, Step, Target
from steersman.model.requests import Request, Scope, Verb
from steersman.model.resource import Key
from steersman.model.world import World
from tests.engine.builders import (
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
from tests.engine.gates.asking import TARGET, ask, asked, in_backoff, requests
from tests.engine.toy import ZONE

RETRY = Request("r", Verb.RETRY, Scope("lamp"), at=NOW)
HALL = Circuit("compute", ZONE, "white")
HALF_OPEN = {HALL: Breaker((), NOW, "ZONE_FULL")}
INSTALLS = {"zone": ZONE, "machineType": "white"}
TRIAL = pending(attributes=INSTALLS)
TRIAL_OF_B = pending(B, attributes=INSTALLS)


def outdated(*, failed_at: float) -> dict[Key, Memory]:
    """A creation was refused because the target was not as it was seen; its time is over."""
    known = Backoff(1, NOW, "changed", after(failed_at), outdated=True)
    return {A: Memory(backoff={f"{TARGET} {Effect.CREATE}": known})}


PASSES = [
    pytest.param("breaker", world(lamp()), step(), id="breaker: closed"),
    pytest.param(
        "breaker",
        world(lamp(), circuits={HALL: Breaker((Failure(NOW, TARGET),))}),
        step(),
        id="breaker: closed, though something failed",
    ),
    pytest.param(
        "breaker",
        world(lamp(), circuits={Circuit("compute", "cellar"): Breaker((), after(60))}),
        step(),
        id="breaker: open elsewhere",
    ),
    pytest.param(
        "breaker",
        world(lamp(), circuits=HALF_OPEN),
        step(),
        id="breaker: half open, and this is the first to try",
    ),
    pytest.param(
        "breaker",
        world(lamp(), circuits=HALF_OPEN, pending={TARGET: TRIAL}),
        step(),
        id="breaker: half open, and this is who tries",
    ),
    pytest.param(
        "breaker",
        world(lamp(), throttled={"keys": Backoff(1, after(9), "429")}),
        step(),
        id="breaker: another system asks for fewer calls",
    ),
    pytest.param(
        "breaker",
        world(lamp(), throttled={"compute": Backoff(1, NOW, "429")}),
        step(),
        id="breaker: its system asked for fewer calls, and that time is over",
    ),
    pytest.param("backoff", world(lamp()), step(), id="backoff: it did not fail"),
    pytest.param(
        "backoff",
        world(lamp(), memory=in_backoff(Effect.CREATE, after(9)), requests=requests(RETRY)),
        step(),
        id="backoff: a person asked to retry after it failed",
    ),
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
    pytest.param(
        "backoff",
        world(lamp(), memory=outdated(failed_at=-5), compute=snapshot(age_seconds=4)),
        step(),
        id="backoff: it was refused as outdated, and looked at since",
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
        "breaker",
        world(lamp(), circuits={HALL: Breaker((), after(60), "ZONE_FULL")}),
        step(),
        "CircuitOpen",
        after(60),
        id="breaker: open for everybody",
    ),
    pytest.param(
        "breaker",
        world(lamp(), circuits=HALF_OPEN, pending={TRIAL_OF_B.target: TRIAL_OF_B}),
        step(),
        "CircuitHalfOpen",
        after(10),
        id="breaker: half open, and another one tries",
    ),
    pytest.param(
        "breaker",
        world(lamp(), throttled={"compute": Backoff(1, after(9), "429")}),
        step(Effect.SECURE),
        "Throttled",
        after(9),
        id="breaker: its system asks for fewer calls, whatever they do",
    ),
    pytest.param(
        "backoff",
        world(
            lamp(),
            memory=in_backoff(Effect.CREATE, after(9), failed_at=after(1)),
            requests=requests(RETRY),
        ),
        step(),
        "BackingOff",
        after(9),
        id="backoff: it failed again after a person had asked to retry",
    ),
    pytest.param(
        "backoff",
        world(lamp(), memory=outdated(failed_at=-3), compute=snapshot(age_seconds=4)),
        step(),
        "NotSeenSince",
        after(10),
        id="backoff: it was refused as outdated, and not looked at since",
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
        world(lamp(), lamp("b"), compute=snapshot(instance("a"))),
        step(Effect.DESTROY, disrupts=(A, B)),
        "BudgetUsedUp",
        None,
        id="budget: what goes for good takes a member of another group with it",
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


def test_a_call_on_its_way_is_the_trial_of_a_half_open_circuit() -> None:
    busy = Ledger(circuits={Target("compute", "b"): HALL})
    verdict = ask("breaker", asked(world(lamp(), circuits=HALF_OPEN), step(), ledger=busy))

    assert verdict.message == "compute hall white is tried with b first"


def test_the_rate_waits_until_the_oldest_step_is_an_hour_ago() -> None:
    ledger = Ledger(executed={"lamp": (after(-3000), after(-2000), after(-1000))})
    question = asked(world(lamp()), step(Effect.REPAIR), ledger=ledger)

    assert ask("rate", question) == Verdict(
        "rate",
        False,
        "TooManySteps",
        "at most 3 steps of lamp an hour: STEERSMAN_ACTIONS_PER_HOUR is 3",
        after(600),
    )


# Five of six an hour are not kept for repairs, and two were done.
TURNS = [
    pytest.param(Effect.CREATE, 2, None, id="what is left of this hour"),
    pytest.param(Effect.CREATE, 3, after(1800), id="one waits for what was done"),
    pytest.param(Effect.CREATE, 4, after(2700), id="the next for the one after that"),
    pytest.param(Effect.CREATE, 5, after(3600), id="then for the first of this hour"),
    pytest.param(Effect.CREATE, 7, after(3600), id="and for the others"),
    pytest.param(Effect.CREATE, 8, after(5400), id="and so on, hour for hour"),
    pytest.param(Effect.CREATE, 1000, after(199 * 3600 + 3600), id="a thousand at five an hour"),
    pytest.param(Effect.REPAIR, 1000, None, id="what repairs does not wait for them"),
]


@pytest.mark.parametrize(("effect", "ahead", "until"), TURNS)
def test_who_comes_later_in_the_plan_is_told_when_its_turn_is(
    effect: Effect, ahead: int, until: datetime | None
) -> None:
    ledger = Ledger(executed={"lamp": (after(-1800), after(-900))}, ahead={"lamp": ahead})
    question = asked(world(lamp()), step(effect), ledger=ledger, actions_per_hour=6)

    verdict = ask("rate", question)

    assert (verdict.passed, verdict.until) == (until is None, until)


@pytest.mark.parametrize(
    ("effect", "done", "passes"),
    [
        pytest.param(Effect.CREATE, 8, True, id="a creation is among the first three quarters"),
        pytest.param(Effect.CREATE, 9, False, id="a creation after them waits"),
        pytest.param(Effect.DISRUPT, 9, False, id="so does a disruption"),
        pytest.param(Effect.DESTROY, 9, False, id="and what goes for good"),
        pytest.param(Effect.REPAIR, 11, True, id="a repair may be the last"),
        pytest.param(Effect.SECURE, 11, True, id="so may what closes a hole"),
        pytest.param(Effect.SECURE, 12, False, id="but there is an end to all of it"),
    ],
)
def test_a_quarter_of_the_steps_of_an_hour_is_kept_for_repairs(
    effect: Effect, done: int, passes: bool
) -> None:
    ledger = Ledger(executed={"lamp": (NOW,) * done})
    question = asked(world(lamp()), step(effect), ledger=ledger, actions_per_hour=12)

    assert ask("rate", question).passed is passes


def test_who_waits_at_the_kept_quarter_is_told_so_and_until_when() -> None:
    ledger = Ledger(executed={"lamp": (after(-40), after(-30), after(-20), after(-10))})
    question = asked(world(lamp()), step(), ledger=ledger, actions_per_hour=4)

    verdict = ask("rate", question)

    assert verdict.message == (
        "at most 3 steps of lamp an hour, and 1 more for repairs: STEERSMAN_ACTIONS_PER_HOUR is 4"
    )
    assert verdict.until == after(3600 - 30)  # then two are left


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
