"""What people and scripts read of a nodepool."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from steersman.kinds.nodepool.observe import Member, Observed, Phase
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.drift import Drift
from steersman.model.observed import Instance
from steersman.model.plan import Waiting
from steersman.model.resource import Resource
from steersman.model.status import Condition, Status, shortened

# what is told of a member that is not ready, what hurts most first
_TOLD: Mapping[Phase, str] = {
    Phase.FOREIGN: "has its name taken by another instance",
    Phase.JOIN_TIMED_OUT: "did not join the fleet in time",
    Phase.STOPPED: "stopped",
    Phase.STOPPING: "stopping",
    Phase.MISSING: "missing",
    Phase.CREATING: "coming up",
    Phase.JOINING: "joining",
    Phase.UNKNOWN: "unknown",
}
_REASONS: Mapping[Phase, str] = {Phase.FOREIGN: "NameTaken", Phase.UNKNOWN: "NotObserved"}


def status(
    resource: Resource[NodePool],
    observed: Observed,
    drift: Drift,
    waiting: tuple[Waiting, ...],
    now: datetime,
) -> Status:
    del drift
    phases = {member.ordinal: member.phase_at(now) for member in observed.members}
    summary = {
        "desired": resource.spec.replicas,
        "ready": sum(phase is Phase.READY for phase in phases.values()),
        "members": [_row(member, phases[member.ordinal]) for member in observed.members],
        "extra": [f"{each.zone}/{each.name}" for each in _more(observed)],
    }
    return Status((_ready(observed, now),), summary, waiting)


def _ready(observed: Observed, now: datetime) -> Condition:
    if not observed.known:
        said = "the instances were not read yet"
        return Condition.of("Ready", None, _REASONS[Phase.UNKNOWN], said)
    by_phase: dict[Phase, list[str]] = {}
    for member in observed.members:
        by_phase.setdefault(member.phase_at(now), []).append(member.name)
    ready = len(by_phase.pop(Phase.READY, ()))
    message = _message(f"{ready}/{len(observed.members)} nodes", by_phase, observed)
    worst = next((phase for phase in _TOLD if phase in by_phase), None)
    if worst is None:
        return Condition.of("Ready", True, "AllReady", message)
    value = None if worst is Phase.UNKNOWN else False
    return Condition.of("Ready", value, _REASONS.get(worst, worst.value), message)


def _message(count: str, by_phase: Mapping[Phase, list[str]], observed: Observed) -> str:
    """2/3 nodes: core3 joining"""
    told = [
        f"{shortened(by_phase[phase])} {word}" for phase, word in _TOLD.items() if phase in by_phase
    ]
    if more := _more(observed):
        told.append(f"{shortened(each.name for each in more)} more than asked for")
    return f"{count}: {'; '.join(told)}" if told else count


def _more(observed: Observed) -> tuple[Instance, ...]:
    return (*(each.instance for each in observed.surplus), *observed.extra)


def _row(member: Member, phase: Phase) -> Mapping[str, Any]:
    instance = None if phase is Phase.FOREIGN else member.instance
    return {
        "name": member.name,
        "ordinal": member.ordinal,
        "zone": instance.zone if instance else member.asked_zone,
        "ip": instance.ip if instance else None,
        "instanceId": instance.id if instance else None,
        "machineId": member.machine.id if member.machine else None,
        "phase": phase.value,
    }
