"""Views: the JSON that people and scripts read, in one place: status, steps, events, resources."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from steersman.model.drift import Difference
from steersman.model.kind import Verdict
from steersman.model.moment import Moment
from steersman.model.notice import Notice
from steersman.model.plan import Step, Waiting
from steersman.model.reading import API_VERSION
from steersman.model.resource import Resource, Source
from steersman.model.status import Condition, Status
from steersman.model.unmanaged import Unmanaged

JSON = dict[str, Any]


class _StoredCondition(BaseModel):
    type: str
    status: str
    reason: str
    message: str
    last_transition_time: Annotated[AwareDatetime, Field(alias="lastTransitionTime")]


class _StoredStatus(BaseModel):
    conditions: tuple[_StoredCondition, ...]
    summary: JSON


class _StoredRevision(BaseModel):
    store: str
    revision: int
    sha256: str


class _StoredWaiting(BaseModel):
    target: str
    gate: str
    reason: str
    message: str
    until: Moment | None


class _ToldCondition(BaseModel):
    type: str
    status: str
    reason: str
    message: str
    last_transition_time: Annotated[Moment, Field(alias="lastTransitionTime")]


class _ToldStatus(BaseModel):
    observed_revision: Annotated[_StoredRevision, Field(alias="observedRevision")]
    conditions: tuple[_ToldCondition, ...]
    summary: JSON
    waiting: tuple[_StoredWaiting, ...]


def time_view(at: datetime | None) -> str | None:
    """UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def resource_view(resource: Resource[Any], status: Status | None) -> JSON:
    return {
        "apiVersion": API_VERSION,
        "kind": resource.key.kind,
        "metadata": {
            "name": resource.key.name,
            "uid": resource.uid,
            "labels": dict(resource.metadata.labels),
            "annotations": dict(resource.metadata.annotations),
        },
        "spec": resource.spec.model_dump(mode="json"),
        "status": _status(resource.source, status) if status else {},
    }


def status_view(source: Source, status: Status) -> bytes:
    """What stands at /status/<kind>/<name>."""
    return json.dumps(_status(source, status), separators=(",", ":")).encode()


def status_of(value: bytes) -> Status:
    """The conditions and the summary of a stored status; what waited is worked out anew.
    ValueError when it cannot be read."""
    stored = _StoredStatus.model_validate_json(value)
    conditions = tuple(
        Condition(each.type, each.status, each.reason, each.message, each.last_transition_time)
        for each in stored.conditions
    )
    return Status(conditions, stored.summary)


def told_status(value: bytes) -> JSON:
    """A stored status, whole and as it stands there. ValueError when it cannot be read."""
    _ToldStatus.model_validate_json(value)
    told: JSON = json.loads(value)
    return told


def step_view(step: Step, verdicts: Iterable[Verdict]) -> JSON:
    return {
        "id": step.id,
        "digest": step.digest,
        "kind": step.key.kind,
        "name": step.key.name,
        "action": step.action.name,
        "effect": str(step.effect),
        "target": str(step.target),
        "reason": step.reason,
        "message": step.message,
        "differences": [difference_view(each) for each in step.differences],
        "gates": [verdict_view(each) for each in verdicts],
    }


def difference_view(difference: Difference) -> JSON:
    return {
        "path": difference.path,
        "desired": difference.desired,
        "observed": difference.observed,
    }


def verdict_view(verdict: Verdict) -> JSON:
    return {
        "gate": verdict.gate,
        "result": "Pass" if verdict.passed else "Wait",
        "reason": verdict.reason,
        "message": verdict.message,
        "until": time_view(verdict.until),
    }


def listing_view(
    items: Iterable[JSON],
    rejected: Iterable[tuple[str, str]],
    unmanaged: Iterable[Unmanaged],
    notices: Iterable[Notice],
) -> JSON:
    return {
        "kind": "List",
        "items": list(items),
        "rejected": [{"key": key, "message": message} for key, message in rejected],
        "unmanaged": [
            {
                "kind": each.kind,
                "name": each.name,
                "reason": each.reason,
                "message": each.message,
            }
            for each in unmanaged
        ],
        "notices": [
            {
                "kind": each.kind,
                "name": each.name,
                "message": each.message,
                "until": time_view(each.until),
            }
            for each in notices
        ],
    }


def _status(source: Source, status: Status) -> JSON:
    return {
        "observedRevision": {
            "store": source.store,
            "revision": source.revision,
            "sha256": source.sha256,
        },
        "conditions": [_condition(each) for each in status.conditions],
        "summary": _plain(status.summary),
        "waiting": [_waiting(each) for each in status.waiting],
    }


def _condition(condition: Condition) -> JSON:
    return {
        "type": condition.type,
        "status": condition.status,
        "reason": condition.reason,
        "message": condition.message,
        "lastTransitionTime": time_view(condition.since),
    }


def _waiting(waiting: Waiting) -> JSON:
    return {
        "target": waiting.target,
        "gate": waiting.gate,
        "reason": waiting.reason,
        "message": waiting.message,
        "until": time_view(waiting.until),
    }


def _plain(summary: Mapping[str, Any]) -> JSON:
    plain: JSON = json.loads(json.dumps(summary, default=dict))
    return plain
