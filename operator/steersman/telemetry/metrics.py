"""Metrics, under the names that dashboards know: client-go's for the queue and the lease."""

from collections.abc import Iterable

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from steersman import __version__
from steersman.model.resource import Key
from steersman.telemetry.backends import BackendMetrics
from steersman.telemetry.drifts import DriftMetrics
from steersman.telemetry.passes import PassMetrics
from steersman.telemetry.queue import QueueMetrics
from steersman.telemetry.scrape import Sight, WorldCollector

BEATS = ("ok", "lost", "error")

log = structlog.get_logger()


class Metrics:
    """One registry for a daemon; a test makes its own."""

    def __init__(self) -> None:
        # each counter would get a second series, with the time of its start
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = at = CollectorRegistry()
        self.queue = QueueMetrics(at)
        self.passes = PassMetrics(at)
        self.drifts = DriftMetrics(at)
        self.backends = BackendMetrics(at)
        info = Gauge("steersman_build_info", "1, with the version.", ["version"], registry=at)
        info.labels(version=__version__).set(1)
        self.leading = Gauge(
            "leader_election_master_status", "1 while this daemon leads.", ["name"], registry=at
        ).labels(name="steersman")
        self.keepalives = Counter(
            "steersman_keepalives", "Beats of kept keys.", ["result"], registry=at
        )
        self._world = WorldCollector(self._untold)
        at.register(self._world)
        self._scrape_errors = Counter(
            "steersman_scrape_errors",
            "Resources whose own metrics could not be told, by a mistake of ours.",
            ["kind"],
            registry=at,
        )
        ProcessCollector(registry=at)
        PlatformCollector(registry=at)

    def prepare(self, kinds: Iterable[str], workers: int) -> None:
        """Start the series that are known before at zero, so that a rate over them is right at
        once."""
        self.queue.workers(workers)
        for kind in kinds:
            self.passes.prepare(kind)
            self.drifts.prepare(kind)
            self._scrape_errors.labels(kind=kind)
        for result in BEATS:
            self.keepalives.labels(result=result)

    def told(self, sight: Sight) -> bytes:
        """Everything, in Prometheus's text format."""
        self._world.sight = sight
        return generate_latest(self.registry)

    def _untold(self, key: Key, error: Exception) -> None:
        self._scrape_errors.labels(kind=key.kind).inc()
        log.warning("metrics cannot be told", key=str(key), exc_info=error)
