"""The circuit breaker: what an outcome tells about the place where it came from. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from steersman.model.circuit import Breaker, Circuit, Failure
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.plan import Target

FAILURES_TO_OPEN = 3
WITHIN = timedelta(minutes=1)
TRANSIENT_OPEN = timedelta(seconds=30)
# A zone without room rarely has some sooner, nor does a project get more of what it used up.
FULL_OPEN = timedelta(minutes=5)

Circuits = Mapping[Circuit, Breaker]


def opened(circuits: Circuits) -> Circuits:
    """Those that hold steps, or let one at a time find out."""
    return {circuit: each for circuit, each in circuits.items() if each.until}


def resumed(recorded: Circuits, now: datetime) -> Circuits:
    """The circuits of a daemon that takes over. Whose clock ran ahead holds nobody for longer than
    it could itself."""
    latest = now + FULL_OPEN
    return {
        circuit: replace(each, until=min(each.until, latest))
        for circuit, each in recorded.items()
        if each.until
    }


def learn(
    circuits: Circuits, circuit: Circuit, target: Target, error: OutsideError | None, now: datetime
) -> Circuits:
    """The circuits after a step was done, or failed. An error that says nothing about the place
    (denied, invalid, conflict ...) changes nothing."""
    if error is None:
        return {at: each for at, each in circuits.items() if at != circuit}
    known = circuits.get(circuit, Breaker())
    if _full(error, circuit):
        return {**circuits, circuit: Breaker((), now + FULL_OPEN, error.code)}
    if error.kind is ErrorClass.TRANSIENT:
        return {**circuits, circuit: _failed(known, Failure(now, target), error.code)}
    return circuits


def _full(error: OutsideError, circuit: Circuit) -> bool:
    """Whether nobody gets anything there. What a quota refuses besides creations may be refused
    to one alone."""
    creates = bool(circuit.machine_type)
    return error.kind is ErrorClass.STOCKOUT or (error.kind is ErrorClass.QUOTA and creates)


def _failed(known: Breaker, failure: Failure, reason: str) -> Breaker:
    """Open once several targets fail in a row, and at once where it was being tried again. What
    fails alone tells nothing about the place, and is kept off by its own backoff, which soon is
    longer than a circuit stays open."""
    recent = (each for each in known.failures if failure.at - each.at < WITHIN)
    failures = (*recent, failure)[-FAILURES_TO_OPEN:]
    several = len({each.target for each in failures}) > 1
    opens = known.until is not None or (several and len(failures) == FAILURES_TO_OPEN)
    return Breaker(failures, failure.at + TRANSIENT_OPEN if opens else None, reason)
