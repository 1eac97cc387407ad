"""The intake: documents of both stores and the operator's records become what is in force."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from steersman.engine import events
from steersman.engine.accept import HOME, Acceptance, Accepted, Documents, Reader, accept
from steersman.engine.keeper import Keeper
from steersman.engine.leader import LEADER_KEY
from steersman.engine.records import BOOTSTRAP, ROOT, Recorded, Records, recorded
from steersman.model.errors import SteersmanError
from steersman.model.mirror import Mirror, mirror
from steersman.model.ports import Clock, Item, Store
from steersman.model.resource import DESIRED, Key
from steersman.model.teardown import DELETED

RETRY_SECONDS = 2.0

log = structlog.get_logger()


class Intake:
    """One for a daemon. No name is accepted before every configured store was listed once."""

    def __init__(
        self,
        stores: Mapping[str, Store],
        keeper: Keeper,
        reader: Reader,
        records: Records,
        recorder: events.Recorder,
        clock: Clock,
        heard: Callable[[str, bool], None],
        vacant: Callable[[], None],
    ) -> None:
        self._stores, self._keeper, self._reader = stores, keeper, reader
        self._records, self._recorder, self._clock = records, recorder, clock
        self._heard = heard  # told, of each store, whether it answers
        self._vacant = vacant  # told when nobody leads any more
        self._documents: dict[str, Mapping[str, Item]] = {}
        self._accepted: dict[Key, Accepted] = {}
        self._unread: Mapping[str, Item] | None = (
            None  # another leader's records, when they are new
        )
        self._changed = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    @property
    def listed(self) -> bool:
        """Whether every configured store was listed."""
        return self._documents.keys() == self._stores.keys()

    async def follow_documents(self, role: str) -> None:
        """Keep the documents of one store; until cancelled."""
        await self._follow(role, DESIRED, lambda seen: self._take_documents(role, seen))

    async def follow_records(self) -> None:
        """Keep what another daemon records while it leads; until cancelled."""
        await self._follow("home", ROOT, self._take_records)

    async def run(self) -> None:
        """Accept whenever something changed; until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.accept()
            except SteersmanError as error:
                log.warning("accepting failed", error=str(error))
                self._changed.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def begin(self, known: Recorded) -> None:
        """A term begins: what home records is the truth, and what is new is claimed."""
        self._accepted, self._unread = dict(known.accepted), None
        for key in self._keeper.world.statuses.keys() - known.accepted.keys():
            await self._forget(key)
        await self.accept(beginning=True)

    async def accept(self, *, beginning: bool = False) -> None:
        """Put in force what the documents and the records say. While leading, or beginning to,
        each new version is recorded before it is in force."""
        async with self._one_at_a_time:
            if not self.listed:
                return
            claiming = beginning or self._keeper.world.leading
            if not claiming:
                self._read_records()
            found = self._found(self._documents)
            if claiming:
                await self._claim(found)
            self._keeper.accept(
                resources=found.resources,
                released=found.released,
                acceptance=found.conditions,
                rejected=found.rejected,
                referrers=found.referrers,
            )
            if claiming:
                self._keeper.wake_edited(found.claims)

    def suppose(self, documents: Mapping[Key, bytes]) -> Acceptance:
        """What would be in force with these in home, too."""
        items = (Item(f"{DESIRED}{key}", each, 0, 0) for key, each in documents.items())
        home = {**self._documents.get(HOME, {}), **{item.key: item for item in items}}
        return self._found({**self._documents, HOME: home})

    def _found(self, documents: Documents) -> Acceptance:
        owner = self._keeper.world.owner
        return accept(documents, self._accepted, self._reader, owner, self._deleted)

    def _deleted(self, key: Key) -> bool:
        status = self._keeper.world.statuses.get(key)
        return status is not None and status.holds(DELETED)

    async def _claim(self, found: Acceptance) -> None:
        for key, record in found.claims.items():
            before = self._accepted.get(key)
            await self._records.accepted(key, record)
            self._accepted[key] = record
            self._recorder.record(events.documented(key, before, record, self._clock.now()))
        if found.claims and found.rejected:
            self._changed.set()  # what another document forbade before may be allowed now
        for key in found.forgotten:
            await self._forget(key)
            message = "taken down before, nothing is kept of it"
            self._recorder.record(events.Event(self._clock.now(), key, "DocumentDeleted", message))
            self._changed.set()  # the name is free for a document of the other store

    async def _forget(self, key: Key) -> None:
        await self._records.forget(key)
        self._accepted.pop(key, None)
        self._keeper.forget_all_of(key)

    async def _follow(self, role: str, prefix: str, take: Callable[[Mirror], None]) -> None:
        while True:
            try:
                async for seen in mirror(self._stores[role], prefix):
                    self._heard(role, True)
                    take(seen)
            except SteersmanError as error:
                self._heard(role, False)
                log.warning("following failed", store=role, prefix=prefix, error=str(error))
            await asyncio.sleep(RETRY_SECONDS)

    def _take_documents(self, role: str, seen: Mirror) -> None:
        first = role not in self._documents
        self._documents[role] = seen.items
        if seen.changed or first:
            self._changed.set()

    def _take_records(self, seen: Mirror) -> None:
        if LEADER_KEY in seen.changed - seen.items.keys():
            self._vacant()
        if any(key.startswith(BOOTSTRAP) for key in seen.changed):
            items = (item for key, item in seen.items.items() if key.startswith(BOOTSTRAP))
            self._keeper.know(bootstraps=recorded(items).bootstraps)
            self._keeper.wake_all()
        noteworthy = any(not key.startswith(events.EVENTS) for key in seen.changed)
        if noteworthy and not self._keeper.world.leading:
            self._unread = seen.items
            self._changed.set()

    def _read_records(self) -> None:
        """What the leader has recorded. RecordError: it stays unread."""
        if self._unread is None:
            return
        known = recorded(self._unread.values())
        self._accepted, self._unread = dict(known.accepted), None
        self._keeper.know(memory=known.memory, pending=known.pending)
