"""How every client tells, call by call, what was asked and what came of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from steersman.model.errors import ErrorClass, FencedError, OutsideError

# (backend, method, code, seconds, throttled): a code is an HTTP status or the word of an error
Observe: TypeAlias = Callable[[str, str, str, float, bool], None]

# why a watch that its client keeps up itself had to begin anew
Restarted: TypeAlias = Callable[[str], None]

TOO_MANY_REQUESTS = "429"


def unobserved(backend: str, method: str, code: str, seconds: float, throttled: bool) -> None:
    """For callers that count nothing."""


def unnoticed(reason: str) -> None:
    """For callers that do not care."""


@dataclass(slots=True)
class Call:
    """One call in progress; whoever makes it sets the code."""

    code: str = "cancelled"
    throttled: bool = False


@contextmanager
def measured(observe: Observe, backend: str, method: str) -> Iterator[Call]:
    """Reports the call when the block ends, however it ends."""
    call = Call()
    started = time.monotonic()
    try:
        yield call
    except OutsideError as error:
        call.code, call.throttled = error.code, error.kind is ErrorClass.THROTTLED
        raise
    except FencedError:
        call.code = "fenced"
        raise
    finally:
        throttled = call.throttled or call.code == TOO_MANY_REQUESTS
        observe(backend, method, call.code, time.monotonic() - started, throttled)
