"""Where resources are read: from the daemon, or, while it does not answer, from home."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel

from steersman.cli.exits import NotFoundError, RefusedError, UsageError
from steersman.cli.given import Given
from steersman.cli.show.aside import aside
from steersman.cli.show.members import alone
from steersman.cli.work.absent import no_member, no_resource
from steersman.cli.work.records import events_in, status_in
from steersman.cli.work.references import Reference
from steersman.cli.work.stores import all_opened, opened, roles
from steersman.clients.daemon import DaemonClient
from steersman.engine.acceptance.accept import Acceptance, accept
from steersman.engine.acceptance.claims import HOME, NOBODY_KNOWS
from steersman.engine.acceptance.reader import Reader
from steersman.engine.doubt.holds import DOUBTS, doubts_in
from steersman.engine.home.events import EVENTS
from steersman.engine.home.happened import Wanted
from steersman.engine.home.owner import SCHEMA_KEY, schema_in
from steersman.engine.home.records import ACCEPTED, STATUS, recorded
from steersman.engine.leader import LEADER_KEY
from steersman.engine.leading import CHECK
from steersman.engine.notices import notices
from steersman.engine.requests import REQUESTS, Asked, read_all
from steersman.kinds import KINDS
from steersman.model.errors import OutsideError, SteersmanError, UnreachableError
from steersman.model.moment import Moment
from steersman.model.notice import Notice
from steersman.model.ports import Item, Store
from steersman.model.resource import DESIRED, Key
from steersman.model.unmanaged import released
from steersman.model.views import JSON, listing_view, resource_view
from steersman.model.world import Rejected, World

API = "/api/v1"
LEADER_SECONDS = 2.0  # the leader is worth so long a wait, and no error

T = TypeVar("T")


class _Lease(BaseModel):
    """Who leads, as home has it."""

    identity: str
    since: Moment


class Source(Protocol):
    async def listing(self, kind: str | None) -> JSON: ...

    async def resource(self, key: Key) -> JSON | None: ...

    async def events(self, ref: Reference, limit: int) -> list[JSON]:
        """The last that are about it, oldest first."""
        ...

    async def ages(self) -> Mapping[str, float]:
        """How many seconds ago each system was read."""
        ...


async def ask(given: Given, question: Callable[[Source], Awaitable[T]]) -> T:
    """The daemon's answer, or home's, with a word about that on standard error."""
    try:
        async with daemon(given) as client:
            return await question(DaemonSource(client))
    except UnreachableError as error:
        aside(f"steersman: {error.message}; shown as recorded in home")
    return await question(HomeSource(given))


@asynccontextmanager
async def daemon(given: Given) -> AsyncIterator[DaemonClient]:
    try:
        client = DaemonClient(given.api)
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        yield client
    finally:
        await client.close()


async def existing(source: Source, ref: Reference) -> JSON:
    """A resource, with what is told of the member alone if one is meant. RefusedError says why a
    document that is there was not accepted."""
    found = await source.resource(ref.key)
    if found is None:
        raise _absent(ref.key, await source.listing(ref.key.kind))
    if ref.member is None:
        return found
    member = alone(found, ref.member)
    if member is None:
        raise no_member(ref.scope, found["status"])
    return member


def _absent(key: Key, listing: JSON) -> SteersmanError:
    """Its document was refused, or is gone, or there never was one of that name."""
    path = f"{DESIRED}{key}"
    for each in listing["rejected"]:
        if each["key"] == path:
            return RefusedError(f"{key} is not accepted: {each['message']}")
    for each in listing["unmanaged"]:
        if (each["kind"], each["name"]) == (key.kind, key.name):
            return NotFoundError(f"{key} is not there: {each['message']} ({each['reason']})")
    return no_resource(key, [each["metadata"]["name"] for each in listing["items"]])


async def leader(given: Given) -> JSON | None:
    """{identity, since} of the daemon that leads. None: nobody does, or home does not say."""
    try:
        async with opened(given, HOME, timeout_seconds=LEADER_SECONDS) as home:
            item = await home.get(LEADER_KEY)
        return _Lease.model_validate_json(item.value).model_dump() if item else None
    except (OutsideError, ValueError):
        return None


class DaemonSource:
    def __init__(self, client: DaemonClient) -> None:
        self._client = client

    async def listing(self, kind: str | None) -> JSON:
        """NotFoundError: the daemon is of another release, and does not know the kind."""
        path = f"{API}/resources/{kind}" if kind else f"{API}/resources"
        found: JSON | None = await self._client.get(path)
        if found is None:
            msg = f"the daemon knows no kind {kind}"
            raise NotFoundError(msg)
        return found

    async def resource(self, key: Key) -> JSON | None:
        found: JSON | None = await self._client.get(f"{API}/resources/{key}")
        return found

    async def events(self, ref: Reference, limit: int) -> list[JSON]:
        asked = urlencode({"for": str(ref), "limit": limit})
        found: list[JSON] = (await self._client.get(f"{API}/events?{asked}"))["items"]
        return found

    async def ages(self) -> Mapping[str, float]:
        checks = await self._client.checks("/readyz")
        known = {each["name"]: each["ageSeconds"] for each in checks if each["name"] != CHECK}
        return {name: age for name, age in known.items() if age is not None}


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What is in force by home's records. `owner` is None before any daemon ran."""

    found: Acceptance
    refused: tuple[Rejected, ...]  # requests that cannot be used, records that cannot be read
    statuses: Mapping[str, JSON]
    owner: str | None
    notices: tuple[Notice, ...]

    def view(self, key: Key) -> JSON:
        view: dict[str, Any] = resource_view(self.found.resources[key], None)
        status = self.statuses.get(f"{STATUS}{key}", {})
        metadata = view["metadata"] if self.owner else {**view["metadata"], "uid": None}
        return {**view, "metadata": metadata, "status": status}


class HomeSource:
    """Works out from the documents and the records what the daemon would say of them."""

    def __init__(self, given: Given) -> None:
        self._given = given

    async def listing(self, kind: str | None) -> JSON:
        known = await self._read()
        keys = [key for key in sorted(known.found.resources) if kind in (None, key.kind)]
        refused = (*known.found.rejected, *known.refused)
        rejected = [(each.path, each.message) for each in refused]
        unmanaged = released(known.found.released)
        return listing_view(map(known.view, keys), rejected, unmanaged, known.notices)

    async def resource(self, key: Key) -> JSON | None:
        known = await self._read()
        return known.view(key) if key in known.found.resources else None

    async def events(self, ref: Reference, limit: int) -> list[JSON]:
        async with opened(self._given, HOME) as home:
            listing = await home.list(EVENTS)
        return list(filter(Wanted(ref.scope), events_in(listing.items)))[-limit:]

    async def ages(self) -> Mapping[str, float]:
        return {}

    async def _read(self) -> _Recorded:
        async with all_opened(self._given, roles(self._given)) as stores:
            return await _recorded(stores)


async def _recorded(stores: Mapping[str, Store]) -> _Recorded:
    """Documents of a store that nobody named are left out, not taken for gone."""
    home = stores[HOME]
    documents = {role: await _items(store, DESIRED) for role, store in stores.items()}
    known = recorded((await _items(home, ACCEPTED)).values(), KINDS)
    told = {*stores, NOBODY_KNOWS}
    named = {key: record for key, record in known.accepted.items() if record.store in told}
    schema = await home.get(SCHEMA_KEY)
    owner = schema_in(schema).owner if schema else None
    found = accept(documents, named, Reader(KINDS), owner or "")
    asked = read_all((await _items(home, REQUESTS)).values(), KINDS)
    broken = (Rejected(path, f"cannot be read: {why}") for path, why in known.unreadable.items())
    read = {path: status_in(item) for path, item in (await _items(home, STATUS)).items()}
    statuses = {path: status for path, status in read.items() if status is not None}
    untold = (Rejected(path, "cannot be read") for path in sorted(read.keys() - statuses.keys()))
    refused = (*asked.refused, *broken, *untold)
    return _Recorded(found, refused, statuses, owner, await _notices(home, asked))


async def _notices(home: Store, asked: Asked) -> tuple[Notice, ...]:
    there = [item for prefix in DOUBTS for item in (await _items(home, prefix)).values()]
    doubts = doubts_in(there)
    world = World(
        requests=asked.requests,
        holds=doubts.holds,
        circuits=doubts.circuits,
        rewound=doubts.rewound,
    )
    return tuple(notices(world, datetime.now(UTC)))


async def _items(store: Store, prefix: str) -> Mapping[str, Item]:
    return {item.key: item for item in (await store.list(prefix)).items}
