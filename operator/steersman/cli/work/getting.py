"""Getting and describing resources."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from steersman.cli.given import Given, Output
from steersman.cli.show.description import description
from steersman.cli.show.members import table_of, tables
from steersman.cli.show.notices import notice_lines
from steersman.cli.show.plain import print_data
from steersman.cli.show.resources import footer, header, resource_table
from steersman.cli.show.terminal import Terminal
from steersman.cli.show.unmanaged import unmanaged_name, unmanaged_table
from steersman.cli.work import sources
from steersman.cli.work.references import Reference, kind_named, reference
from steersman.model.unmanaged import INSTANCE, MACHINE
from steersman.model.views import JSON

TABLES = (Output.TABLE, Output.WIDE)
EVENTS_SHOWN = 10
OUTSIDE = (INSTANCE, MACHINE)


@dataclass(frozen=True, slots=True)
class Overview:
    """A listing, and what its first line tells."""

    listing: JSON
    ages: Mapping[str, float]
    leader: JSON | None


def show_resources(given: Given, what: str | None) -> None:
    """NotFoundError for one resource or member that is not there."""
    if what and "/" in what:
        _show_one(given, reference(what))
    else:
        _show_all(given, kind_named(what) if what else None)


def show_unmanaged(given: Given, what: str | None) -> None:
    """All of it, or that of a kind; `instance` and `machine` are what is found outside."""
    kind = kind_named(what) if what and what not in OUTSIDE else what
    listing = asyncio.run(sources.ask(given, lambda source: source.listing(None)))
    found = [each for each in listing["unmanaged"] if kind in (None, each["kind"])]
    if given.output in TABLES and not found:
        Terminal(given).line("nothing is unmanaged")
    elif given.output in TABLES:
        Terminal(given).table(unmanaged_table(found))
    elif given.output is Output.NAME:
        for each in found:
            print(unmanaged_name(each))
    else:
        print_data({**listing, "items": [], "rejected": [], "unmanaged": found}, given.output)


def show_description(given: Given, text: str) -> None:
    ref = reference(text)

    async def question(source: sources.Source) -> JSON:
        found = await sources.existing(source, ref)
        return {**found, "events": await source.events(ref, EVENTS_SHOWN)}

    found = asyncio.run(sources.ask(given, question))
    if given.output in TABLES:
        Terminal(given).blocks(description(str(ref), found, datetime.now(UTC)))
    else:
        _print_one(given, ref, found)


def _show_one(given: Given, ref: Reference) -> None:
    found = asyncio.run(sources.ask(given, lambda source: sources.existing(source, ref)))
    if given.output not in TABLES:
        _print_one(given, ref, found)
    elif ref.member is not None:
        for _, rows in tables(found["status"]["summary"]):
            Terminal(given).table(table_of(rows))
    else:
        listing = {"items": [found], "rejected": []}
        Terminal(given).table(resource_table(listing, given.output, datetime.now(UTC)))


def _print_one(given: Given, ref: Reference, found: JSON) -> None:
    if given.output is Output.NAME:
        print(ref)
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
    for line in notice_lines(overview.listing, now):
        terminal.line(line)
    terminal.table(resource_table(overview.listing, given.output, now))
    for line in footer(overview.listing):
        terminal.line(line)
