"""Getting and describing resources."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from steersman.cli.given import Given, Output
from steersman.cli.show.description import description
from steersman.cli.show.plain import print_data
from steersman.cli.show.resources import footer, header, resource_table
from steersman.cli.show.terminal import Terminal
from steersman.cli.work import sources
from steersman.cli.work.references import key_named, kind_named
from steersman.model.resource import Key
from steersman.model.views import JSON

TABLES = (Output.TABLE, Output.WIDE)
EVENTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Overview:
    """A listing, and what its first line tells."""

    listing: JSON
    ages: Mapping[str, float]
    leader: JSON | None


def show_resources(given: Given, what: str | None) -> None:
    """NotFoundError for one resource that is not there."""
    if what and "/" in what:
        _show_one(given, key_named(what))
    else:
        _show_all(given, kind_named(what) if what else None)


def show_description(given: Given, ref: str) -> None:
    key = key_named(ref)

    async def question(source: sources.Source) -> JSON:
        found = await sources.existing(source, key)
        events = [
            each
            for each in await source.events()
            if (each["kind"], each["name"]) == (key.kind, key.name)
        ]
        return {**found, "events": events[-EVENTS_SHOWN:]}

    found = asyncio.run(sources.ask(given, question))
    if given.output in TABLES:
        Terminal(given).blocks(description(found, datetime.now(UTC)))
    elif given.output is Output.NAME:
        print(key)
    else:
        print_data(found, given.output)


def _show_one(given: Given, key: Key) -> None:
    found = asyncio.run(sources.ask(given, lambda source: sources.existing(source, key)))
    if given.output in TABLES:
        listing = {"items": [found], "rejected": []}
        Terminal(given).table(resource_table(listing, given.output, datetime.now(UTC)))
    elif given.output is Output.NAME:
        print(key)
    else:
        print_data(found, given.output)


def _show_all(given: Given, kind: str | None) -> None:
    if given.output in TABLES:
        _print_overview(given, asyncio.run(_overview(given, kind)))
        return
    listing = asyncio.run(sources.ask(given, lambda source: source.listing(kind)))
    if given.output is Output.NAME:
        for each in listing["items"]:
            print(f"{each['kind']}/{each['metadata']['name']}")
    else:
        print_data(listing, given.output)


async def _overview(given: Given, kind: str | None) -> Overview:
    async def question(source: sources.Source) -> tuple[JSON, Mapping[str, float]]:
        return await source.listing(kind), await source.ages()

    listing, ages = await sources.ask(given, question)
    return Overview(listing, ages, await sources.leader(given))


def _print_overview(given: Given, overview: Overview) -> None:
    terminal, now = Terminal(given), datetime.now(UTC)
    terminal.line(header(overview.leader, overview.ages, now))
    terminal.table(resource_table(overview.listing, given.output, now))
    for line in footer(overview.listing):
        terminal.line(line)
