"""Virtual time: an event loop whose clock jumps to the next timer instead of waiting for it.

Hours pass in milliseconds, and twice alike. Threads and sockets are not for this loop: it never
waits for them.
"""

import asyncio
import functools
import math
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

START = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
LIMIT_SECONDS = 24 * 3600.0

_P = ParamSpec("_P")
_T = TypeVar("_T")


class VirtualTimeError(AssertionError):
    """What runs waits for something that can never come, or for longer than it may."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """`limit_seconds` is how far its clock may get."""

    def __init__(self, limit_seconds: float = math.inf) -> None:
        self._now = 0.0
        self._limit_seconds = limit_seconds
        super().__init__(_JumpingSelector(self._jump))

    def time(self) -> float:
        return self._now

    def _jump(self, seconds: float | None) -> None:
        """Everybody waits: go to the next timer."""
        if seconds is None:
            self._give_up("nothing is scheduled, so nothing can ever happen")
        elif self._now + seconds > self._limit_seconds:
            self._give_up(f"not over after {self._limit_seconds:g} virtual seconds")
        else:
            self._now += seconds

    def _give_up(self, why: str) -> None:
        self._limit_seconds = math.inf  # whatever is cancelled now may still take its time
        waiting = ", ".join(sorted(task.get_name() for task in asyncio.all_tasks(self)))
        msg = f"{why}; these tasks wait: {waiting}"
        raise VirtualTimeError(msg)


class _JumpingSelector(selectors.SelectSelector):
    """Never blocks: tells `jump` for how long the loop would have waited."""

    def __init__(self, jump: Callable[[float | None], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout > 0:
            self._jump(timeout)
        return []


class LoopClock:
    """The port Clock on a loop's time, which begins at `start`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime = START) -> None:
        self._loop, self._start = loop, start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()


def run_virtual(coroutine: Coroutine[Any, Any, _T], *, limit_seconds: float = LIMIT_SECONDS) -> _T:
    """Run to the end on a loop of its own. VirtualTimeError: it can or may not end."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(limit_seconds)) as runner:
        return runner.run(coroutine)


def virtual(test: Callable[_P, Coroutine[Any, Any, None]]) -> Callable[_P, None]:
    """A test that runs in virtual time."""

    @functools.wraps(test)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        run_virtual(test(*args, **kwargs))

    return run
