"""Waiting, by the stores alone: until a condition holds for the very documents that stand there."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from steersman.cli.exits import NotFoundError, RefusedError, TimedOutError, UsageError
from steersman.cli.given import Given
from steersman.cli.work.records import status_in
from steersman.cli.work.references import key_named
from steersman.cli.work.stores import all_opened, roles
from steersman.engine.acceptance.cases import INVALID
from steersman.engine.acceptance.claims import HOME
from steersman.engine.home.records import STATUS
from steersman.model.errors import SteersmanError
from steersman.model.mirror import mirror
from steersman.model.ports import Item, Store
from steersman.model.resource import DESIRED
from steersman.model.teardown import DELETED
from steersman.model.views import JSON

TOLD_MAX = 20  # resources that a timeout names

Place = tuple[str, str]  # the role of a store, and a prefix in it
Seen = dict[Place, Mapping[str, Item]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A condition and the status that it is to have."""

    type: str
    status: str

    @classmethod
    def parse(cls, text: str) -> "Wanted":
        type_, equals, status = text.partition("=")
        if not type_ or (equals and not status):
            msg = f"{text!r} is not of the form CONDITION[=VALUE]"
            raise UsageError(msg)
        return cls(type_, status.capitalize() if equals else "True")


ENDED = Wanted(DELETED, "True")


def wait_for(
    given: Given, *, ref: str | None, everything: bool, condition: str, timeout_seconds: float
) -> None:
    """TimedOutError names what is missing. NotFoundError: there is no such document."""
    if (ref is None) != everything:
        raise UsageError("name one resource, or give --all")
    path = f"{DESIRED}{key_named(ref)}" if ref else None
    asyncio.run(_wait(given, path, Wanted.parse(condition), timeout_seconds))


async def _wait(given: Given, path: str | None, wanted: Wanted, timeout_seconds: float) -> None:
    seen: Seen = {}
    async with all_opened(given, roles(given), timeout_seconds=None) as stores:
        try:
            async with asyncio.timeout(timeout_seconds):
                await follow_until(stores, seen, _Met(path, wanted))
        except TimeoutError as error:
            raise _timed_out(stores, seen, path, wanted) from error


class _Met:
    """Whether everything is as wanted. NotFoundError at the first look at nothing; RefusedError
    for one document whose very bytes are refused: it is in vain to wait for it."""

    def __init__(self, path: str | None, wanted: Wanted) -> None:
        self._path, self._wanted = path, wanted
        self._found = False

    def __call__(self, seen: Seen) -> bool:
        paths = _paths(seen)
        self._found = self._found or (self._path in paths if self._path else bool(paths))
        if not self._found:
            name = self._path and self._path.removeprefix(DESIRED)
            raise NotFoundError(f"{name} is not there" if name else "there is no document")
        if self._path and (why := _refused(seen, self._path)) and self._wanted.type != "Accepted":
            msg = f"{self._path.removeprefix(DESIRED)} is not accepted: {why}"
            raise RefusedError(msg)
        some = bool(paths) or self._wanted == ENDED
        return some and not missing(seen, self._path, self._wanted)


def _refused(seen: Seen, path: str) -> str | None:
    """Why the document that stands there was refused for what it says; None: it was not, or that
    of another version, or for what others say, which may change."""
    status = seen.get((HOME, STATUS), {}).get(f"{STATUS}{path.removeprefix(DESIRED)}")
    body = status_in(status)
    if body is None:
        return None
    sha256 = body["observedRevision"]["sha256"]
    accepted: JSON = next((each for each in body["conditions"] if each["type"] == "Accepted"), {})
    current = sha256 in _current(items[path] for items in _documents(seen) if path in items)
    return accepted["message"] if current and accepted.get("reason") == INVALID else None


def missing(seen: Seen, path: str | None, wanted: Wanted) -> dict[str, str]:
    """What is not as wanted, and why."""
    reasons = {
        each.removeprefix(DESIRED): _reason(
            [items[each] for items in _documents(seen) if each in items],
            seen.get((HOME, STATUS), {}).get(f"{STATUS}{each.removeprefix(DESIRED)}"),
            wanted,
        )
        for each in ([path] if path else sorted(_paths(seen)))
    }
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _reason(documents: Iterable[Item], status: Item | None, wanted: Wanted) -> str | None:
    """Why the condition does not hold for the documents that stand there now; None: it does."""
    current = _current(documents)
    if not current:  # one that is released leaves its status behind, one that is deleted nothing
        return None if wanted == ENDED and status is None else "there is no document"
    if status is None:
        return "no status yet"
    body = status_in(status)
    if body is None:
        return "its status cannot be read"
    conditions = {each["type"]: each for each in body["conditions"]}
    refused = conditions.get("Accepted", {})
    why = refused.get("message") if refused.get("status") == "False" else None
    not_accepted = f"the document is not accepted: {why}" if why else None
    if body["observedRevision"]["sha256"] not in current:
        return not_accepted or "the document is not in force yet"
    found = conditions.get(wanted.type)
    if found is None:
        return not_accepted or f"{wanted.type} is not told"
    holds = found["status"] == wanted.status
    return None if holds else f"{wanted.type} is {found['status']}: {found['message']}"


def _current(documents: Iterable[Item]) -> set[str]:
    return {hashlib.sha256(each.value).hexdigest() for each in documents}


async def follow_until(
    stores: Mapping[str, Store], seen: Seen, met: Callable[[Seen], bool]
) -> None:
    """Keep `seen` until it is complete and `met`. Raises what a listing or `met` raises."""
    places = _places(stores)
    done = asyncio.Event()

    async def follow(place: Place) -> None:
        role, prefix = place
        async with aclosing(mirror(stores[role], prefix)) as mirrors:
            async for each in mirrors:
                seen[place] = each.items
                if len(seen) == len(places) and met(seen):
                    done.set()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(follow(place), name=f"follow {place}") for place in places]
            await done.wait()
            for task in tasks:
                task.cancel()
    except ExceptionGroup as errors:
        raise _ours(errors) from errors


def _ours(errors: ExceptionGroup[Exception]) -> Exception:
    """One error is enough to tell."""
    return next((each for each in errors.exceptions if isinstance(each, SteersmanError)), errors)


def _places(stores: Iterable[str]) -> list[Place]:
    return [(HOME, STATUS), *((role, DESIRED) for role in stores)]


def _documents(seen: Seen) -> list[Mapping[str, Item]]:
    return [items for (_, prefix), items in seen.items() if prefix == DESIRED]


def _paths(seen: Seen) -> set[str]:
    return {path for items in _documents(seen) for path in items}


def _timed_out(
    stores: Iterable[str], seen: Seen, path: str | None, wanted: Wanted
) -> TimedOutError:
    """What is missing cannot be told before every store was listed."""
    silent = {role for role, _ in set(_places(stores)) - seen.keys()}
    unlisted = {f"the {role} store": "no answer yet" for role in sorted(silent)}
    reasons = unlisted or missing(seen, path, wanted)
    lines = [f"{name}: {reason}" for name, reason in reasons.items()]
    more = len(lines) - TOLD_MAX
    shown = [*lines[:TOLD_MAX], *([f"and {more} more"] if more > 0 else [])]
    return TimedOutError(f"timed out waiting for {wanted.type}={wanted.status}", *shown)
