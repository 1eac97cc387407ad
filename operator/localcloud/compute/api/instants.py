"""Times as the API writes them: with an offset, which differs between summer and winter."""

import re
from datetime import UTC, datetime

_DATE_FIRST = re.compile(r"\d{4}-\d{2}-\d{2}([Tt ].*)?")


def instant(text: str) -> datetime | None:
    """None: it is no time. Without an offset it is that of Greenwich."""
    if not _DATE_FIRST.fullmatch(text):
        return None
    try:
        when = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def sortable(text: str) -> str:
    """As text in the order of time; what is no time comes first."""
    when = instant(text)
    return "" if when is None else f"{when.timestamp():020.3f}"
