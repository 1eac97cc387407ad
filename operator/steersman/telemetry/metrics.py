"""Metrics, under the names that dashboards know: client-go's for the queue and the lease."""

from collections import Counter as Counting
from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from steersman import __version__
from steersman.model.resource import Key
from steersman.model.status import Status
from steersman.model.world import World
from steersman.telemetry.queue import QueueMetrics

SOURCES = ("home", "unit", "compute", "fleet", "keys", "elasticsearch")
CONDITION_STATES = ("True", "False", "Unknown")
CONDITION_SERIES_MAX = 10_000  # per-object series stop here; counts by kind go on
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """One registry for a daemon; a test makes its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.queue = QueueMetrics(self.registry)
        self._kinds: tuple[str, ...] = ()
        self._gauges()
        self._counters()

    def _gauges(self) -> None:
        at = self.registry
        info = Gauge("steersman_build_info", "1, with the version.", ["version"], registry=at)
        info.labels(version=__version__).set(1)
        self.leading = Gauge(
            "leader_election_master_status", "1 while this daemon leads.", ["name"], registry=at
        ).labels(name="steersman")
        self.blocked = Gauge(
            "steersman_actions_blocked", "Steps that a gate holds.", ["reason"], registry=at
        )
        self.condition = Gauge(
            "steersman_condition",
            "1 for the status that a condition has.",
            ["kind", "name", "type", "status"],
            registry=at,
        )
        self.drift = Gauge(
            "steersman_drift", "Resources that are not as asked.", ["kind"], registry=at
        )
        self.source_up = Gauge(
            "steersman_source_up", "1 while a source answers.", ["source"], registry=at
        )
        self.age = Gauge(
            "steersman_observation_age_seconds",
            "How old the snapshot of a source is.",
            ["source"],
            registry=at,
        )
        for source in SOURCES:
            self.source_up.labels(source=source).set(0)

    def _counters(self) -> None:
        at = self.registry
        self.reconciles = Counter(
            "steersman_reconcile", "Passes over a key.", ["controller", "result"], registry=at
        )
        self.reconcile_time = Histogram(
            "steersman_reconcile_time_seconds",
            "How long a pass took.",
            ["controller"],
            buckets=BUCKETS,
            registry=at,
        )
        self.actions = Counter(
            "steersman_actions", "Executed steps.", ["kind", "action", "result"], registry=at
        )
        self.backend_requests = Counter(
            "steersman_backend_requests",
            "Requests to the outside.",
            ["backend", "method", "code"],
            registry=at,
        )
        self.backend_time = Histogram(
            "steersman_backend_request_duration_seconds",
            "How long a request to the outside took.",
            ["backend"],
            buckets=BUCKETS,
            registry=at,
        )
        self.keepalives = Counter(
            "steersman_keepalives", "Beats of kept keys.", ["result"], registry=at
        )

    def prepare(self, kinds: Iterable[str]) -> None:
        """Start every series of these kinds at zero, so that a rate over it is right at once."""
        self._kinds = tuple(kinds)
        for kind in self._kinds:
            self.reconcile_time.labels(controller=kind)
            self.drift.labels(kind=kind)
            for result in ("success", "error"):
                self.reconciles.labels(controller=kind, result=result)

    def request(self, backend: str, method: str, code: str, seconds: float) -> None:
        """The hook that every client calls after each request."""
        self.backend_requests.labels(backend=backend, method=method, code=code).inc()
        self.backend_time.labels(backend=backend).observe(seconds)

    def show(self, world: World, now: datetime) -> None:
        """Set what is derived from the World; called when somebody scrapes."""
        for source in ("compute", "fleet", "keys", "elasticsearch"):
            age = world.snapshot(source).age(now)
            if age is not None:
                self.age.labels(source=source).set(age.total_seconds())
        in_force = {key: each for key, each in world.statuses.items() if key in world.resources}
        self._show_blocked(in_force)
        self._show_conditions(in_force)
        self._show_drift(in_force)

    def _show_blocked(self, statuses: Mapping[Key, Status]) -> None:
        self.blocked.clear()
        for status in statuses.values():
            for waiting in status.waiting:
                self.blocked.labels(reason=waiting.reason).inc()

    def _show_conditions(self, statuses: Mapping[Key, Status]) -> None:
        self.condition.clear()
        series = 0
        for key, status in sorted(statuses.items(), key=lambda each: each[0]):
            series += len(status.conditions) * len(CONDITION_STATES)
            if series <= CONDITION_SERIES_MAX:
                self._show_status(key.kind, key.name, status)

    def _show_drift(self, statuses: Mapping[Key, Status]) -> None:
        drifted = Counting(key.kind for key, each in statuses.items() if each.holds("Drifted"))
        for kind in self._kinds:
            self.drift.labels(kind=kind).set(drifted[kind])

    def _show_status(self, kind: str, name: str, status: Status) -> None:
        for each in status.conditions:
            for state in CONDITION_STATES:
                labels = {"kind": kind, "name": name, "type": each.type, "status": state}
                self.condition.labels(**labels).set(each.status == state)
