"""Members: the rows of a summary, as a table, and one of them alone."""

from collections.abc import Iterator
from typing import Any

from steersman.cli.show.terminal import Table
from steersman.cli.show.times import UNTOLD
from steersman.model.requests import named
from steersman.model.views import JSON


def tables(summary: JSON) -> Iterator[tuple[str, list[JSON]]]:
    """The tables within a summary: members of a pool, instances of a unit."""
    for name, value in summary.items():
        if is_table(value):
            yield name, value


def is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def table_of(rows: list[JSON]) -> Table:
    columns = tuple(rows[0])
    cells = [tuple(plain(row.get(column)) for column in columns) for row in rows]
    return Table(tuple(column.upper() for column in columns), cells)


def alone(resource: JSON, member: str) -> JSON | None:
    """The resource with what is told of this member only; None: there is no such member."""
    status = resource["status"]
    rows = {
        name: [row for row in several if named(member, row["name"])]
        for name, several in tables(status.get("summary", {}))
    }
    if not any(rows.values()):
        return None
    waiting = [
        each
        for each in status.get("waiting", ())
        if named(member, each["target"].rpartition(":")[2])
    ]
    return {**resource, "status": {**status, "summary": rows, "waiting": waiting}}


def told_of(status: JSON, member: str | None) -> bool:
    """Whether there is such a member, as far as anybody told: one that is asked for, one too many,
    or one that something waits for. None: the resource itself is meant."""
    return member is None or any(named(member, each) for each in names(status))


def names(status: JSON) -> Iterator[str]:
    """The members that a status tells of."""
    for rows in status.get("summary", {}).values():
        for row in rows if isinstance(rows, list) else ():
            yield str(row.get("name", "") if isinstance(row, dict) else row)
    for waiting in status.get("waiting", ()):
        yield waiting["target"].rpartition(":")[2].rpartition("/")[2]


def plain(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return UNTOLD
    if isinstance(value, dict):
        return ", ".join(f"{key}={each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
