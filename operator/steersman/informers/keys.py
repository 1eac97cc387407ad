"""The keys informer: everything under /configs and /services, kept by two watches."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from steersman.model.errors import SteersmanError
from steersman.model.hearing import Hears
from steersman.model.mirror import Mirror, Relist, mirror
from steersman.model.observed import KeyItem, KeysSnapshot
from steersman.model.ports import Clock, Item, Store
from steersman.model.shared import Shared
from steersman.telemetry.troubles import Troubles

PREFIXES = ("/configs/", "/services/")
RETRY_SECONDS = 2.0


class KeysInformer:
    """Publishes after every batch of either watch, an empty one too: that keeps it fresh. Each is
    shown to `follows` before that: a store that went back is no news of keys."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        publish: Callable[[KeysSnapshot], None],
        heard: Hears,
        follows: Callable[[str, Mirror], None],
        relist: Relist,
    ) -> None:
        self._store, self._clock, self._publish, self._heard = store, clock, publish, heard
        self._follows, self._relist = follows, relist
        self._troubles = Troubles("following failed", "following again")
        self._seen: dict[str, Mirror] = {}
        self._seen_at: dict[str, datetime] = {}
        self._items: Shared[str, KeyItem] = Shared({})

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for prefix in PREFIXES:
                group.create_task(self._follow(prefix), name=f"keys {prefix}")

    async def _follow(self, prefix: str) -> None:
        while True:
            try:
                async for seen in mirror(self._store, prefix, self._relist):
                    self._heard("keys", True, prefix)
                    if not seen.listed:  # a listing alone follows nothing
                        self._troubles.works(source="keys", prefix=prefix)
                    self._follows(prefix, seen)
                    self._take(prefix, seen)
                    self._publish_both()
            except SteersmanError as error:
                self._heard("keys", False, prefix, str(error))
                self._troubles.fails(error, source="keys", prefix=prefix)
            await asyncio.sleep(RETRY_SECONDS)

    def _take(self, prefix: str, seen: Mirror) -> None:
        """What did not change stays the same object, so that nobody looks at it again."""
        before, now = self._seen.get(prefix), self._clock.now()
        self._seen[prefix], self._seen_at[prefix] = seen, now
        # not `seen.changed`: a mirror that begins anew does not know what was there before
        changed = seen.items.differing(before.items if before else Shared({}))
        found = {key: seen.items.get(key) for key in changed}
        self._items = self._items.updated(
            {
                key: _key_item(item, self._items.get(key), now) if item else None
                for key, item in found.items()
            }
        )

    def _publish_both(self) -> None:
        if self._seen.keys() != set(PREFIXES):
            return
        revisions = {prefix: seen.revision for prefix, seen in self._seen.items()}
        observed_at = min(self._seen_at.values())  # no fresher than the watch that lags
        self._publish(KeysSnapshot(observed_at, self._items, revisions))


def _key_item(item: Item, before: KeyItem | None, now: datetime) -> KeyItem:
    value = item.value.decode("utf-8", errors="replace")
    since = before.since if before and before.value == value else now
    return KeyItem(item.key, value, item.revision, item.expires_at, since)
