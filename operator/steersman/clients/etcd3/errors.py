"""Sorts what gRPC and etcd's v3 API raise into the errors of the model."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from steersman.clients.unreadable import unreadable
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError

# Every other code says that the member had no answer: UNAVAILABLE and DEADLINE_EXCEEDED in so many
# words, UNKNOWN where it has no code for what it met (one whose own deadline runs out before ours,
# or that is stopping), INTERNAL and CANCELLED where the connection broke under the call.
_REFUSALS = {
    grpc.StatusCode.PERMISSION_DENIED: ErrorClass.DENIED,
    grpc.StatusCode.UNAUTHENTICATED: ErrorClass.DENIED,
    grpc.StatusCode.INVALID_ARGUMENT: ErrorClass.INVALID,
    grpc.StatusCode.FAILED_PRECONDITION: ErrorClass.INVALID,
    grpc.StatusCode.UNIMPLEMENTED: ErrorClass.INVALID,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ErrorClass.INVALID,  # a request that is too large
    grpc.StatusCode.NOT_FOUND: ErrorClass.CONFLICT,  # a lease that ended before it was used
    grpc.StatusCode.OUT_OF_RANGE: ErrorClass.CONFLICT,  # compacted between two pages
}
# By its words, as an older etcd has no code for a token from before its roles were changed.
_TOKEN_REFUSED = (
    "invalid auth token",
    "revision in header is old",
    "revision of auth store is old",
)
# etcd uses one code for several things: only its words tell them apart.
_REFUSALS_BY_TEXT = (
    ("space exceeded", ErrorClass.QUOTA),
    ("too many requests", ErrorClass.THROTTLED),
    ("authentication", ErrorClass.DENIED),
    ("user name is empty", ErrorClass.DENIED),
    ("permission denied", ErrorClass.DENIED),
    *((words, ErrorClass.DENIED) for words in _TOKEN_REFUSED),
)
_TOO_LARGE = "message larger than max"  # gRPC's word


def refusal(text: str, default: ErrorClass) -> ErrorClass:
    """The class of a refusal by etcd's own words."""
    return next((kind for words, kind in _REFUSALS_BY_TEXT if words in text), default)


def token_refused(text: str) -> bool:
    """The server does not know our token, or no longer: another login may help."""
    return any(words in text for words in _TOKEN_REFUSED)


def too_large(error: OutsideError) -> bool:
    """The answer did not fit into a message: one to a smaller question may."""
    return _TOO_LARGE in error.message


@contextmanager
def translated(what: str, *, harmless: bool) -> Iterator[None]:
    """Raises errors of the model in place of gRPC's. `harmless`: nothing can have been applied."""
    unknown = False if harmless else None
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise _translate(error, what, unknown) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        # Nobody cancelled us: gRPC says so when the call or its channel was closed under us.
        message = f"{what}: connection closed"
        raise UnreachableError(message, applied=unknown) from error
    except DecodeError as error:
        message = f"{what}: a message that is not etcd's"
        raise unreadable(message, applied=unknown) from error
    except (grpc.aio.UsageError, asyncio.InvalidStateError) as error:
        message = f"{what}: {error}"
        raise UnreachableError(message, applied=unknown) from error


def _translate(error: grpc.aio.AioRpcError, what: str, unknown: bool | None) -> OutsideError:
    code, text = error.code(), error.details() or ""
    message = f"{what}: {text}"
    if code in _REFUSALS or token_refused(text):
        kind = refusal(text, _REFUSALS.get(code, ErrorClass.DENIED))
        return OutsideError(kind, code.name, message)
    return UnreachableError(message, code=code.name, applied=unknown)
