"""Taking down: a document is marked, its end is awaited, and only then is it removed."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from steersman.cli.exits import NotFoundError, TimedOutError
from steersman.cli.given import Given
from steersman.cli.show.aside import aside
from steersman.cli.show.escaping import short
from steersman.cli.work.marking import marked
from steersman.cli.work.records import status_in
from steersman.cli.work.references import key_named
from steersman.cli.work.signing import author, signed
from steersman.cli.work.stores import all_opened, roles
from steersman.cli.work.waiting import ENDED, Seen, follow_until, missing
from steersman.engine.acceptance.claims import HOME
from steersman.engine.home.records import ACCEPTED, STATUS, recorded
from steersman.kinds import KINDS
from steersman.model.document import DocumentError, body
from steersman.model.errors import SteersmanError
from steersman.model.ports import Item, Store
from steersman.model.reading import read
from steersman.model.resource import DESIRED, Key
from steersman.model.views import JSON

RELEASES = "--release removes only the document, and nothing of what it made"


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
    async with all_opened(given, roles(given), timeout_seconds=None) as stores:
        store, item = await _document(stores, asked)
        if asked.release:
            await _remove(store, item)
            print(f"{asked.key} released: nothing of it was touched")
            return
        await _tell_of_another(stores, store, asked)
        if why := await _never_accepted(stores[HOME], item, asked.key):
            await _remove(store, item)
            print(f"{asked.key} deleted: it was never accepted ({short(why)}), nothing was made")
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


async def _tell_of_another(stores: Mapping[str, Store], meant: Store, asked: Asked) -> None:
    for role, store in stores.items():
        if store is not meant and await store.get(asked.path) is not None:
            aside(
                f"{asked.key}: the {role} store holds one, too, which comes into force after this"
            )


async def _never_accepted(home: Store, item: Item, key: Key) -> str | None:
    """Why no version of it was ever in force, and this one is not; None: one was, or may be."""
    if await home.get(f"{ACCEPTED}{key}") is not None:
        return None
    try:
        read(key, body(item.value), KINDS)
    except DocumentError as error:
        return str(error)
    return _refusal(status_in(await home.get(f"{STATUS}{key}")), item)


def _refusal(status: JSON | None, item: Item) -> str | None:
    """Why the daemon did not accept these very bytes; None: it did, or has not said."""
    sha256 = hashlib.sha256(item.value).hexdigest()
    if status is None or status["observedRevision"]["sha256"] != sha256:
        return None
    said: JSON = next((each for each in status["conditions"] if each["type"] == "Accepted"), {})
    return said["message"] if said.get("status") == "False" else None


async def _mark(store: Store, item: Item, key: Key) -> Item:
    """DocumentError: it would not be accepted, and so never be taken down."""
    content = marked(item.value)
    try:
        read(key, body(content), KINDS)
    except DocumentError:
        aside(f"{key}: {RELEASES}")
        raise
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
    aside(f"{asked.key}: waiting until nothing of it is left; {RELEASES}")
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
            aside(f"{name}: {told}")
            self.told = told
        return False


def _held(seen: Seen, name: str) -> str:
    """What the first of its steps waits for."""
    status = seen.get((HOME, STATUS), {}).get(f"{STATUS}{name}")
    waiting = (status_in(status) or {}).get("waiting")
    return f"; waits: {waiting[0]['gate']} ({waiting[0]['message']})" if waiting else ""
