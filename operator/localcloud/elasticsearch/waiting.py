"""What the wait_for_... parameters of /_cluster/health ask for."""

import re
from collections.abc import Callable, Mapping
from typing import Any

WAIT_SECONDS_DEFAULT = 30.0
WAIT_SECONDS_MAX = 120.0

_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_TIME_UNITS_SECONDS = {None: 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_COUNT = re.compile(r"(>=|<=|>|<|ge|le|gt|lt)?\(?(\d+)\)?")
_COMPARISONS: Mapping[str | None, Callable[[int, int], bool]] = {
    None: lambda have, want: have == want,
    ">=": lambda have, want: have >= want,
    "ge": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
    "le": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    "gt": lambda have, want: have > want,
    "<": lambda have, want: have < want,
    "lt": lambda have, want: have < want,
}
_STATUS_ORDER = ("red", "yellow", "green")


class BadParameterError(ValueError):
    """A parameter that 1.x answers with 400."""


def seconds(text: str | None) -> float:
    """`30s`, `500ms`, or a bare number of milliseconds."""
    if text is None:
        return WAIT_SECONDS_DEFAULT
    match = _TIME.fullmatch(text)
    if match is None:
        message = f"Failed to parse [{text}]"
        raise BadParameterError(message)
    return min(float(match[1]) * _TIME_UNITS_SECONDS[match[2]], WAIT_SECONDS_MAX)


def met(health: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    """No shard ever moves here, so only status, nodes and active shards can be waited for."""
    return (
        _status_met(health["status"], query.get("wait_for_status"))
        and _count_met(health["number_of_nodes"], query.get("wait_for_nodes"))
        and health["active_shards"] >= _active_shards(query.get("wait_for_active_shards"))
    )


def _status_met(status: str, wanted: str | None) -> bool:
    if wanted is None:
        return True
    if wanted not in _STATUS_ORDER:
        message = f"unknown cluster health status [{wanted}]"
        raise BadParameterError(message)
    return _STATUS_ORDER.index(status) >= _STATUS_ORDER.index(wanted)


def _count_met(have: int, wanted: str | None) -> bool:
    if wanted is None:
        return True
    match = _COUNT.fullmatch(wanted)
    if match is None:
        message = f"Failed to parse [{wanted}]"
        raise BadParameterError(message)
    return _COMPARISONS[match[1]](have, int(match[2]))


def _active_shards(wanted: str | None) -> int:
    if wanted is not None and not wanted.isdigit():
        message = f"Failed to parse [{wanted}]"
        raise BadParameterError(message)
    return int(wanted or 0)
