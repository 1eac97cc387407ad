"""The gates that heed people: each passes and waits by its own rule."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from steersman.model.annotations import PROTECT
from steersman.model.kind import Verdict
from steersman.model.memory import Memory
from steersman.model.plan import Effect, Step
from steersman.model.requests import Request, Scope, Verb
from steersman.model.resource import Key, Policy
from steersman.model.window import Window
from steersman.model.world import World
from tests.engine.builders import (
    NOW,
    A,
    after,
    lamp,
    step,
    world,
)
from tests.engine.gates.asking import ask, asked, requests
from tests.engine.toy import Install

UTC = ZoneInfo("UTC")
APPROVAL = Request("r", Verb.APPROVE, Scope("lamp", "a"), digest=step().digest, at=NOW)


def spent(at: datetime) -> dict[Key, Memory]:
    """The step was done under an approval at that time."""
    return {A: Memory(spent={step().digest: at})}


PASSES = [
    pytest.param("mode", world(lamp()), step(), id="mode: act"),
    pytest.param("paused", world(lamp()), step(), id="paused: nobody asked for it"),
    pytest.param(
        "paused",
        world(lamp(), requests=requests(Request("r", Verb.PAUSE, Scope("lamp", "b")))),
        step(),
        id="paused: another one is",
    ),
    pytest.param(
        "paused",
        world(lamp(), requests=requests(Request("r", Verb.PAUSE, until=NOW))),
        step(),
        id="paused: it was, until now",
    ),
    pytest.param("protect", world(lamp()), step(), id="protect: no annotation"),
    pytest.param(
        "protect",
        world(lamp(annotations={PROTECT: "false"})),
        step(),
        id="protect: the annotation says false",
    ),
    pytest.param("window", world(lamp()), step(Effect.DESTROY), id="window: there is none"),
    pytest.param(
        "window",
        world(lamp(policy=Policy(window=Window("0 12 * * *", UTC, 1)))),
        step(Effect.DISRUPT),
        id="window: it is open",
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
    pytest.param(
        "approval",
        world(lamp(policy=Policy("auto")), approvals={"lamp": "ask"}),
        step(Effect.DESTROY),
        id="approval: the document's own word comes before its kind's",
    ),
    pytest.param(
        "approval",
        world(lamp(), approvals={"": "ask", "lamp": "auto"}),
        step(Effect.DESTROY),
        id="approval: the kind's before that of all",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask")), requests=requests(APPROVAL)),
        step(),
        id="approval: a person approved the step's digest",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask")), requests=requests(APPROVAL), memory=spent(after(-1))),
        step(),
        id="approval: a person approved it again after it was done",
    ),
    pytest.param(
        "approval",
        world(lamp(), requests=requests(APPROVAL)),
        replace(step(), shrinks=True),
        id="approval: and may approve that much is taken away",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask"))),
        replace(step(Effect.REPAIR), approved=True),
        id="approval: what was begun may be ended",
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
        "paused",
        world(lamp(), requests=requests(Request("r", Verb.PAUSE, until=after(60)))),
        step(),
        "Paused",
        after(60),
        id="paused: everything",
    ),
    pytest.param(
        "paused",
        world(lamp(), requests=requests(Request("r", Verb.PAUSE, Scope("lamp", "a", "a")))),
        step(),
        "Paused",
        None,
        id="paused: the member",
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
        "protect",
        world(lamp(annotations={PROTECT: "True"})),
        step(Effect.DISRUPT),
        "Protected",
        None,
        id="protect: an odd value, accepted by an earlier release, does not take it away",
    ),
    pytest.param(
        "window",
        world(lamp(policy=Policy(window=Window("5 12 * * *", UTC, 60)))),
        step(Effect.DISRUPT),
        "OutsideWindow",
        after(300),
        id="window: it opens later",
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
        "approval",
        world(lamp(), approvals={"": "auto", "lamp": "auto-safe"}),
        step(Effect.DISRUPT),
        "ApprovalNeeded",
        None,
        id="approval: the kind's policy, where the document has none",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask")), requests=requests(APPROVAL)),
        step(action=Install("blue")),
        "ApprovalNeeded",
        None,
        id="approval: the step is not the one that was approved",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask")), requests=requests(replace(APPROVAL, until=NOW))),
        step(),
        "ApprovalNeeded",
        None,
        id="approval: what was approved has expired",
    ),
    pytest.param(
        "approval",
        world(
            lamp(policy=Policy("ask")),
            requests=requests(replace(APPROVAL, scope=Scope("lamp", "b"))),
        ),
        step(),
        "ApprovalNeeded",
        None,
        id="approval: it was approved of another one",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("ask")), requests=requests(APPROVAL), memory=spent(NOW)),
        step(),
        "ApprovalNeeded",
        None,
        id="approval: what was approved was done already",
    ),
    pytest.param(
        "approval",
        world(lamp(policy=Policy("auto"))),
        replace(step(Effect.SECURE), shrinks=True),
        "ApprovalNeeded",
        None,
        id="approval: taking away much asks in every mode",
    ),
]


@pytest.mark.parametrize(("gate", "world", "step", "reason", "until"), WAITS)
def test_a_gate_waits(
    gate: str, world: World, step: Step, reason: str, until: datetime | None
) -> None:
    verdict = ask(gate, asked(world, step))

    assert (verdict.gate, verdict.passed) == (gate, False)
    assert (verdict.reason, verdict.until) == (reason, until)


def test_what_needs_approval_says_what_to_type() -> None:
    verdict = ask("approval", asked(world(lamp(policy=Policy("ask"))), step()))

    assert verdict.message.endswith(f"steersman approve lamp/a {step().digest}")
