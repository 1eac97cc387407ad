"""The keys informer: everything under /configs and /services, kept by two watches."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from steersman.informers.since import Since
from steersman.model.errors import SteersmanError
from steersman.model.mirror import Mirror, mirror
from steersman.model.observed import KeyItem, KeysSnapshot
from steersman.model.ports import Clock, Item, Store

PREFIXES = ("/configs/", "/services/")
RETRY_SECONDS = 2.0

log = structlog.get_logger()


class KeysInformer:
    """Publishes after every batch of either watch, an empty one too: that keeps it fresh."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        publish: Callable[[KeysSnapshot], None],
        heard: Callable[[str, bool], None],
    ) -> None:
        self._store, self._clock, self._publish, self._heard = store, clock, publish, heard
        self._seen: dict[str, Mirror] = {}
        self._seen_at: dict[str, datetime] = {}
        self._since = Since()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for prefix in PREFIXES:
                group.create_task(self._follow(prefix), name=f"keys {prefix}")

    async def _follow(self, prefix: str) -> None:
        while True:
            try:
                async for seen in mirror(self._store, prefix):
                    self._heard("keys", True)
                    self._seen[prefix], self._seen_at[prefix] = seen, self._clock.now()
                    self._publish_both()
            except SteersmanError as error:
                self._heard("keys", False)
                log.warning("following failed", prefix=prefix, error=str(error))
            await asyncio.sleep(RETRY_SECONDS)

    def _publish_both(self) -> None:
        if self._seen.keys() != set(PREFIXES):
            return
        items = {
            key: self._item(item)
            for seen in self._seen.values()
            for key, item in seen.items.items()
        }
        self._since.forget_others()
        revisions = {prefix: seen.revision for prefix, seen in self._seen.items()}
        observed_at = min(self._seen_at.values())  # no fresher than the watch that lags
        self._publish(KeysSnapshot(observed_at, items, revisions))

    def _item(self, item: Item) -> KeyItem:
        value = item.value.decode("utf-8", errors="replace")
        since = self._since.of(item.key, value, self._clock.now())
        return KeyItem(item.key, value, item.revision, item.expires_at, since)
