"""The local cloud's own time: epoch seconds that may run faster than the wall clock."""

import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """What a model may ask about time; a test or a simulation brings its own."""

    def now(self) -> float:
        """Seconds since the epoch, on the local cloud's clock."""
        ...


class ScaledClock:
    """Runs `speed` times as fast as the wall clock, starting at the wall clock's time."""

    def __init__(self, speed: float = 1.0, source: Callable[[], float] = time.time) -> None:
        self.speed = speed
        self._source = source
        self._start = source()

    def now(self) -> float:
        return self._start + (self._source() - self._start) * self.speed


class ManualClock:
    """Stands still until it is told to move."""

    def __init__(self, start: float = 1_400_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds
