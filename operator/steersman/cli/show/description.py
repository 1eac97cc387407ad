"""Everything about one resource, block by block."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from steersman.cli.show.events import event_table
from steersman.cli.show.plain import yaml_text
from steersman.cli.show.resources import counts, state
from steersman.cli.show.terminal import Block, Table
from steersman.cli.show.times import UNTOLD, clock
from steersman.model.views import JSON

CONDITIONS = ("CONDITION", "STATUS", "SINCE", "REASON", "MESSAGE")
WAITING = ("TARGET", "GATE", "UNTIL", "REASON", "MESSAGE")
UNTITLED = ("", "")
SHA_CHARACTERS = 12


def description(resource: JSON, now: datetime) -> Iterator[Block]:
    status = resource["status"]
    yield Block(_title(resource), Table(UNTITLED, list(_facts(resource))))
    yield Block("Conditions", _conditions(status, now))
    for name, rows in _members(status.get("summary", {})):
        yield Block(name.capitalize(), _table_of(rows))
    yield Block("Waiting", _waiting(status, now))
    yield Block("Spec", Table(("",), [(line,) for line in _spec_lines(resource)]))
    yield Block("Events", event_table(resource["events"], now))


def _title(resource: JSON) -> str:
    ready = counts(resource["status"].get("summary", {}))
    return f"{resource['kind']}/{resource['metadata']['name']}  {ready}  {state(resource)}"


def _facts(resource: JSON) -> Iterator[tuple[str, str]]:
    metadata, status = resource["metadata"], resource["status"]
    source = status.get("observedRevision")
    yield "uid", _plain(metadata["uid"])
    if source:
        sha = source["sha256"][:SHA_CHARACTERS]
        yield "document", f"{source['store']} store, revision {source['revision']}, sha256 {sha}"
    for name in ("labels", "annotations"):
        if metadata[name]:
            yield name, _plain(metadata[name])
    for name, value in status.get("summary", {}).items():
        if not _is_table(value):
            yield name, _plain(value)


def _conditions(status: JSON, now: datetime) -> Table:
    rows = [
        (
            each["type"],
            each["status"],
            clock(each["lastTransitionTime"], now),
            each["reason"],
            each["message"],
        )
        for each in status.get("conditions", ())
    ]
    return _or_none(Table(CONDITIONS, rows))


def _waiting(status: JSON, now: datetime) -> Table:
    rows = [
        (
            each["target"],
            each["gate"],
            clock(each["until"], now),
            each["reason"],
            each["message"],
        )
        for each in status.get("waiting", ())
    ]
    return _or_none(Table(WAITING, rows))


def _members(summary: JSON) -> Iterator[tuple[str, list[JSON]]]:
    """The tables within a summary: members of a pool, instances of a unit."""
    for name, value in summary.items():
        if _is_table(value):
            yield name, value


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _table_of(rows: list[JSON]) -> Table:
    columns = tuple(rows[0])
    cells = [tuple(_plain(row.get(column)) for column in columns) for row in rows]
    return Table(tuple(column.upper() for column in columns), cells)


def _spec_lines(resource: JSON) -> list[str]:
    return yaml_text(resource["spec"]).splitlines()


def _plain(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return UNTOLD
    if isinstance(value, dict):
        return ", ".join(f"{key}={each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _or_none(table: Table) -> Table:
    return table if table.rows else Table(("",), [("none",)])
