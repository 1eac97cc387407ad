"""Deciding: one key's whole pass over the World as a pure function. `reconcile`, `plan`, `why`,
observe mode and followers all call it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from steersman.engine.gates import Asked, judge
from steersman.engine.ledger import Ledger
from steersman.model.drift import Drift
from steersman.model.kind import Kinds, Verdict
from steersman.model.plan import Plan, Step, Waiting
from steersman.model.resource import Key, Resource
from steersman.model.status import Condition, Status, aged
from steersman.model.world import World


@dataclass(frozen=True, slots=True)
class Judged:
    """A step and what every gate said of it."""

    step: Step
    verdicts: tuple[Verdict, ...]

    @property
    def held(self) -> Verdict | None:
        """The first gate that holds the step; None: it may run."""
        return next((each for each in self.verdicts if not each.passed), None)


@dataclass(frozen=True, slots=True)
class Decision:
    resource: Resource[Any]
    drift: Drift
    plan: Plan
    steps: tuple[Judged, ...]
    status: Status

    def next_step(self) -> Step | None:
        return next((each.step for each in self.steps if each.held is None), None)

    def look_again(self) -> datetime | None:
        """When time alone may change this decision."""
        held = (each.held for each in self.steps)
        times = [
            self.plan.look_again,
            *(verdict.until for verdict in held if verdict),
            *(each.until for each in self.plan.waits),
        ]
        return min((at for at in times if at), default=None)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a decision needs beside the World."""

    kinds: Kinds
    actions_per_hour: int


def decide(key: Key, world: World, ledger: Ledger, rules: Rules, now: datetime) -> Decision:
    """KeyError for a key that is not in force."""
    resource = world.resources[key]
    kind = rules.kinds[key.kind]
    observed = kind.observe(resource, world)
    drift = kind.diff(resource, observed)
    plan = kind.plan(resource, observed, drift, world.memory_of(key), now)
    steps = tuple(_judged(step, plan, world, ledger, rules, now) for step in plan.steps)
    waiting = (*_held(steps), *plan.waits)
    said = kind.status(resource, observed, drift, waiting, now)
    before = world.statuses.get(key)
    conditions = _conditions(said, drift, world, key, before)
    status = Status(tuple(aged(conditions, before, now)), said.summary, waiting)
    return Decision(resource, drift, plan, steps, status)


def _judged(
    step: Step, plan: Plan, world: World, ledger: Ledger, rules: Rules, now: datetime
) -> Judged:
    open_steps = {each.id for each in plan.steps}
    asked = Asked(step, world, ledger, rules.kinds, rules.actions_per_hour, now)
    return Judged(step, (*judge(asked), *_order(step, open_steps)))


def _order(step: Step, open_steps: set[str]) -> tuple[Verdict, ...]:
    first = next((each for each in step.after if each in open_steps), None)
    if first is None:
        return ()
    return (Verdict("order", passed=False, reason="AfterAnother", message=f"after step {first}"),)


def _held(steps: tuple[Judged, ...]) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(str(each.step.target), held.gate, held.reason, held.until, held.message)
        for each in steps
        for held in [each.held]
        if held
    )


def _conditions(
    said: Status, drift: Drift, world: World, key: Key, before: Status | None
) -> tuple[Condition, ...]:
    """The kind's own, and those that are the engine's to tell."""
    established = said.holds("Ready") or (before is not None and before.holds("Established"))
    return (
        *world.acceptance.get(key, ()),
        *said.conditions,
        Condition.of("Established", established, "ReadyOnce" if established else "NotReadyYet"),
        _drifted(drift),
    )


def _drifted(drift: Drift) -> Condition:
    if not drift.known:
        return Condition.of("Drifted", None, "NotObserved")
    if not drift:
        return Condition.of("Drifted", False, "AsAsked")
    return Condition.of("Drifted", True, "Differences", f"{len(drift.differences)} fields")
