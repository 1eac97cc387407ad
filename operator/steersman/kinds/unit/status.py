"""What people and scripts are told of a unit: one sentence, conditions, a row for each instance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from steersman.kinds.unit.health import healthy, ripe, settling
from steersman.kinds.unit.lint import lint_condition
from steersman.kinds.unit.observe import InstanceObserved, UnitObserved
from steersman.kinds.unit.phase import Phase
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.drift import Drift
from steersman.model.plan import Waiting
from steersman.model.resource import Resource
from steersman.model.status import Condition, Status, shortened

TROUBLES_NAMED_MAX = 5
CRASH_LOOP = "CrashLoop"
OWN_GATES = frozenset({"restart", "bound", "fleet"})  # their messages belong into the sentence
REASONS = {
    Phase.FAILED: "UnitFailed",
    Phase.STOPPED: "UnitStopped",
    Phase.UNPLACED: "NotPlaced",
    Phase.SILENT: "NoState",
    Phase.MISSING: "UnitMissing",
    Phase.IDLE: "NotLaunched",
    Phase.MOVING: "Moving",
    Phase.STARTING: "Starting",
    Phase.UPDATING: "Updating",
    Phase.RUNNING: "Settling",
    Phase.COMPLETED: "Settling",
}
# Of several troubles the first of these is the reason of Ready.
SEVERITY = (*dict.fromkeys(REASONS.values()), "NotAsAsked", "Outdated")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an instance is not as asked."""

    instance: InstanceObserved
    reason: str
    words: str


def status(
    resource: Resource[UnitSpec],
    observed: UnitObserved,
    drift: Drift,
    waiting: tuple[Waiting, ...],
    now: datetime,
) -> Status:
    if not drift.known:
        unknown = Condition.of("Ready", None, "NotObserved", "fleet was not read yet")
        return Status((unknown,), _summary(resource.spec, observed))
    spec = resource.spec
    troubles = [t for t in (_trouble(spec, observed, i, now) for i in observed.instances) if t]
    conditions = (
        _ready(spec, observed, troubles, waiting),
        _crash_loop(observed, waiting),
        _unschedulable(spec, observed, now),
        lint_condition(spec, observed.fleet_version),
    )
    return Status(conditions, _summary(spec, observed))


def _trouble(
    spec: UnitSpec, observed: UnitObserved, instance: InstanceObserved, now: datetime
) -> Trouble | None:
    unit = instance.unit
    if unit is not None and spec.desired_state != "launched":
        resting = {unit.desired_state, unit.current_state or "inactive"} == {spec.desired_state}
        if not resting:
            return Trouble(instance, "NotAsAsked", f"not {spec.desired_state}")
    elif not (healthy(instance, spec.rollout, now) or _still_ready(spec, observed, instance, now)):
        return Trouble(instance, REASONS[instance.phase], _words(spec, instance, now))
    if (unit is not None and unit.hash != spec.hash) or observed.outdated(instance):
        return Trouble(instance, "Outdated", "outdated")
    return None


def _still_ready(
    spec: UnitSpec, observed: UnitObserved, instance: InstanceObserved, now: datetime
) -> bool:
    """What was ready and runs does not stop being so for want of patience: a daemon that has just
    started does not know for how long it has been running."""
    return observed.was_ready and settling(instance, spec.rollout, now)


def _words(spec: UnitSpec, instance: InstanceObserved, now: datetime) -> str:
    """How it is, and since when where that tells something."""
    since = f" since {instance.since:%H:%M:%S}" if instance.since else ""
    match instance.phase:
        case Phase.RUNNING | Phase.COMPLETED:
            return f"{instance.phase}{since}"
        case Phase.MOVING:
            active = instance.state.active if instance.state else instance.phase
            late = ripe(instance, spec.rollout, now)
            too_long = f"{since}, longer than {spec.rollout.deadline_seconds} s"
            return f"{active}{too_long if late else ''}"
        case Phase.SILENT:
            return f"without a state{since}" if ripe(instance, spec.rollout, now) else "starting"
        case Phase.IDLE if instance.unit:
            return instance.unit.desired_state
        case Phase.UNPLACED:
            return "not placed" + (f" ({instance.obstacles})" if instance.obstacles else "")
    return str(instance.phase)


def _ready(
    spec: UnitSpec, observed: UnitObserved, troubles: list[Trouble], waiting: Iterable[Waiting]
) -> Condition:
    held = {each.target: each for each in waiting}
    total = len(observed.instances)
    word = "active" if spec.desired_state == "launched" else spec.desired_state
    good = _active(observed) if word == "active" else total - len(troubles)
    parts = [f"{good}/{total} {word}"]
    parts += [_sentence(each, held.get(str(each.instance.target))) for each in troubles]
    if len(parts) > TROUBLES_NAMED_MAX + 1:
        more = len(parts) - TROUBLES_NAMED_MAX - 1
        parts = [*parts[: TROUBLES_NAMED_MAX + 1], f"{more} more"]
    if observed.surplus:
        parts.append(f"more than asked for: {shortened(each.name for each in observed.surplus)}")
    if observed.unlisted:
        parts.append(f"left alone, not asked for: {shortened(observed.unlisted)}")
    reason = min((each.reason for each in troubles), key=SEVERITY.index, default="AsAsked")
    return Condition.of("Ready", not troubles, reason, "; ".join(parts))


def _sentence(trouble: Trouble, waiting: Waiting | None) -> str:
    said = f"{trouble.instance.label} {trouble.words}"
    if waiting is None:
        return said
    held = waiting.message if waiting.gate in OWN_GATES else f"held by gate {waiting.gate}"
    return f"{said}, {held}"


def _crash_loop(observed: UnitObserved, waiting: Iterable[Waiting]) -> Condition:
    looping = {each.target: each.message for each in waiting if each.reason == CRASH_LOOP}
    said = [
        f"{each.label} {looping[str(each.target)]}"
        for each in observed.instances
        if str(each.target) in looping
    ]
    return Condition.of(
        CRASH_LOOP, bool(said), "TooManyRestarts" if said else "Calm", "; ".join(said)
    )


def _unschedulable(spec: UnitSpec, observed: UnitObserved, now: datetime) -> Condition:
    said = [
        f"{each.label}: {each.obstacles or 'fleet has not placed it'}"
        for each in observed.instances
        if each.phase is Phase.UNPLACED and ripe(each, spec.rollout, now)
    ]
    reason = "NoMachine" if said else "Placed"
    return Condition.of("Unschedulable", bool(said), reason, "; ".join(said[:TROUBLES_NAMED_MAX]))


def _active(observed: UnitObserved) -> int:
    return sum(each.serving for each in observed.instances)


def _summary(spec: UnitSpec, observed: UnitObserved) -> dict[str, Any]:
    return {
        "desired": len(spec.units) if spec.desired_state == "launched" else 0,  # as active
        "active": _active(observed),
        "instances": [
            {
                "name": each.name,
                "machineId": each.unit.machine_id if each.unit else None,
                "state": each.shown_state,
                "hash": each.unit.hash if each.unit else None,
            }
            for each in observed.instances
        ],
        "surplus": [each.name for each in observed.surplus],
        "unlisted": list(observed.unlisted),
    }
