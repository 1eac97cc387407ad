"""Metrics of passes over a key, and of the steps that they execute."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from steersman.model.errors import ErrorClass, OutsideError, SteersmanError

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
EFFECT_BUCKETS = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
RESULTS = ("success", "error")
TIMEOUTS = frozenset({"timeout", "DEADLINE_EXCEEDED"})  # HTTP's word, and gRPC's
TERMINAL = frozenset({ErrorClass.INVALID, ErrorClass.DENIED})  # the same again fails again


class PassMetrics:
    """`controller` is a kind: there is one queue, and each key is passed over as its kind says."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(name, what, labels, registry=registry)

        self._passes = counter("steersman_reconcile", "Passes.", "controller", "result")
        self._errors = counter("steersman_reconcile_errors", "Passes that failed.", "controller")
        self._panics = counter(
            "steersman_reconcile_panics", "Passes that failed by a mistake of ours.", "controller"
        )
        self._timeouts = counter(
            "steersman_reconcile_timeouts",
            "Calls of a pass that were not answered in time.",
            "controller",
        )
        self._terminal = counter(
            "steersman_reconcile_terminal_errors",
            "Calls of a pass that were refused, and will be again.",
            "controller",
        )
        self._actions = counter("steersman_actions", "Executed steps.", "kind", "action", "result")
        self._seconds = Histogram(
            "steersman_reconcile_time_seconds",
            "How long a pass took.",
            ["controller"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._action_seconds = Histogram(
            "steersman_action_duration_seconds",
            "How long the call of a step took.",
            ["kind", "action"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._effect_seconds = Histogram(
            "steersman_action_effect_seconds",
            "From the answer to a step until its effect was seen.",
            ["kind", "action"],
            buckets=EFFECT_BUCKETS,
            registry=registry,
        )

    def prepare(self, kind: str) -> None:
        self._seconds.labels(controller=kind)
        for result in RESULTS:
            self._passes.labels(controller=kind, result=result)
        for each in (self._errors, self._panics, self._timeouts, self._terminal):
            each.labels(controller=kind)

    def ended(self, kind: str, seconds: float, error: Exception | None) -> None:
        """A pass over a key of that kind."""
        self._seconds.labels(controller=kind).observe(seconds)
        self._passes.labels(controller=kind, result="error" if error else "success").inc()
        if error is not None:
            self._errors.labels(controller=kind).inc()
            self._sort(kind, error)

    def executed(self, kind: str, action: str, seconds: float, error: OutsideError | None) -> None:
        """The call of a step."""
        self._action_seconds.labels(kind=kind, action=action).observe(seconds)
        result = "error" if error else "ok"
        self._actions.labels(kind=kind, action=action, result=result).inc()
        if error is not None:
            self._sort(kind, error)

    def seen(self, kind: str, action: str, seconds: float) -> None:
        """The effect of a step, so long after its answer."""
        self._effect_seconds.labels(kind=kind, action=action).observe(seconds)

    def _sort(self, kind: str, error: Exception) -> None:
        if not isinstance(error, SteersmanError):
            self._panics.labels(controller=kind).inc()
        elif isinstance(error, OutsideError) and error.code in TIMEOUTS:
            self._timeouts.labels(controller=kind).inc()
        elif isinstance(error, OutsideError) and error.kind in TERMINAL:
            self._terminal.labels(controller=kind).inc()
