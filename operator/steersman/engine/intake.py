"""The intake: documents of both stores and the operator's records become what is in force."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from steersman.engine.acceptance.accept import NO_ITEMS, NOTHING, Acceptance, Documents, accept
from steersman.engine.acceptance.claims import HOME, Accepted
from steersman.engine.acceptance.reader import Reader
from steersman.engine.acceptance.refusals import Refusals
from steersman.engine.doubt.rewinds import Rewinds
from steersman.engine.home import events
from steersman.engine.home.records import (
    BOOTSTRAP,
    ROOT,
    STATUS,
    WRITES_AT_ONCE,
    Recorded,
    Records,
    readable,
    told_of,
)
from steersman.engine.keeper import Keeper
from steersman.engine.leader import LEADER_KEY
from steersman.engine.together import together
from steersman.model.errors import SteersmanError
from steersman.model.hearing import Hears
from steersman.model.hold import Rewound
from steersman.model.mirror import Mirror, Relist, mirror
from steersman.model.ports import Clock, Item, Store
from steersman.model.resource import DESIRED, Key
from steersman.model.shared import Shared
from steersman.model.teardown import DELETED
from steersman.telemetry.troubles import Troubles

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
        heard: Hears,
        vacant: Callable[[], None],
        relist: Relist,
    ) -> None:
        self._stores, self._keeper, self._reader = stores, keeper, reader
        self._records, self._recorder, self._clock = records, recorder, clock
        self._heard, self._relist = heard, relist
        self._troubles = Troubles("following failed", "following again")
        self._vacant = vacant  # told when nobody leads any more
        self._refusals = Refusals(keeper, records, clock)
        self.rewinds = Rewinds(keeper, clock)
        self._documents: dict[str, Mapping[str, Item]] = {}
        self._accepted: Shared[Key, Accepted] = Shared({})
        self._recorded = False  # whether the records were read once: what is in force is theirs
        self._last = NOTHING
        # another leader's records: when they are new; and those that were read, and what they say
        self._unread: Shared[str, Item] | None = None
        self._read, self._known = NO_ITEMS, Recorded()
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
        await self._follow(HOME, ROOT, self._take_records)

    async def follow_statuses(self) -> None:
        """Keep what another daemon tells of resources while it leads; until cancelled."""
        await self._follow(HOME, STATUS, self._take_statuses)

    async def run(self) -> None:
        """Accept whenever something changed; until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self.accept()
                again = bool(self._keeper.world.rewound)
            except SteersmanError as error:
                log.warning("accepting failed", error=str(error))
                again = True
            if again:
                self._changed.set()
                await asyncio.sleep(RETRY_SECONDS)

    def again(self) -> None:
        """Accept once more: what was told of a resource decides whether anything is kept of it."""
        self._changed.set()

    async def begin(self, known: Recorded, statuses: Mapping[Key, bytes]) -> None:
        """A term begins: what home records, and the statuses that stand there, are the truth, and
        what is new is claimed."""
        self._accepted, self._unread = Shared.of(known.accepted), None
        self._read, self._known = NO_ITEMS, Recorded()  # what this daemon records is not read back
        self._recorded = True
        unaccepted = statuses.keys() - known.accepted.keys()
        self._refusals.begin({key: statuses[key] for key in unaccepted})
        await self.rewinds.look(self._stores[HOME])
        await self.accept(beginning=True)

    async def accept(self, *, beginning: bool = False) -> None:
        """Put in force what the documents and the records say. While leading, or beginning to,
        each new version is recorded before it is in force."""
        async with self._one_at_a_time:
            looked_at = self.rewinds.looked_at()
            if not self.listed or self._keeps_what_is_in_force(looked_at):
                return
            claiming = beginning or self._keeper.world.leading
            if self._follows:
                self._read_records()
            if not self._recorded:
                return
            found = self._last = self._found(self._documents)
            if claiming:
                await self._claim(found)
                self._tell_releases(found)
            self._keeper.accept(**found.in_force)
            self.rewinds.go_on(looked_at)
            if claiming:
                self._keeper.wake_edited(found.claims)
                await self._refusals.tell(found)

    def _keeps_what_is_in_force(self, looked_at: frozenset[Rewound]) -> bool:
        """A store that went back may tell documents of old; nobody has looked yet."""
        unseen = set(self._keeper.world.rewound.values()) - looked_at
        return bool(unseen) and self._last is not NOTHING

    def suppose(self, documents: Mapping[Key, bytes]) -> Acceptance:
        """What would be in force with these in home, too."""
        items = {
            f"{DESIRED}{key}": Item(f"{DESIRED}{key}", each, 0, 0)
            for key, each in documents.items()
        }
        home = Shared.of(self._documents.get(HOME, {})).updated(items)
        return self._found({**self._documents, HOME: home})

    def _found(self, documents: Documents) -> Acceptance:
        owner = self._keeper.world.owner
        return accept(
            documents, self._accepted, self._reader, owner, self._deleted, before=self._last
        )

    def _deleted(self, key: Key) -> bool:
        status = self._keeper.world.statuses.get(key)
        return status is not None and status.holds(DELETED)

    async def _claim(self, found: Acceptance) -> None:
        await together(sorted(found.claims.items()), self._record, at_once=WRITES_AT_ONCE)
        if found.claims:
            self._changed.set()  # what another document forbade before may be allowed now
        for key in sorted(found.forgotten):
            await self._forget(key)
            message = "taken down before, nothing is kept of it"
            self._recorder.record(events.Event(self._clock.now(), key, "DocumentDeleted", message))
            self._changed.set()  # the name is free for a document of the other store

    async def _record(self, claim: tuple[Key, Accepted]) -> None:
        key, record = claim
        before = self._accepted.get(key)
        await self._records.accepted(key, record)
        self._accepted = self._accepted.put(key, record)
        self._recorder.record(events.documented(key, before, record, self._clock.now()))

    def _tell_releases(self, found: Acceptance) -> None:
        """What is released was in force a moment ago, or the other way round: once each."""
        world, now = self._keeper.world, self._clock.now()
        gone = [key for key in sorted(found.released) if key in world.resources]
        back = [key for key in sorted(world.released) if key in found.resources]
        released = [events.released(key, self._accepted[key], now) for key in gone]
        taken_up = [events.taken_up(key, self._accepted[key], now) for key in back]
        for event in (*events.bounded(released), *events.bounded(taken_up)):
            self._recorder.record(event)

    async def _forget(self, key: Key) -> None:
        await self._records.forget(key)
        self._accepted = self._accepted.without(key)
        self._keeper.forget_all_of(key)

    async def _follow(self, role: str, prefix: str, take: Callable[[Mirror], None]) -> None:
        while True:
            try:
                async for seen in mirror(self._stores[role], prefix, self._relist):
                    self._heard(role, True, prefix)
                    if not seen.listed:  # a listing alone follows nothing
                        self._troubles.works(source=role, prefix=prefix)
                    self.rewinds.follow(role, prefix, seen)
                    take(seen)
            except SteersmanError as error:
                self._heard(role, False, prefix, str(error))
                self._troubles.fails(error, source=role, prefix=prefix)
            await asyncio.sleep(RETRY_SECONDS)

    def _take_documents(self, role: str, seen: Mirror) -> None:
        before = self._documents.get(role)
        self._documents[role] = seen.items
        # a mirror that begins anew does not name what is gone
        if before is None or seen.changed or len(before) != len(seen.items):
            self._changed.set()

    def _take_records(self, seen: Mirror) -> None:
        if LEADER_KEY in seen.changed - seen.items.keys():
            self._vacant()
        if any(key.startswith(BOOTSTRAP) for key in seen.changed):
            items = (item for key, item in seen.items.items() if key.startswith(BOOTSTRAP))
            self._keeper.know(bootstraps=self._records.read(items).bootstraps)
            self._keeper.wake_all()
        self._mend(seen)
        noteworthy = any(not key.startswith(events.EVENTS) for key in seen.changed)
        if (noteworthy or not self._recorded) and self._follows:
            self._unread = seen.items
            self._changed.set()

    def _take_statuses(self, seen: Mirror) -> None:
        if not self._follows:
            return
        named = {key: path for path in seen.changed if (key := told_of(path)) is not None}
        there = {key: seen.items[path].value for key, path in named.items() if path in seen.items}
        self._keeper.hear({**dict.fromkeys(named.keys() - there.keys()), **readable(there)})

    @property
    def _follows(self) -> bool:
        """Whether another daemon's records are to be heard. While this one takes over, it has
        listed them itself: its watch may be behind that."""
        return not (self._keeper.world.leading or self._keeper.world.taking_over)

    def _read_records(self) -> None:
        """What the leader has recorded."""
        if self._unread is None:
            return
        paths = self._unread.differing(self._read)
        known = self._known = self._records.revised(self._known, paths, self._unread)
        self._read, self._unread = self._unread, None
        self._accepted = Shared.of(known.accepted)
        self._recorded = True
        self._keeper.know(memory=known.memory, pending=known.pending, unreadable=known.unreadable)

    def _mend(self, seen: Mirror) -> None:
        """While we lead, home holds nothing of ours that we do not know, but for what could not be
        read when the term began: a person may have mended or removed it since."""
        world = self._keeper.world
        paths = seen.changed & world.unreadable.keys()
        if not paths or not world.leading:
            return
        known = Recorded(
            self._accepted, world.memory, world.pending, world.bootstraps, world.unreadable
        )
        mended = self._records.revised(known, paths, seen.items)
        self._accepted = Shared.of(mended.accepted)
        self._keeper.know(
            memory=mended.memory, pending=mended.pending, unreadable=mended.unreadable
        )
        self._keeper.wake_all()
        self._changed.set()
