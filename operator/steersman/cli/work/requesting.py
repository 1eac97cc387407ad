"""Requests are written into home, where a daemon finds them, now or when it comes up."""

import asyncio
import json
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from steersman.cli.exits import NotFoundError, UsageError, problem_line
from steersman.cli.given import Given
from steersman.cli.work.known import refuse_unknown, refuse_unknown_hold
from steersman.cli.work.planned import refuse_unplanned, waiting_for_approval
from steersman.cli.work.references import duration, scope_named
from steersman.cli.work.signing import person
from steersman.cli.work.stores import opened
from steersman.engine.acceptance.claims import HOME
from steersman.engine.requests import REQUESTS, read, read_all
from steersman.kinds import KINDS
from steersman.model.document import DocumentError
from steersman.model.ports import Item, Store
from steersman.model.requests import Request, Scope, Verb

ID_BYTES = 4
Body = dict[str, Any]


def request_pause(
    given: Given, *, ref: str | None, everything: bool, reason: str, lasting: str | None
) -> None:
    scope = _meant(ref, everything=everything)
    end = {"until": _end(lasting).isoformat(timespec="seconds")} if lasting else {}
    _write(given, [_body(Verb.PAUSE, str(scope), reason) | end])


def take_back_pauses(given: Given, *, ref: str | None, everything: bool) -> None:
    """NotFoundError tells which other pauses there are."""
    asyncio.run(_take_back(given, _meant(ref, everything=everything)))


def request_approval(given: Given, ref: str, digest: str | None, reason: str) -> None:
    """Without a digest, of what waits for it now. NotFoundError: nothing does, or no such step is
    planned."""
    asked = _body(Verb.APPROVE, str(scope_named(ref)), reason)
    digests = [digest] if digest else asyncio.run(waiting_for_approval(given, ref))
    items = [_item(asked | {"digest": each}) for each in digests]
    if digest:  # it is one, by its form
        asyncio.run(refuse_unplanned(given, ref, digest))
    asyncio.run(_put(given, items))


def request(given: Given, verb: str, ref: str, reason: str) -> None:
    _write(given, [_body(Verb(verb), str(scope_named(ref)), reason)])


def acknowledge_hold(given: Given, hold: str, reason: str) -> None:
    _write(given, [_body(Verb.ACKNOWLEDGE, hold, reason)])


def _body(verb: Verb, ref: str, reason: str) -> Body:
    named = {"verb": str(verb), "ref": ref, "author": person()}
    return named | ({"reason": reason} if reason else {})


def _end(lasting: str) -> datetime:
    length = duration(lasting)
    if not length:
        msg = f"a pause of {lasting} would be over at once"
        raise UsageError(msg)
    return datetime.now(UTC) + length


def _meant(ref: str | None, *, everything: bool) -> Scope:
    if everything == (ref is not None):
        raise UsageError("give a reference, or --all")
    return scope_named(ref) if ref is not None else Scope()


def _write(given: Given, bodies: Iterable[Body]) -> None:
    """UsageError for a request that a daemon would refuse, NotFoundError for one about nothing."""
    asyncio.run(_put(given, [_item(each) for each in bodies]))


def _item(body: Body) -> Item:
    key = f"{REQUESTS}{body['verb']}-{secrets.token_hex(ID_BYTES)}"
    item = Item(key, json.dumps(body).encode(), revision=0, created=0)
    try:
        read(item, KINDS)
    except DocumentError as error:  # nobody typed the lines of it
        told = (problem_line(replace(each, line=None)) for each in error.problems)
        raise UsageError("; ".join(told)) from error
    return item


async def _put(given: Given, items: Iterable[Item]) -> None:
    async with opened(given, HOME) as home:
        for item in items:
            await _refuse_unknown(home, read(item, KINDS))
            await home.put(item.key, item.value)
            print(_line(item), flush=True)


async def _refuse_unknown(home: Store, asked: Request) -> None:
    if asked.verb is Verb.ACKNOWLEDGE:
        await refuse_unknown_hold(home, asked.hold)
    else:
        await refuse_unknown(home, asked.scope)


def _line(item: Item) -> str:
    asked = read(item, KINDS)
    about = " ".join(each for each in (asked.hold or str(asked.scope), asked.digest) if each)
    until = f" until {asked.until:%Y-%m-%d %H:%M:%SZ}" if asked.until else ""
    return f"{asked.verb} {about} requested{until}"


async def _take_back(given: Given, scope: Scope) -> None:
    async with opened(given, HOME) as home:
        found = await _pauses(home)
        for item in found.get(scope, ()):
            await home.compare_and_delete(item.key, item.revision)
    if scope not in found:
        others = ", ".join(map(str, found)) or "nothing is"
        msg = f"{scope} is not paused by itself; paused: {others}"
        raise NotFoundError(msg)
    print(f"{scope} resumed")


async def _pauses(home: Store) -> dict[Scope, list[Item]]:
    items = {item.key: item for item in (await home.list(REQUESTS)).items}
    found: dict[Scope, list[Item]] = {}
    for each in read_all(items.values(), KINDS).requests.values():
        if each.verb is Verb.PAUSE:
            found.setdefault(each.scope, []).append(items[f"{REQUESTS}{each.id}"])
    return found
