"""Events, as they stand in home and as they come."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

from steersman.cli.given import Given, Output
from steersman.cli.show.escaping import words
from steersman.cli.show.events import event_line
from steersman.cli.show.plain import yaml_text
from steersman.cli.work.records import events_in
from steersman.cli.work.references import duration, scope_named
from steersman.cli.work.stores import STORE_SECONDS, opened
from steersman.engine.acceptance.claims import HOME
from steersman.engine.home.events import EVENTS
from steersman.engine.home.happened import Wanted
from steersman.model.mirror import mirror
from steersman.model.ports import Store
from steersman.model.requests import Scope
from steersman.model.views import JSON


def show_events(given: Given, *, follow: bool, since: str | None, ref: str | None) -> None:
    """With `follow` until interrupted."""
    oldest = datetime.now(UTC) - duration(since) if since else None
    wanted = Wanted(scope_named(ref) if ref else Scope(), oldest)
    asyncio.run(_show(given, follow, wanted))


async def _show(given: Given, follow: bool, wanted: Wanted) -> None:
    limit = None if follow else STORE_SECONDS
    async with opened(given, HOME, timeout_seconds=limit) as home:
        async for event in events(home, follow=follow):
            if wanted(event):
                print(line(event, given.output, datetime.now(UTC)), flush=True)


async def events(home: Store, *, follow: bool) -> AsyncGenerator[JSON, None]:
    """In order, each once: those that stand there, then those that come."""
    async with aclosing(mirror(home, EVENTS)) as mirrors:
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
    return words(event_line(event, now))
