"""Events, as they stand in home and as they come."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from steersman.cli.exits import UsageError
from steersman.cli.given import Given, Output
from steersman.cli.show.events import event_line
from steersman.cli.show.plain import yaml_text
from steersman.cli.work.records import events_in
from steersman.cli.work.references import Reference, reference
from steersman.cli.work.stores import STORE_SECONDS, opened
from steersman.engine.acceptance.claims import HOME
from steersman.engine.home.events import EVENTS
from steersman.model.mirror import mirror
from steersman.model.ports import Store
from steersman.model.views import JSON

DURATION = re.compile(r"(\d{1,9})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

Wanted = Callable[[JSON], bool]


def show_events(given: Given, *, follow: bool, since: str | None, ref: str | None) -> None:
    """With `follow` until interrupted."""
    oldest = datetime.now(UTC) - duration(since) if since else None
    meant = reference(ref) if ref else None
    asyncio.run(_show(given, follow, lambda event: wanted(event, oldest, meant)))


def duration(text: str) -> timedelta:
    match = DURATION.fullmatch(text)
    if match is None:
        msg = f"{text!r} is no duration: expected 30s, 10m, 2h or 1d"
        raise UsageError(msg)
    return timedelta(seconds=int(match[1]) * SECONDS[match[2]])


def wanted(event: JSON, oldest: datetime | None, meant: Reference | None) -> bool:
    if oldest is not None and datetime.fromisoformat(event["time"]) < oldest:
        return False
    if meant is None:
        return True
    key = meant.key
    return (event["kind"], event["name"]) == (key.kind, key.name) and meant.concerns(
        event["target"]
    )


async def _show(given: Given, follow: bool, wanted: Wanted) -> None:
    limit = None if follow else STORE_SECONDS
    async with opened(given, HOME, timeout_seconds=limit) as home:
        async for event in events(home, follow=follow):
            if wanted(event):
                print(line(event, given.output, datetime.now(UTC)), flush=True)


async def events(home: Store, *, follow: bool) -> AsyncGenerator[JSON, None]:
    """In order, each once: those that stand there, then those that come."""
    # It is a generator, though its type does not say so.
    async with aclosing(mirror(home, EVENTS)) as mirrors:  # type: ignore[type-var]
        async for seen in mirrors:
            for event in events_in(seen.items[key] for key in seen.changed & seen.items.keys()):
                yield event
            if not follow:
                return


def line(event: JSON, output: Output, now: datetime) -> str:
    if output is Output.JSON:
        return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    if output is Output.YAML:
        return f"---\n{yaml_text(event)}".rstrip()
    if output is Output.NAME:
        return str(event["id"])
    return event_line(event, now)
