"""Metrics of drift: how soon it is found, in which fields, and how soon it is gone."""

import re
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from steersman.model.drift import Drift
from steersman.model.kind import Kind
from steersman.model.status import Status
from steersman.model.world import World

DRIFTED = "Drifted"
DETECTION_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0)
REPAIR_BUCKETS = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0)
FIELD = re.compile(r"(?:spec\.)?(\w+)")


class DriftMetrics:
    """Told of every status that is not as the one before it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._detected = Counter(
            "steersman_drift_detected",
            "Times that a resource ceased to be as asked, by field.",
            ["kind", "field_class"],
            registry=registry,
        )
        self._detection = Histogram(
            "steersman_drift_detection_seconds",
            "From the start of the reading that shows a drift until a pass found it.",
            ["kind"],
            buckets=DETECTION_BUCKETS,
            registry=registry,
        )
        self._repair = Histogram(
            "steersman_drift_repair_seconds",
            "From finding a drift until the resource was as asked again.",
            ["kind"],
            buckets=REPAIR_BUCKETS,
            registry=registry,
        )

    def prepare(self, kind: str) -> None:
        self._detection.labels(kind=kind)
        self._repair.labels(kind=kind)

    def reported(
        self,
        kind: Kind[Any, Any],
        before: Status | None,
        status: Status,
        drift: Drift,
        world: World,
        now: datetime,
    ) -> None:
        """What was never reported before is new, not drifted."""
        earlier = before.condition(DRIFTED) if before else None
        later = status.condition(DRIFTED)
        if earlier is None or later is None:
            return
        if later.holds and earlier.status == "False":
            self._found(kind, drift, world, now)
        elif earlier.holds and earlier.since and later.status == "False":
            self._repair.labels(kind=kind.name).observe((now - earlier.since).total_seconds())

    def _found(self, kind: Kind[Any, Any], drift: Drift, world: World, now: datetime) -> None:
        for each in {field_class(difference.path) for difference in drift.differences}:
            self._detected.labels(kind=kind.name, field_class=each).inc()
        reads = [at for source in kind.needs if (at := world.snapshot(source).observed_at)]
        if reads:
            self._detection.labels(kind=kind.name).observe((now - max(reads)).total_seconds())


def field_class(path: str) -> str:
    """The first word of a document's path: what follows may be a key that the document chose."""
    found = FIELD.match(path)
    return found[1] if found else "other"
