"""What no client can read, in the words of the model."""

import re
from typing import TypeGuard

from steersman.model.errors import ErrorClass, OutsideError

UNREADABLE = "unreadable"  # the code of an answer that is not what the API speaks
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def unreadable(message: str, *, applied: bool | None = False) -> OutsideError:
    """Something answers, but not the API: a proxy, a half-written reply, another program."""
    return OutsideError(ErrorClass.TRANSIENT, UNREADABLE, message, applied=applied)


def is_text(value: object) -> TypeGuard[str]:
    """Text that can be sent on: JSON can spell half a character, and nobody can encode it."""
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)
