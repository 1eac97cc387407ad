"""What Compute Engine's errors mean, by their own words.

The HTTP status says little: 403 is a missing permission, a quota or a rate limit, and 503 is a
broken front end or a zone without room. The same words come at once or, later, in an operation.

A word that is not in the table is judged by the status that came with it: 4xx is invalid, for the
same request would be refused again; anything else, no status included, is transient.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from steersman.clients.unreadable import unreadable
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError

MESSAGE_CHARACTERS_MAX = 500
ABSENT = "notFound"
CREDENTIALS = "credentials"
ERROR_INFO = "google.rpc.ErrorInfo"
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")  # it ends up as the label of a metric
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
        ErrorClass.THROTTLED: (
            "rateLimitExceeded userRateLimitExceeded RATE_LIMIT_EXCEEDED "
            "CONCURRENT_OPERATIONS_QUOTA_EXCEEDED"
        ),
        ErrorClass.DENIED: (
            "forbidden accessNotConfigured SERVICE_DISABLED authError PERMISSIONS_ERROR"
        ),
        ErrorClass.CONFLICT: (
            "alreadyExists RESOURCE_ALREADY_EXISTS conditionNotMet CONDITION_NOT_MET "
            "resourceNotReady RESOURCE_NOT_READY resourceInUse RESOURCE_IN_USE "
            "resourceInUseByAnotherResource RESOURCE_IN_USE_BY_ANOTHER_RESOURCE"
        ),
        ErrorClass.INVALID: (
            "invalid required invalidUsage INVALID_FIELD_VALUE INVALID_USAGE RESOURCE_NOT_FOUND "
            "UNSUPPORTED_OPERATION"
        ),
        ErrorClass.TRANSIENT: "backendError internalError INTERNAL_ERROR",
    }.items()
    for code in codes.split()
}
BY_STATUS: Mapping[int, ErrorClass] = {
    401: ErrorClass.DENIED,
    403: ErrorClass.DENIED,
    408: ErrorClass.TRANSIENT,
    409: ErrorClass.CONFLICT,
    412: ErrorClass.CONFLICT,
    429: ErrorClass.THROTTLED,
}


def classify(code: str, status: int = 0) -> ErrorClass:
    """By the code where it is known, else by the HTTP status (0: there was none)."""
    ordinary = ErrorClass.INVALID if 400 <= status < 500 else ErrorClass.TRANSIENT
    return BY_CODE.get(code) or BY_STATUS.get(status, ordinary)


def telling(codes: Iterable[object], status: int) -> str:
    """The code that decides, where there are several: the first that is known, else the first,
    else the status."""
    said = [code for code in codes if isinstance(code, str) and WORD.fullmatch(code)]
    first = said[0] if said else str(status)
    return next((code for code in said if code in BY_CODE), first)


def shown(message: str) -> str:
    """A message fit for logs: on one line, of bounded length, without metadata values and without
    halves of characters, which cannot be written anywhere."""
    whole = message.encode(errors="replace").decode()
    clean = METADATA_VALUE.sub(r"\1: (not shown)", whole)
    return " ".join(clean.split())[:MESSAGE_CHARACTERS_MAX]


def refusal(status: int, body: bytes, doing: str, *, write: bool) -> OutsideError:
    """What an answer means that is not a success. It need not come from the API itself."""
    said = _said(body)
    code = telling(_reasons(said), status)
    kind = classify(code, status)
    message = said.get("message") or f"HTTP {status}"
    unknown = write and kind is ErrorClass.TRANSIENT
    return OutsideError(
        kind, code, f"{doing}: {shown(str(message))}", applied=None if unknown else False
    )


def raised(error: Exception, doing: str, *, write: bool) -> OutsideError:
    """What an exception of the client library means, or of what it is made of."""
    # loaded by whoever raised `error`; loading them with this module would slow down every command
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from requests import RequestException
    from urllib3.exceptions import HTTPError

    match error:
        case GoogleAPICallError(response=response) if response is not None:
            return refusal(response.status_code, response.content, doing, write=write)
        case GoogleAuthError():
            return _unauthorized(error, doing)
        case RequestException() | HTTPError():
            return _unanswered(error, doing, write=write)
    # the library trips in many ways over an answer of a shape that it does not expect
    message = f"{doing}: {type(error).__name__}: {shown(str(error))}"
    return unreadable(message, applied=None if write else False)


def _said(body: bytes) -> Mapping[str, Any]:
    """The `error` of an error's body; empty where it has none that can be read."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    error = payload.get("error") if isinstance(payload, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> Iterator[object]:
    """The details come first: they say more, and are not always there."""
    for detail in _objects(error.get("details")):
        if str(detail.get("@type")).endswith(ERROR_INFO):
            yield detail.get("reason")
    for entry in _objects(error.get("errors")):
        yield entry.get("reason")


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _unauthorized(error: Any, doing: str) -> OutsideError:
    """No token, so nothing was sent; or the API did not accept it. A token server that does not
    answer is met again; what it refuses is refused."""
    from google.auth.exceptions import TransportError

    unreached = isinstance(error, TransportError) or isinstance(error.__cause__, TransportError)
    kind = ErrorClass.TRANSIENT if error.retryable or unreached else ErrorClass.DENIED
    said = error.args[0] if error.args else type(error).__name__  # the rest may hold a token
    return OutsideError(kind, CREDENTIALS, f"{doing}: {shown(str(said))}")


def _unanswered(error: Any, doing: str, *, write: bool) -> OutsideError:
    code, sent = _failure(error)
    message = f"{doing}: {type(error).__name__}: {shown(str(error))}"
    return UnreachableError(message, code=code, applied=None if write and sent else False)


def _failure(error: Any) -> tuple[str, bool]:
    """Its code, and whether anything may have been sent before."""
    from requests.exceptions import ConnectTimeout, SSLError, Timeout
    from urllib3.exceptions import NewConnectionError, ReadTimeoutError

    if isinstance(error, Timeout | ReadTimeoutError):
        return "timeout", not isinstance(error, ConnectTimeout)
    if isinstance(error, SSLError):
        return "tls", True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    refused = isinstance(cause, NewConnectionError)
    return ("refused", False) if refused else ("broken", True)
