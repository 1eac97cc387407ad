"""What Compute Engine's errors mean, by their own words.

The HTTP status says little: 403 is a missing permission, a quota or a rate limit, and 503 is a
broken front end or a zone without room. The same words come at once or, later, in an operation.
"""

import re
from collections.abc import Mapping
from typing import Any

from steersman.clients.http import unreadable
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError

MESSAGE_CHARACTERS_MAX = 500
ABSENT = "notFound"
# the API quotes a wrong value, and that of a metadata item may be a secret
METADATA_VALUE = re.compile(r"('resource\.metadata[^']*'): '.*'", re.DOTALL)

BY_CODE: Mapping[str, ErrorClass] = {
    code: kind
    for kind, codes in {
        ErrorClass.STOCKOUT: (
            "ZONE_RESOURCE_POOL_EXHAUSTED ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS "
            "RESOURCE_POOL_EXHAUSTED STOCKOUT"
        ),
        ErrorClass.QUOTA: "QUOTA_EXCEEDED quotaExceeded",
        ErrorClass.THROTTLED: "rateLimitExceeded userRateLimitExceeded RATE_LIMIT_EXCEEDED",
        ErrorClass.DENIED: "forbidden accessNotConfigured authError PERMISSIONS_ERROR",
        ErrorClass.CONFLICT: (
            "alreadyExists RESOURCE_ALREADY_EXISTS conditionNotMet CONDITION_NOT_MET "
            "resourceNotReady RESOURCE_NOT_READY resourceInUse RESOURCE_IN_USE "
            "resourceInUseByAnotherResource RESOURCE_IN_USE_BY_ANOTHER_RESOURCE"
        ),
        ErrorClass.INVALID: (
            "invalid required INVALID_FIELD_VALUE INVALID_USAGE RESOURCE_NOT_FOUND "
            "UNSUPPORTED_OPERATION"
        ),
    }.items()
    for code in codes.split()
}
BY_STATUS: Mapping[int, ErrorClass] = {
    401: ErrorClass.DENIED,
    403: ErrorClass.DENIED,
    409: ErrorClass.CONFLICT,
    412: ErrorClass.CONFLICT,
    429: ErrorClass.THROTTLED,
}


def classify(code: str, status: int = 0) -> ErrorClass:
    """By the code where it is known, else by the HTTP status (0: there was none)."""
    ordinary = ErrorClass.INVALID if 400 <= status < 500 else ErrorClass.TRANSIENT
    return BY_CODE.get(code) or BY_STATUS.get(status, ordinary)


def operation_error(code: str, message: str) -> OutsideError:
    """Why an operation that is done did not do what it was for."""
    status = int(code) if code.isdecimal() else 0
    return OutsideError(classify(code, status), code, shown(message))


def shown(message: str) -> str:
    """A message fit for logs: on one line, of bounded length, without metadata values."""
    clean = METADATA_VALUE.sub(r"\1: (not shown)", message)
    return " ".join(clean.split())[:MESSAGE_CHARACTERS_MAX]


def reason(error: Any) -> str:
    """The API's own word for a GoogleAPICallError, or its HTTP status when it gave none."""
    for entry in error.errors:
        if isinstance(entry, dict) and entry.get("reason"):
            return str(entry["reason"])
    return str(int(error.code or 0))


def outside_error(error: Exception, doing: str, *, write: bool) -> OutsideError | None:
    """What the client library's exception means; None: it is none of the library's."""
    # loaded by whoever raised `error`; loading them with this module would slow down every command
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from google.protobuf.json_format import ParseError
    from requests import RequestException, Timeout

    match error:
        case GoogleAPICallError():
            return _refused(error, doing, write=write)
        case GoogleAuthError():
            return _unauthorized(error, doing)
        case RequestException():
            code = "timeout" if isinstance(error, Timeout) else "unreachable"
            applied = None if write else False
            return UnreachableError(_message(doing, error), code=code, applied=applied)
        case ParseError():
            return unreadable(_message(doing, error), applied=None if write else False)
    return None


def _refused(error: Any, doing: str, *, write: bool) -> OutsideError:
    code = reason(error)
    kind = classify(code, int(error.code or 0))
    unknown = write and kind is ErrorClass.TRANSIENT
    return OutsideError(kind, code, _message(doing, error), applied=None if unknown else False)


def _unauthorized(error: Any, doing: str) -> OutsideError:
    """No token, so nothing was sent, or the API did not accept it."""
    from google.auth.exceptions import TransportError

    passing = error.retryable or isinstance(error, TransportError)
    kind = ErrorClass.TRANSIENT if passing else ErrorClass.DENIED
    return OutsideError(kind, "credentials", _message(doing, error))


def _message(doing: str, error: Exception) -> str:
    return f"{doing}: {shown(str(error))}"
