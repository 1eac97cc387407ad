"""Durations as people type them: 30s, 10m, 2h, 1d."""

import re
from datetime import timedelta

from steersman.model.document import DocumentError, Problem

DURATION_DAYS_MAX = 365_000  # times so far off can still be written
_DURATION = re.compile(r"(\d{1,9})([smhd])")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def duration(text: str) -> timedelta:
    """DocumentError: it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise DocumentError(Problem(f"{text!r} is no duration: expected 30s, 10m, 2h or 1d"))
    found = int(match[1]) * _UNITS[match[2]]
    if found > timedelta(days=DURATION_DAYS_MAX):
        raise DocumentError(Problem(f"{text!r} is longer than {DURATION_DAYS_MAX} days"))
    return found
