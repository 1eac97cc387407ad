"""What parameters of a query mean: yes or no, and times."""

import re
from collections.abc import Mapping

from localcloud.elasticsearch.api.errors import ApiError, illegal, no_number
from localcloud.elasticsearch.version import Version

WAIT_SECONDS_DEFAULT = 30.0
WAIT_SECONDS_MAX = 120.0

_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_TIME_UNITS_SECONDS = {None: 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def true(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "false") not in {"false", "0", "no", "off"}


def seconds(text: str | None, name: str, version: Version) -> float:
    """`30s` or `500ms`; 1.x takes a bare number for milliseconds."""
    if text is None:
        return WAIT_SECONDS_DEFAULT
    match = _TIME.fullmatch(text)
    if match is None or (version.modern and not match[2] and text != "0"):
        raise _bad_time(text, name, version)
    return min(float(match[1]) * _TIME_UNITS_SECONDS[match[2]], WAIT_SECONDS_MAX)


def _bad_time(text: str, name: str, version: Version) -> ApiError:
    if not version.modern:
        return ApiError(400, "parse_exception", f"Failed to parse [{text}]", cause=no_number(text))
    reason = (
        f"failed to parse setting [{name}] with value [{text}] as a time value:"
        " unit is missing or unrecognized"
    )
    return illegal(reason)
