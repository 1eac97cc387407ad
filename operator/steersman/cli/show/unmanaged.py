"""What is unmanaged, as a table, and as a line below what is managed."""

from collections import Counter
from collections.abc import Sequence

from steersman.cli.show.terminal import Table
from steersman.model.views import JSON

COLUMNS = ("KIND/NAME", "REASON", "MESSAGE")
NAMED_MAX = 5


def unmanaged_table(unmanaged: Sequence[JSON]) -> Table:
    return Table(
        COLUMNS, [(unmanaged_name(each), each["reason"], each["message"]) for each in unmanaged]
    )


def unmanaged_line(unmanaged: Sequence[JSON]) -> str:
    """The names of a few; how many of each sort there are of many."""
    if len(unmanaged) <= NAMED_MAX:
        told = (f"{unmanaged_name(each)} ({each['reason']})" for each in unmanaged)
        return f"unmanaged: {', '.join(told)}"
    sorts = Counter((each["kind"], each["reason"]) for each in unmanaged)
    told = (f"{count} {kind} ({reason})" for (kind, reason), count in sorts.items())
    return f"unmanaged: {', '.join(told)}; steersman get --unmanaged tells which"


def unmanaged_name(unmanaged: JSON) -> str:
    return f"{unmanaged['kind']}/{unmanaged['name']}"
