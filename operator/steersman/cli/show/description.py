"""Everything about one resource, block by block."""

from collections.abc import Iterator
from datetime import datetime

from steersman.cli.show.events import event_table
from steersman.cli.show.members import is_table, plain, table_of, tables
from steersman.cli.show.plain import yaml_text
from steersman.cli.show.resources import counts, state
from steersman.cli.show.terminal import Block, Table
from steersman.cli.show.times import clock
from steersman.model.views import JSON

CONDITIONS = ("CONDITION", "STATUS", "SINCE", "REASON", "MESSAGE")
WAITING = ("TARGET", "GATE", "UNTIL", "REASON", "MESSAGE")
UNTITLED = ("", "")
SHA_CHARACTERS = 12


def description(ref: str, resource: JSON, now: datetime) -> Iterator[Block]:
    status = resource["status"]
    yield Block(_title(ref, resource), Table(UNTITLED, list(_facts(resource))))
    yield Block("Conditions", _conditions(status, now))
    for name, rows in tables(status.get("summary", {})):
        yield Block(name.capitalize(), table_of(rows))
    yield Block("Waiting", _waiting(status, now))
    yield Block("Spec", Table(("",), [(line,) for line in _spec_lines(resource)]))
    yield Block("Events", event_table(resource["events"], now))


def _title(ref: str, resource: JSON) -> str:
    return f"{ref}  {counts(resource['status'].get('summary', {}))}  {state(resource)}"


def _facts(resource: JSON) -> Iterator[tuple[str, str]]:
    metadata, status = resource["metadata"], resource["status"]
    source = status.get("observedRevision")
    yield "uid", plain(metadata["uid"])
    if source:
        sha = source["sha256"][:SHA_CHARACTERS]
        yield "document", f"{source['store']} store, revision {source['revision']}, sha256 {sha}"
    for name in ("labels", "annotations"):
        if metadata[name]:
            yield name, plain(metadata[name])
    for name, value in status.get("summary", {}).items():
        if not is_table(value):
            yield name, plain(value)


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


def _spec_lines(resource: JSON) -> list[str]:
    return yaml_text(resource["spec"]).splitlines()


def _or_none(table: Table) -> Table:
    return table if table.rows else Table(("",), [("none",)])
