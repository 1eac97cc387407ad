"""The circuit breaker: what an outcome tells about the place where it came from. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from steersman.model.circuit import Breaker, Circuit, Failure
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.plan import Target

FAILURES_TO_OPEN = 3
WITHIN = timedelta(minutes=1)
TRANSIENT_OPEN = timedelta(seconds=30)
STOCKOUT_OPEN = timedelta(minutes=5)  # a zone without room rarely has some sooner

Circuits = Mapping[Circuit, Breaker]


def learn(
    circuits: Circuits, circuit: Circuit, target: Target, error: OutsideError | None, now: datetime
) -> Circuits:
    """The circuits after a step was done, or failed. An error that says nothing about the place
    (denied, invalid, conflict ...) changes nothing."""
    if error is None:
        return {at: each for at, each in circuits.items() if at != circuit}
    known = circuits.get(circuit, Breaker())
    if error.kind is ErrorClass.STOCKOUT:
        return {**circuits, circuit: Breaker((), now + STOCKOUT_OPEN, error.code)}
    if error.kind is ErrorClass.TRANSIENT:
        return {**circuits, circuit: _failed(known, Failure(now, target), error.code)}
    return circuits


def _failed(known: Breaker, failure: Failure, reason: str) -> Breaker:
    """Open once several targets fail in a row, and at once where it was being tried again. What
    fails alone is kept off by its own backoff."""
    recent = (each for each in known.failures if failure.at - each.at < WITHIN)
    failures = (*recent, failure)[-FAILURES_TO_OPEN:]
    several = len({each.target for each in failures}) > 1
    opens = known.until is not None or (several and len(failures) == FAILURES_TO_OPEN)
    return Breaker(failures, failure.at + TRANSIENT_OPEN if opens else None, reason)
