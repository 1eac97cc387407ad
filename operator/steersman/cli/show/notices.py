"""Notices as lines: what holds more than one resource, and what waits for a person."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from steersman.cli.show.times import clock
from steersman.model.views import JSON

LINES_MAX = 6


def notice_lines(listing: JSON, now: datetime) -> Iterator[str]:
    """One each: of many, the first few and how many more there are."""
    lines = [_line(each, now) for each in listing["notices"]] + list(_approvals(listing["items"]))
    yield from lines[:LINES_MAX]
    if len(lines) > LINES_MAX:
        yield f"and {len(lines) - LINES_MAX} more such: steersman get -o json tells all"


def _line(notice: JSON, now: datetime) -> str:
    until = f", until {clock(notice['until'], now)}" if notice["until"] else ""
    return f"{notice['kind']}: {notice['message']}{until}"


def _approvals(resources: Iterable[JSON]) -> Iterator[str]:
    waiting = Counter(
        f"{each['kind']}/{each['metadata']['name']}"
        for each in resources
        for held in each["status"].get("waiting", ())
        if held["gate"] == "approval"
    )
    for ref, count in waiting.items():
        what = "a step waits" if count == 1 else f"{count} steps wait"
        yield f"approval: {what} for it at {ref} (steersman approve {ref})"
