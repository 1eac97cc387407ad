"""Taking down: a document is marked, its end is awaited, and only then is it removed."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from steersman.cli.exits import NotFoundError, TimedOutError
from steersman.cli.given import Given
from steersman.cli.work.marking import marked
from steersman.cli.work.records import status_in
from steersman.cli.work.references import key_named
from steersman.cli.work.signing import author, signed
from steersman.cli.work.stores import opened, roles
from steersman.cli.work.waiting import Seen, Wanted, follow_until, missing
from steersman.engine.acceptance.claims import HOME
from steersman.engine.home.records import ACCEPTED, STATUS, recorded
from steersman.kinds import KINDS
from steersman.model.document import body
from steersman.model.errors import SteersmanError
from steersman.model.ports import Item, Store
from steersman.model.reading import read
from steersman.model.resource import DESIRED, Key
from steersman.model.teardown import DELETED

ENDED = Wanted(DELETED, "True")


@dataclass(frozen=True, slots=True)
class Asked:
    """`release`: remove the document only; `wait`: until nothing is left, and remove it then."""

    key: Key
    wait: bool
    release: bool
    timeout_seconds: float

    @property
    def path(self) -> str:
        return f"{DESIRED}{self.key}"


def delete(given: Given, ref: str, *, wait: bool, release: bool, timeout_seconds: float) -> None:
    """NotFoundError: there is no document. TimedOutError: it stays marked, and goes on."""
    asyncio.run(_delete(given, Asked(key_named(ref), wait, release, timeout_seconds)))


async def _delete(given: Given, asked: Asked) -> None:
    async with AsyncExitStack() as stack:
        stores = {
            role: await stack.enter_async_context(opened(given, role, timeout_seconds=None))
            for role in roles(given)
        }
        store, item = await _document(stores, asked)
        if asked.release:
            await _remove(store, item)
            print(f"{asked.key} released: nothing of it was touched")
            return
        item = await _mark(store, item, asked.key)
        if not asked.wait:
            print(f"{asked.key} deleting")
            return
        await _until_ended(stores, asked)
        await _remove(store, item)
        print(f"{asked.key} deleted")


async def _document(stores: Mapping[str, Store], asked: Asked) -> tuple[Store, Item]:
    """The one in force: of the store that has the name, which is home while nobody knows."""
    record = await stores[HOME].get(f"{ACCEPTED}{asked.key}")
    known = recorded([record] if record else [], KINDS).accepted.get(asked.key)
    claimed = known.store if known and known.store in stores else HOME
    for role in sorted(stores, key=lambda each: each != claimed):
        item = await stores[role].get(asked.path)
        if item is not None:
            return stores[role], item
    msg = f"{asked.key} is not there"
    raise NotFoundError(msg)


async def _mark(store: Store, item: Item, key: Key) -> Item:
    """DocumentError: it would not be accepted, and so never be taken down."""
    content = marked(item.value)
    read(key, body(content), KINDS)
    if content == item.value:
        return item
    content = signed(content, author(Path.cwd()))
    revision = await store.compare_and_swap(item.key, content, item.revision)
    if revision is None:
        raise _changed(item)
    return Item(item.key, content, revision, item.created)


async def _remove(store: Store, item: Item) -> None:
    if not await store.compare_and_delete(item.key, item.revision):
        raise _changed(item)


def _changed(item: Item) -> SteersmanError:
    name = item.key.removeprefix(DESIRED)
    return SteersmanError(f"{name} was changed by somebody else just now: look at it, and again")


async def _until_ended(stores: Mapping[str, Store], asked: Asked) -> None:
    seen: Seen = {}
    progress = _Progress(asked)
    try:
        async with asyncio.timeout(asked.timeout_seconds):
            await follow_until(stores, seen, progress)
    except TimeoutError as error:
        msg = f"{asked.key} is still being taken down: {progress.told}"
        raise TimedOutError(msg) from error


class _Progress:
    """Whether the end has come; each step towards it is a line on standard error."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.told = "nothing was heard of it"

    def __call__(self, seen: Seen) -> bool:
        name = str(self._asked.key)
        reason = missing(seen, self._asked.path, ENDED).get(name)
        if reason is None:
            return True
        told = f"{reason}{_held(seen, name)}"
        if told != self.told:
            print(f"{name}: {told}", file=sys.stderr, flush=True)
            self.told = told
        return False


def _held(seen: Seen, name: str) -> str:
    """What the first of its steps waits for."""
    status = seen.get((HOME, STATUS), {}).get(f"{STATUS}{name}")
    waiting = (status_in(status) or {}).get("waiting")
    return f"; waits: {waiting[0]['gate']} ({waiting[0]['message']})" if waiting else ""
