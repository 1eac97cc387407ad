"""Metrics of the outside as the clients meet it: requests, throttling, watches."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class BackendMetrics:
    """Told by every client of each request, and by the stores how their watches go on. Methods,
    codes and prefixes are words of our own or of a wire protocol, so there are few of them."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "steersman_backend_requests",
            "Requests to the outside.",
            ["backend", "method", "code"],
            registry=registry,
        )
        self._seconds = Histogram(
            "steersman_backend_request_duration_seconds",
            "How long a request to the outside took.",
            ["backend"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._throttled = Counter(
            "steersman_backend_throttled",
            "Requests that were refused because there were too many.",
            ["backend"],
            registry=registry,
        )
        self._progress = Gauge(
            "steersman_watch_last_progress_timestamp_seconds",
            "When a watch was last heard of.",
            ["source", "prefix"],
            registry=registry,
        )
        self._revision = Gauge(
            "steersman_store_revision",
            "The revision up to which a watch has told everything.",
            ["source", "prefix"],
            registry=registry,
        )
        self._restarts = Counter(
            "steersman_watch_restarts",
            "Watches that had to begin anew.",
            ["source", "reason"],
            registry=registry,
        )

    def request(
        self, backend: str, method: str, code: str, seconds: float, throttled: bool
    ) -> None:
        self._requests.labels(backend=backend, method=method, code=code).inc()
        self._seconds.labels(backend=backend).observe(seconds)
        self._throttled.labels(backend=backend).inc(throttled)

    def watched(self, source: str, prefix: str, revision: int, at: float) -> None:
        """A watch is alive at that time (epoch seconds), and has told everything so far."""
        self._progress.labels(source=source, prefix=prefix).set(at)
        self._revision.labels(source=source, prefix=prefix).set(revision)

    def rewatched(self, source: str, reason: str) -> None:
        """A watch broke, and begins anew."""
        self._restarts.labels(source=source, reason=reason).inc()
