"""Resources as a table: one line each, with what there is to know at a glance."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from steersman.cli.given import Output
from steersman.cli.show.escaping import short
from steersman.cli.show.terminal import Table
from steersman.cli.show.times import UNTOLD, age, clock, span
from steersman.cli.show.unmanaged import unmanaged_line
from steersman.engine.decide import PAUSED
from steersman.model.teardown import DELETED
from steersman.model.views import JSON

COLUMNS = ("KIND/NAME", "READY", "DRIFT", "STATE", "AGE", "MESSAGE")
WIDE_COLUMNS = (*COLUMNS[:-1], "STORE", "REVISION", "UID", COLUMNS[-1])
DONE = ("ready", "active", "registered")  # in a summary: how many are as asked
KEY_CHARACTERS_MAX = 48  # of what is no name of ours, and may be anything
ASKED = ("desired", "expected")  # and of how many


def header(leader: JSON | None, ages: Mapping[str, float], now: datetime) -> str:
    lead = f"{leader['identity']} ({age(leader['since'], now)})" if leader else "nobody"
    observed = ", ".join(f"{name} {span(seconds)}" for name, seconds in ages.items())
    return f"leader {lead}" + (f"   observed: {observed}" if observed else "")


def resource_table(listing: JSON, output: Output, now: datetime) -> Table:
    wide = output is Output.WIDE
    rows = [_row(each, now, wide=wide) for each in listing["items"]]
    rows += [_rejected_row(each, wide=wide) for each in listing["rejected"]]
    return Table(WIDE_COLUMNS if wide else COLUMNS, rows)


def footer(listing: JSON) -> Iterator[str]:
    if not listing["items"] and not listing["rejected"]:
        yield "no documents"
    unmanaged: list[JSON] = listing["unmanaged"]
    if unmanaged:
        yield unmanaged_line(unmanaged)


def condition(resource: JSON, type_: str) -> JSON:
    """Empty when it was not told yet."""
    conditions = resource["status"].get("conditions", ())
    return next((each for each in conditions if each["type"] == type_), {})


def pause(resource: JSON) -> JSON:
    """The condition that tells of the pause of the whole, or of members; empty: there is none."""
    found = condition(resource, "Paused")
    return found if found.get("status") == "True" else {}


def state(resource: JSON) -> str:
    """Ready, or whose turn it is."""
    if pause(resource).get("reason") == PAUSED:
        return "Paused"
    ready = condition(resource, "Ready").get("status", "Unknown")
    gates = {each["gate"] for each in resource["status"].get("waiting", ())}
    if "approval" in gates:
        return "NeedsYou"
    if deleted := condition(resource, DELETED).get("status"):
        return "Deleted" if deleted == "True" else "Deleting"
    if ready == "False":
        return "Waiting" if gates else "NotReady"
    return "Ready" if ready == "True" else "Unknown"


def _first_told(resource: JSON) -> str | None:
    """Since when there is a status, as far as what did not change since then can tell."""
    conditions = resource["status"].get("conditions", ())
    return min((each["lastTransitionTime"] for each in conditions), default=None)


def counts(summary: Mapping[str, Any]) -> str:
    """2/3; a value that is or is not in place counts as one."""
    if "inSync" in summary:
        return f"{int(bool(summary['inSync']))}/1"
    done = next((summary[each] for each in DONE if each in summary), None)
    asked = next((summary[each] for each in ASKED if each in summary), None)
    if done is None or asked is None:
        return UNTOLD
    return f"{len(done) if isinstance(done, list) else done}/{asked}"


def _row(resource: JSON, now: datetime, *, wide: bool) -> tuple[str, ...]:
    metadata, status = resource["metadata"], resource["status"]
    source = status.get("observedRevision", {})
    more = (source.get("store"), source.get("revision"), metadata["uid"]) if wide else ()
    return (
        f"{resource['kind']}/{metadata['name']}",
        counts(status.get("summary", {})),
        _drift(resource),
        state(resource),
        age(_first_told(resource), now),
        *(UNTOLD if each is None else str(each) for each in more),
        _message(resource, now),
    )


def _rejected_row(rejected: JSON, *, wide: bool) -> tuple[str, ...]:
    untold = (UNTOLD,) * (3 if wide else 0)
    key = short(rejected["key"], KEY_CHARACTERS_MAX)
    return (key, UNTOLD, UNTOLD, "Rejected", UNTOLD, *untold, rejected["message"])


def _drift(resource: JSON) -> str:
    """How many fields are not as asked."""
    drifted = condition(resource, "Drifted")
    count: str = drifted.get("message", "").partition(" ")[0]
    return count if drifted.get("status") == "True" else UNTOLD


def _message(resource: JSON, now: datetime) -> str:
    said = condition(resource, "Ready").get("message") or ""
    waiting = resource["status"].get("waiting", ())
    held = waits(waiting[0], now) if waiting else pause(resource).get("message")
    return "; ".join(each for each in (said, held) if each)


def waits(waiting: JSON, now: datetime) -> str:
    """waits: backoff until 10:42:31 (failed 3 times)"""
    until = f" until {clock(waiting['until'], now)}" if waiting["until"] else ""
    why = waiting["message"] or waiting["reason"]
    return f"waits: {waiting['gate']}{until} ({why})"
