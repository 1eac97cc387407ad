"""How long a call that blocks may still take."""

import time

from steersman.model.errors import UnreachableError


def seconds_left(doing: str, deadline: float) -> float:
    """Until `deadline`, on the clock of `time.monotonic`. Nothing is sent when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        message = f"{doing}: too late to be sent"
        raise UnreachableError(message, code="timeout", applied=False)
    return left
