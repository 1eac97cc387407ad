"""Deciding: one key's whole pass over the World as a pure function. `reconcile`, `plan`, `why`,
observe mode and followers all call it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from steersman.engine import wants
from steersman.engine.doubt import fights
from steersman.engine.gates import judge
from steersman.engine.gates.asked import Asked
from steersman.engine.ledger import Ledger
from steersman.engine.requests import pause_of, told
from steersman.model.drift import Drift
from steersman.model.kind import Kind, Kinds, Verdict
from steersman.model.plan import Plan, Step, Waiting
from steersman.model.resource import Key, Resource
from steersman.model.status import NOT_CONFIGURED, Condition, Status, aged
from steersman.model.teardown import DELETED, DELETING
from steersman.model.world import World

TOLD_MAX = 5  # of what is left, in a message
PAUSED = "PausedByRequest"  # the whole of it, as opposed to members


@dataclass(frozen=True, slots=True)
class Judged:
    """A step and what every gate said of it."""

    step: Step
    verdicts: tuple[Verdict, ...]

    @property
    def held(self) -> Verdict | None:
        """The first gate that holds the step; None: it may run."""
        return next((each for each in self.verdicts if not each.passed), None)

    @property
    def only_waits_its_turn(self) -> bool:
        """Whether it runs as soon as the rate lets it, if that does not already."""
        return all(each.passed or each.gate == "rate" for each in self.verdicts)


@dataclass(frozen=True, slots=True)
class Decision:
    resource: Resource[Any]
    drift: Drift
    plan: Plan
    steps: tuple[Judged, ...]
    status: Status
    ledger: Ledger  # as the next decision of one plan sees it

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
    wants.check(resource, world, rules.kinds, now)
    kind = rules.kinds[key.kind]
    observed = kind.observe(resource, world)
    drift, plan = _planned(resource, kind, observed, world, now)
    steps, ledger = _judge_all(plan, world, ledger, rules, now)
    waiting = (*_held(steps), *plan.waits)
    said = kind.status(resource, observed, drift, waiting, now)
    before = world.statuses.get(key)
    if unset := _unset(kind, world):
        said = replace(said, conditions=tuple(_untold(said.conditions, unset)))
    if resource.metadata.deleting:
        said = replace(said, conditions=tuple(_going(resource, kind, drift, world, now)))
    conditions = _conditions(said, drift, world, resource, before, now)
    status = Status(tuple(aged(conditions, before, now)), said.summary, waiting)
    return Decision(resource, drift, plan, steps, status, ledger)


def _planned(
    resource: Resource[Any], kind: Kind[Any, Any], observed: Any, world: World, now: datetime
) -> tuple[Drift, Plan]:
    if resource.metadata.deleting:
        drift = kind.remains(resource, observed)
        return drift, kind.teardown(resource, observed, drift)
    drift = kind.diff(resource, observed)
    return drift, kind.plan(resource, observed, drift, world.memory_of(resource.key), now)


def _judge_all(
    plan: Plan, world: World, ledger: Ledger, rules: Rules, now: datetime
) -> tuple[tuple[Judged, ...], Ledger]:
    """Each has its turn before the next."""
    found, open_steps = [], {each.id for each in plan.steps}
    for step in plan.steps:
        asked = Asked(step, world, ledger, rules.kinds, rules.actions_per_hour, now)
        judged = Judged(step, (*judge(asked), *_order(step, open_steps)))
        if judged.only_waits_its_turn:
            ledger = ledger.behind(step.key.kind)
        found.append(judged)
    return tuple(found), ledger


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


def _going(
    resource: Resource[Any], kind: Kind[Any, Any], drift: Drift, world: World, now: datetime
) -> Iterator[Condition]:
    """How far a teardown is, in place of what the kind says of one that is to stay."""
    before = world.statuses.get(resource.key)
    targets = {each.target for each in drift.differences}
    # what is under way may leave something behind, or bring it about
    targets |= {str(at) for at, each in world.pending.items() if each.key == resource.key}
    told = f"{len(targets)} left: {', '.join(sorted(targets)[:TOLD_MAX])}"
    yield Condition.of("Ready", False, DELETING, told if targets else "nothing is left")
    if targets:
        yield Condition.of(DELETED, False, "NotAllGone", told)
    elif (before and before.holds(DELETED)) or _seen(kind, drift, world, now):
        yield Condition.of(DELETED, True, "AllGone", "nothing is left of it")
    else:
        unseen = _unset(kind, world) or f"not all was seen lately: {', '.join(kind.needs)}"
        yield Condition.of(DELETED, None, "NotObserved", unseen)


def _unset(kind: Kind[Any, Any], world: World) -> str:
    """The settings without which nothing can be told of any resource of the kind."""
    settings = [world.unset[each] for each in kind.needs if each in world.unset]
    return f"{' and '.join(settings)} is not set" if settings else ""


def _untold(conditions: Iterable[Condition], unset: str) -> Iterator[Condition]:
    """What needs no look at the system stays as it is told."""
    yield Condition.of("Ready", None, NOT_CONFIGURED, unset)
    yield from (each for each in conditions if each.type != "Ready")


def _seen(kind: Kind[Any, Any], drift: Drift, world: World, now: datetime) -> bool:
    return drift.known and all(world.fresh(source, now) for source in kind.needs)


def _conditions(
    said: Status,
    drift: Drift,
    world: World,
    resource: Resource[Any],
    before: Status | None,
    now: datetime,
) -> tuple[Condition, ...]:
    """The kind's own, and those that are the engine's to tell."""
    was = before is not None and before.holds("Established") and not resource.metadata.deleting
    established = was or said.holds("Ready")
    return (
        *world.acceptance.get(resource.key, ()),
        *said.conditions,
        Condition.of("Established", established, "ReadyOnce" if established else "NotReadyYet"),
        _drifted(drift),
        fights.condition(resource.key, world.memory_of(resource.key)),
        _paused(resource.key, world, now),
    )


def _drifted(drift: Drift) -> Condition:
    if not drift.known:
        return Condition.of("Drifted", None, "NotObserved")
    if not drift:
        return Condition.of("Drifted", False, "AsAsked")
    count = len(drift.differences)
    return Condition.of("Drifted", True, "Differences", f"{count} field{'s' * (count != 1)}")


def _paused(key: Key, world: World, now: datetime) -> Condition:
    pause = pause_of(world.requests, key, None, now)
    if pause is None:
        return Condition.of("Paused", False, "NotPaused")
    reason = "MembersPaused" if pause.scope.member else PAUSED
    return Condition.of("Paused", True, reason, told(pause))
