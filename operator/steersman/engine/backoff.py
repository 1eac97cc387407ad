"""Backoff: how long to leave something alone after it failed. Pure: the draw comes in."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.memory import Backoff

FAILURES_MAX = 16  # more do not lengthen the delay: 2 ** 16 times the base is above every cap
PASS_BASE_SECONDS = 1.0
PASS_CAP_SECONDS = 60.0
KEPT = timedelta(days=1)  # after its time; targets come and go, and memory is no place for all

# class -> (seconds after the first failure, at most)
SCHEDULE = {
    ErrorClass.TRANSIENT: (1.0, 60.0),
    ErrorClass.THROTTLED: (15.0, 120.0),
    ErrorClass.STOCKOUT: (5.0, 300.0),
    ErrorClass.QUOTA: (60.0, 600.0),
    ErrorClass.DENIED: (30.0, 300.0),
    ErrorClass.INVALID: (60.0, 600.0),
    ErrorClass.CONFLICT: (1.0, 60.0),
}

Throttled = Mapping[str, Backoff]  # the systems that have asked for fewer calls


def delay(failures: int, base: float, cap: float, draw: float) -> float:
    """Seconds to wait after the given number of failures in a row, at least half of `base`.

    Full jitter: `draw`, from 0 up to 1, picks a point below the doubled delay, so that what
    failed together does not come back together.
    """
    doubled = min(cap, base * 2.0 ** min(failures - 1, FAILURES_MAX))
    return max(base / 2, draw * doubled)


def after_error(before: Backoff | None, error: OutsideError, now: datetime, draw: float) -> Backoff:
    """The backoff of a target whose step has just failed."""
    failures = (before.failures if before else 0) + 1
    base, cap = SCHEDULE[error.kind]
    seconds = delay(failures, base, cap, draw)
    until, outdated = now + timedelta(seconds=seconds), error.kind is ErrorClass.CONFLICT
    return Backoff(failures, until, error.code, now, outdated)


def lately(known: Mapping[str, Backoff], now: datetime) -> Mapping[str, Backoff]:
    """Without those whose time was over long ago."""
    return {at: each for at, each in known.items() if now - each.until < KEPT}


def refused(
    throttled: Throttled, system: str, error: OutsideError, now: datetime, draw: float
) -> Throttled:
    """After a system refused a call. What was under way when it asked for fewer, and is refused for
    it, too, tells nothing new."""
    before = throttled.get(system)
    known = before is not None and now < before.until
    if known or error.kind is not ErrorClass.THROTTLED:
        return throttled
    return {**throttled, system: after_error(before, error, now, draw)}


def taken(throttled: Throttled, system: str, now: datetime) -> Throttled:
    """After a system took a call: one that was sent once the time to wait was over ends it."""
    before = throttled.get(system)
    if before is None or now < before.until:
        return throttled
    return {at: each for at, each in throttled.items() if at != system}
