"""Restarts are rationed: each one waits longer than the one before, and their number is bounded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from steersman.kinds.unit.spec import Restart


@dataclass(frozen=True, slots=True)
class Turn:
    """The next restart of an instance: when, and the how-manieth of the window it is.
    `at` None: never, by the document's own word."""

    at: datetime | None
    number: int
    exhausted: bool = False


def next_turn(policy: Restart, past: Iterable[datetime], since: datetime, now: datetime) -> Turn:
    """`past` are the times of the instance's restarts, `since` is when it went down."""
    window = timedelta(seconds=policy.window_seconds)
    recent = sorted(at for at in past if now - at < window)
    done = len(recent)
    if done >= policy.max_restarts:
        allowed = policy.max_restarts
        frees = recent[done - allowed] + window if allowed else None
        return Turn(frees, done, exhausted=True)
    delay = min(policy.backoff_seconds * 2**done, policy.backoff_max_seconds)
    return Turn(since + timedelta(seconds=delay), done + 1)
