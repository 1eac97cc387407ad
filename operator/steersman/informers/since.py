"""Since when something is as it is, by our own observation."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from steersman.model.ports import Clock

# The wall clock was set, if it is so far from where the other one has brought it: more than a
# slow read explains, which is dated when it begins and counted when it ends.
CLOCK_STEP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Fact:
    value: Hashable
    at: datetime
    monotonic: float  # seconds


class Since:
    """Remembers, of each thing, its value and when that was first seen. What is not asked for
    between two calls of `forget_others` is forgotten. When the wall clock is set, the times
    follow it: what was so for a minute still was."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: Mapping[Hashable, _Fact] = {}
        self._next: dict[Hashable, _Fact] = {}

    def of(self, thing: Hashable, value: Hashable, now: datetime) -> datetime:
        known = self._known.get(thing)
        if known is None or known.value != value:
            known = _Fact(value, now, self._clock.monotonic())
        fact = self._next[thing] = self._carried(known, now)
        return fact.at

    def forget_others(self) -> None:
        """A round is over: what was not seen in it counts anew when it comes back."""
        self._known, self._next = self._next, {}

    def _carried(self, fact: _Fact, now: datetime) -> _Fact:
        lasts = timedelta(seconds=self._clock.monotonic() - fact.monotonic)
        at = now - lasts
        return fact if abs(at - fact.at) < CLOCK_STEP else _Fact(fact.value, at, fact.monotonic)
