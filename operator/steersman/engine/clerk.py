"""The clerk keeps what people ask for: shows it to the World, and, while leading, dates each
request, tells of it, and takes away what is over."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from steersman.engine.home.events import Event, Recorder
from steersman.engine.keeper import Keeper
from steersman.engine.requests import REQUESTS, Asked, dated, id_of, next_end, read_all, standing
from steersman.model.errors import SteersmanError
from steersman.model.kind import Kinds
from steersman.model.mirror import Relist, mirror
from steersman.model.ports import Clock, Item, Store
from steersman.model.requests import Request
from steersman.model.resource import Key
from steersman.model.world import Rejected
from steersman.telemetry.troubles import Troubles

RETRY_SECONDS = 2.0
REFUSALS_TOLD_MAX = 20
LOOK_SECONDS = 5.0  # at least so often it looks whether it leads by now

log = structlog.get_logger()


class Clerk:
    """`home` is fenced: only the leader writes."""

    def __init__(
        self,
        home: Store,
        keeper: Keeper,
        kinds: Kinds,
        recorder: Recorder,
        clock: Clock,
        relist: Relist,
    ) -> None:
        self._home, self._keeper, self._kinds = home, keeper, kinds
        self._recorder, self._clock, self._relist = recorder, clock, relist
        self._troubles = Troubles("following failed", "following again")
        self._items: Mapping[str, Item] = {}
        self._asked = Asked()
        self._refused: frozenset[Rejected] = frozenset()  # those that were told of
        self._listed = 0  # the revision of what is known already, until the mirror is as far
        self._changed = asyncio.Event()

    async def begin(self) -> None:
        """A term begins: a pause that was asked for while nobody led holds from its first step
        on."""
        listing = await self._home.list(REQUESTS)
        self._listed = 0
        self._take({item.key: item for item in listing.items}, listing.revision)
        self._listed = listing.revision
        self._show()

    async def follow(self) -> None:
        """Keep what stands in home; until cancelled."""
        while True:
            try:
                async for seen in mirror(self._home, REQUESTS, self._relist):
                    if not seen.listed:  # a listing alone follows nothing
                        self._troubles.works(prefix=REQUESTS)
                    self._take(seen.items, seen.revision)
            except SteersmanError as error:
                self._troubles.fails(error, prefix=REQUESTS)
            await asyncio.sleep(RETRY_SECONDS)

    async def run(self) -> None:
        """Show and tidy whenever something changed or ended; until cancelled."""
        while True:
            self._changed.clear()
            self._show()
            try:
                if self._keeper.world.leading:
                    await self._tidy()
            except SteersmanError as error:
                log.warning("tidying requests failed", error=str(error))
            await self._until_changed()

    def _take(self, items: Mapping[str, Item], revision: int) -> None:
        if revision < self._listed:
            return
        self._listed = 0
        if items != self._items:
            self._items, self._asked = items, read_all(items.values(), self._kinds)
            self._changed.set()

    def _show(self) -> None:
        current = standing(self._asked.requests, self._clock.now())
        self._keeper.ask(current, self._asked.refused)

    async def _until_changed(self) -> None:
        now = self._clock.now()
        end = next_end(self._asked.requests.values(), now)
        until_end = (end - now).total_seconds() if end else LOOK_SECONDS
        try:
            async with asyncio.timeout(min(until_end, LOOK_SECONDS)):
                await self._changed.wait()
        except TimeoutError:
            pass  # nothing came, but time has passed

    async def _tidy(self) -> None:
        self._tell_refusals()
        now = self._clock.now()
        left = standing(self._asked.requests, now)
        items = [each for each in self._items.values() if id_of(each) in self._asked.requests]
        for item in items:
            if id_of(item) not in left:
                await self._home.compare_and_delete(item.key, item.revision)
        found = ((item, left.get(id_of(item))) for item in items)
        await self._date_all([(item, each) for item, each in found if each and each.at is None])

    async def _date_all(self, undated: Iterable[tuple[Item, Request]]) -> None:
        """All are shown at once: of what is approved together, the first goes first."""
        written = [await self._date(item, request) for item, request in undated]
        known = {item.key: item for item in written if item is not None}
        if known:
            revision = max(item.revision for item in known.values())
            self._take({**self._items, **known}, revision)
            self._listed = revision

    async def _date(self, item: Item, request: Request) -> Item | None:
        """None: somebody has just changed it, and it is dated as it is then."""
        now = self._clock.now()
        value = dated(item, request, now)
        written = await self._home.compare_and_swap(item.key, value, item.revision)
        if written is None:
            return None
        self._tell(item, request, now)
        return replace(item, value=value, revision=written)

    def _tell(self, item: Item, request: Request, now: datetime) -> None:
        why = f": {request.reason}" if request.reason else ""
        about = f"{request.verb} {request.hold or request.scope}, by {request.author}{why}"
        self._recorder.record(Event(now, _key(item.key), "Requested", about))

    def _tell_refusals(self) -> None:
        """Each once; of many, not all: they are shown anyway, and other events matter more."""
        refused = self._asked.refused[:REFUSALS_TOLD_MAX]
        for each in refused:
            if each not in self._refused:
                now, key = self._clock.now(), _key(each.path)
                self._recorder.record(Event(now, key, "RequestRefused", each.message, warning=True))
        self._refused = frozenset(refused)


def _key(path: str) -> Key:
    """Under which the events of a request stand."""
    return Key("request", path.removeprefix(REQUESTS))
