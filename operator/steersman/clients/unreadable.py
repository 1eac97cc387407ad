"""What no client can read, in the words of the model."""

from steersman.model.errors import ErrorClass, OutsideError

UNREADABLE = "unreadable"  # the code of an answer that is not what the API speaks


def unreadable(message: str, *, applied: bool | None = False) -> OutsideError:
    """Something answers, but not the API: a proxy, a half-written reply, another program."""
    return OutsideError(ErrorClass.TRANSIENT, UNREADABLE, message, applied=applied)
