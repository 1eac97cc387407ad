"""Metrics of passes, steps and drift: which number grows by what happens."""

import pytest
from prometheus_client import CollectorRegistry

from steersman.model.drift import Difference, Drift
from steersman.model.errors import ErrorClass, FencedError, OutsideError, UnreachableError
from steersman.model.status import Status
from steersman.telemetry.drifts import DriftMetrics, field_class
from steersman.telemetry.passes import PassMetrics
from tests.engine.builders import snapshot, world
from tests.engine.toy import LAMP
from tests.telemetry.samples import NOW, Samples, drifted, kept, named, status

TIMEOUT = UnreachableError("no answer", code="timeout")
SLOW_STORE = UnreachableError("no answer", code="DEADLINE_EXCEEDED")
REFUSED = OutsideError(ErrorClass.INVALID, "invalid", "a bad request")
DENIED = OutsideError(ErrorClass.DENIED, "403", "not allowed")
BUSY = OutsideError(ErrorClass.TRANSIENT, "503", "later")


def grown(samples: Samples) -> set[str]:
    """The counters that are not at zero."""
    found = {labels[0] for labels, value in samples.items() if value}
    return {name for name in found if name.endswith("_total")}


PASSES = [
    pytest.param(None, set(), id="it worked"),
    pytest.param(BUSY, {"errors"}, id="something was busy"),
    pytest.param(FencedError("not leading"), {"errors"}, id="the lease was lost"),
    pytest.param(TIMEOUT, {"errors", "timeouts"}, id="no answer in time"),
    pytest.param(SLOW_STORE, {"errors", "timeouts"}, id="none of the store"),
    pytest.param(REFUSED, {"errors", "terminal_errors"}, id="refused for good"),
    pytest.param(DENIED, {"errors", "terminal_errors"}, id="not permitted"),
    pytest.param(KeyError("a"), {"errors", "panics"}, id="a mistake of ours"),
]


@pytest.mark.parametrize(("error", "counted"), PASSES)
def test_a_pass_is_counted_by_how_it_ended(error: Exception | None, counted: set[str]) -> None:
    registry = CollectorRegistry()
    PassMetrics(registry).ended("lamp", 0.2, error)
    found = kept(registry)

    names = {f"steersman_reconcile_{each}_total" for each in counted}
    assert grown(found) == names | {"steersman_reconcile_total"}
    result = "error" if error else "success"
    assert named("steersman_reconcile_total", found) == {("lamp", result): 1}
    assert found["steersman_reconcile_time_seconds_sum", "lamp"] == 0.2


STEPS = [
    pytest.param(None, "ok", set(), id="it worked"),
    pytest.param(BUSY, "error", set(), id="it did not"),
    pytest.param(TIMEOUT, "error", {"timeouts"}, id="no answer in time"),
    pytest.param(REFUSED, "error", {"terminal_errors"}, id="refused for good"),
]


@pytest.mark.parametrize(("error", "result", "counted"), STEPS)
def test_a_step_is_counted_by_how_its_call_ended(
    error: OutsideError | None, result: str, counted: set[str]
) -> None:
    registry = CollectorRegistry()
    PassMetrics(registry).executed("lamp", "Install", 0.2, error)
    found = kept(registry)

    names = {f"steersman_reconcile_{each}_total" for each in counted}
    assert grown(found) == names | {"steersman_actions_total"}
    assert named("steersman_actions_total", found) == {("Install", "lamp", result): 1}
    assert found["steersman_action_duration_seconds_sum", "Install", "lamp"] == 0.2


FOUND = Drift((Difference("a", "color", "red", "blue"), Difference("a", "color", "x", "y")))
AS_ASKED = status(drifted(value=False))
UNKNOWN = status(drifted(value=None))
DRIFTING = status(drifted(seconds=60))
CHANGES = [
    pytest.param(AS_ASKED, DRIFTING, 1, [], id="it ceases to be as asked"),
    pytest.param(DRIFTING, AS_ASKED, 0, [60.0], id="it is as asked again"),
    pytest.param(DRIFTING, DRIFTING, 0, [], id="it still is not"),
    pytest.param(None, DRIFTING, 0, [], id="it is new"),
    pytest.param(UNKNOWN, DRIFTING, 0, [], id="nobody knows since when it is not"),
    pytest.param(DRIFTING, UNKNOWN, 0, [], id="nobody knows whether it is"),
    pytest.param(UNKNOWN, AS_ASKED, 0, [], id="nobody knows whether it was not"),
    pytest.param(AS_ASKED, UNKNOWN, 0, [], id="nobody knows any more"),
]


@pytest.mark.parametrize(("before", "after", "detected", "repaired"), CHANGES)
def test_drift_is_counted_when_it_begins_and_measured_when_it_ends(
    before: Status | None, after: Status, detected: int, repaired: list[float]
) -> None:
    registry = CollectorRegistry()
    metrics = DriftMetrics(registry)
    metrics.prepare("lamp")
    metrics.reported(LAMP, before, after, FOUND, world(compute=snapshot(age_seconds=3)), NOW)
    found = kept(registry)

    counted = named("steersman_drift_detected_total", found)
    assert counted == ({("color", "lamp"): detected} if detected else {})
    assert found["steersman_drift_detection_seconds_sum", "lamp"] == 3 * detected
    assert found["steersman_drift_repair_seconds_count", "lamp"] == len(repaired)
    assert found["steersman_drift_repair_seconds_sum", "lamp"] == sum(repaired)


FIELDS = [
    pytest.param("spec.replicas", "replicas", id="a field"),
    pytest.param("spec.labels.owner-of-it", "labels", id="not the key that a document chose"),
    pytest.param("spec.disks[0].sizeGb", "disks", id="not a place in a list"),
    pytest.param("registration.path", "registration", id="without the spec"),
    pytest.param("", "other", id="nothing that could be told"),
]


@pytest.mark.parametrize(("path", "word"), FIELDS)
def test_a_field_is_told_by_its_first_word(path: str, word: str) -> None:
    assert field_class(path) == word
