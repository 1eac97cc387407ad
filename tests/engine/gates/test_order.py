"""The gates that keep steps in order: each passes and waits by its own rule."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from steersman.engine.ledger import Ledger
from steersman.model.kind import Verdict
from steersman.model.outcome import OperationDone
from steersman.model.plan import Step, Target
from steersman.model.resource import Key
from steersman.model.status import Condition, Status
from steersman.model.world import World
from tests.engine.builders import (
    ESTABLISHED,
    NOW,
    A,
    B,
    C,
    after,
    lamp,
    pending,
    snapshot,
    step,
    world,
)
from tests.engine.gates.asking import TARGET, ask, asked
from tests.engine.toy import ZONE, Swap

SWAP = Swap("red")
NOT_READY = Status((Condition("Established", "False", "NotReadyYet"),))


PASSES = [
    pytest.param("leader", world(lamp()), step(), id="leader: we lead"),
    pytest.param("dependencies", world(lamp()), step(), id="dependencies: none"),
    pytest.param(
        "dependencies",
        world(lamp(depends_on=(B,)), lamp("b"), statuses={B: ESTABLISHED}),
        step(),
        id="dependencies: the other was ready once",
    ),
    pytest.param(
        "records",
        world(lamp(), unreadable={"/steersman/memory/lamp/b": "no JSON"}),
        step(),
        id="records: one about another cannot be read",
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
]


@pytest.mark.parametrize(("gate", "world", "step"), PASSES)
def test_a_gate_passes(gate: str, world: World, step: Step) -> None:
    assert ask(gate, asked(world, step)) == Verdict(gate, passed=True)


WAITS = [
    pytest.param(
        "leader", world(lamp(), leading=False), step(), "NotLeading", None, id="leader: not us"
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
        "records",
        world(lamp(), unreadable={"/steersman/memory/lamp/a": "no JSON"}),
        step(),
        "RecordUnreadable",
        None,
        id="records: what is remembered of it cannot be read",
    ),
    pytest.param(
        "records",
        world(lamp(), unreadable={"/steersman/intents/compute/a": "no JSON"}),
        step(),
        "RecordUnreadable",
        None,
        id="records: what was begun with its target cannot be read",
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
        world(lamp(), pending={TARGET: pending(action="Light", deadline=NOW)}),
        step(),
        "EffectNotSeen",
        None,
        id="pending: its deadline is over, and nobody has looked since",
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
        "fresh",
        world(lamp(), unset={"compute": "STEERSMAN_GCE_PROJECT"}),
        step(),
        "NotConfigured",
        None,
        id="fresh: nobody configured the source",
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
        "guards",
        world(lamp("a"), lamp("b", chain="c", color="red"), lamp("c"), referrers={C: (B,)}),
        step(action=SWAP, disrupts=(C,)),
        "ChainedToRed",
        after(10),
        id="guards: who refers to what goes down with it holds it, and is asked again",
    ),
    pytest.param(
        "fresh",
        world(lamp()),
        replace(step(), rests_on=("fleet",)),
        "ObservationStale",
        None,
        id="fresh: so is what else the step rests on",
    ),
]


@pytest.mark.parametrize(("gate", "world", "step", "reason", "until"), WAITS)
def test_a_gate_waits(
    gate: str, world: World, step: Step, reason: str, until: datetime | None
) -> None:
    verdict = ask(gate, asked(world, step))

    assert (verdict.gate, verdict.passed) == (gate, False)
    assert (verdict.reason, verdict.until) == (reason, until)


MISSING = [
    pytest.param({}, "lamp/b is not there", id="nobody wrote it"),
    pytest.param(
        {B: (Condition.of("Accepted", False, "Invalid", "line 3"),)},
        "lamp/b is not accepted",
        id="what somebody wrote was refused",
    ),
]


@pytest.mark.parametrize(("acceptance", "told"), MISSING)
def test_it_is_told_whether_a_dependency_is_missing_or_was_refused(
    acceptance: Mapping[Key, tuple[Condition, ...]], told: str
) -> None:
    waiting = world(lamp(depends_on=(B,)), acceptance=acceptance)
    assert ask("dependencies", asked(waiting, step())).message == told


def test_a_call_under_way_holds_its_target() -> None:
    verdict = ask("pending", asked(world(lamp()), step(), ledger=Ledger({TARGET: ()})))

    assert verdict.reason == "CallUnderWay"


def test_what_was_seen_before_the_clock_was_set_back_is_not_fresh() -> None:
    ahead = world(lamp(), compute=snapshot(age_seconds=-3600))
    assert not ask("fresh", asked(ahead, step())).passed


def test_a_source_that_was_never_seen_is_not_fresh() -> None:
    unseen = World(resources={A: lamp()}, stale_after={})

    assert ask("fresh", asked(unseen, step())).message == "compute not seen yet"
