"""Events as lines."""

from collections.abc import Iterable
from datetime import datetime

from steersman.cli.show.terminal import Table
from steersman.cli.show.times import UNTOLD, clock
from steersman.model.views import JSON

KEY_WIDTH = 28
COLUMNS = ("TIME", "TYPE", "KIND/NAME", "ACTION", "TARGET", "REASON", "MESSAGE")


def event_table(events: Iterable[JSON], now: datetime) -> Table:
    rows = [event_row(each, now) for each in events]
    return Table(COLUMNS, rows) if rows else Table(("",), [("none",)])


def event_row(event: JSON, now: datetime) -> tuple[str, ...]:
    return (
        clock(event["time"], now),
        event["type"],
        _name(event),
        event["action"] or UNTOLD,
        event["target"] or UNTOLD,
        event["reason"],
        _said(event),
    )


def event_line(event: JSON, now: datetime) -> str:
    """By itself: what comes later has no say in how wide it is."""
    step = " ".join(each for each in (event["action"], event["target"]) if each)
    told = f"{step} ({event['reason']}): " if step else f"{event['reason']}: "
    name = _name(event).ljust(KEY_WIDTH)
    return f"{clock(event['time'], now)}  {event['type']:<7}  {name}  {told}{_said(event)}"


def _name(event: JSON) -> str:
    return f"{event['kind']}/{event['name']}"


def _said(event: JSON) -> str:
    failed = event["outcome"] == "error"
    return f"failed: {event['message']}" if failed else str(event["message"])
