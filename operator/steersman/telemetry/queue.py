"""Metrics of the workqueue, under client-go's names."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

NAME = "reconcile"
BUCKETS = (0.00001, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0)


class QueueMetrics:
    """Told by the queue of each key, and by who scrapes of those that wait or are worked on."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, what: str) -> Gauge:
            return Gauge(name, what, ["name"], registry=registry).labels(name=NAME)

        def counter(name: str, what: str) -> Counter:
            return Counter(name, what, ["name"], registry=registry).labels(name=NAME)

        def histogram(name: str, what: str) -> Histogram:
            made = Histogram(name, what, ["name"], buckets=BUCKETS, registry=registry)
            return made.labels(name=NAME)

        self._workers = Gauge(
            "steersman_max_concurrent_reconciles", "Workers that there are.", registry=registry
        )
        self._busy = Gauge(
            "steersman_active_workers", "Workers that have a key.", registry=registry
        )
        self.retries = counter("workqueue_retries", "Keys that came back after a failure.")
        self._depth = gauge("workqueue_depth", "Keys that wait for a worker.")
        self._adds = counter("workqueue_adds", "Keys that began to wait for a worker.")
        self._waited = histogram(
            "workqueue_queue_duration_seconds", "How long keys waited for a worker."
        )
        self._worked = histogram("workqueue_work_duration_seconds", "How long a worker had a key.")
        self._unfinished = gauge(
            "workqueue_unfinished_work_seconds", "How long workers have had their keys, summed."
        )
        self._longest = gauge(
            "workqueue_longest_running_processor_seconds",
            "How long the slowest worker has had its key.",
        )

    def added(self) -> None:
        self._adds.inc()

    def taken(self, waited_seconds: float) -> None:
        self._waited.observe(waited_seconds)

    def done(self, worked_seconds: float) -> None:
        self._worked.observe(worked_seconds)

    def workers(self, count: int) -> None:
        self._workers.set(count)

    def show(self, depth: int, working_seconds: Iterable[float]) -> None:
        """Set what changes by itself; called when somebody scrapes."""
        ages = tuple(working_seconds)
        self._depth.set(depth)
        self._busy.set(len(ages))
        self._unfinished.set(sum(ages))
        self._longest.set(max(ages, default=0.0))
