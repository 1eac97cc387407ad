"""How every client tells, call by call, what was asked and what came of it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from steersman.model.errors import OutsideError

# (backend, method, code, seconds): a code is an HTTP status or the word of an error
Observe: TypeAlias = Callable[[str, str, str, float], None]


def unobserved(backend: str, method: str, code: str, seconds: float) -> None:
    """For callers that count nothing."""


@dataclass(slots=True)
class Call:
    """One call in progress; whoever makes it sets the code."""

    code: str = "cancelled"


@contextmanager
def measured(observe: Observe, backend: str, method: str) -> Iterator[Call]:
    """Reports the call when the block ends, however it ends."""
    call = Call()
    started = time.monotonic()
    try:
        yield call
    except OutsideError as error:
        call.code = error.code
        raise
    finally:
        observe(backend, method, call.code, time.monotonic() - started)
