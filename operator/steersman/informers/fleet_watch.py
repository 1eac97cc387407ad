"""The fleet watch: fleet's own keys in etcd tell when a round is worth while.

fleet's API cannot be watched, but what it answers is read from keys below one directory. Most of
what happens there are heartbeats, which write the same value again.
"""

import asyncio
from collections.abc import Callable

import structlog

from steersman.model.errors import SteersmanError
from steersman.model.mirror import Mirror, mirror
from steersman.model.ports import Store

# What units there are and where, how they are, and the machines. Not the units' texts, which
# fleet never removes, nor the lease of its engine, which beats every few seconds.
PREFIXES = tuple(f"/_coreos.com/fleet/{each}/" for each in ("job", "states", "machines"))
RETRY_SECONDS = 2.0
SETTLE_SECONDS = 0.1  # what happens to a unit changes several keys
APART_SECONDS = 0.8  # and whatever happens, no two rounds are closer: a change is seen within 1 s

log = structlog.get_logger()


class FleetWatch:
    """Calls `poke` after changes, at most once in SETTLE_SECONDS + APART_SECONDS. Where fleet's
    keys are in another store, or the store fails, nothing happens: fleet is polled anyway."""

    def __init__(self, store: Store, poke: Callable[[], None]) -> None:
        self._store, self._poke = store, poke
        self._seen: dict[str, Mirror] = {}
        self._failing: set[str] = set()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wake(), name="fleet woken")
            for prefix in PREFIXES:
                group.create_task(self._follow(prefix), name=f"fleet {prefix}")

    async def _wake(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            self._changed.clear()
            self._poke()
            await asyncio.sleep(APART_SECONDS)

    async def _follow(self, prefix: str) -> None:
        while True:
            try:
                async for seen in mirror(self._store, prefix):
                    self._works(prefix)
                    self._take(prefix, seen)
            except SteersmanError as error:
                self._fails(prefix, error)
            await asyncio.sleep(RETRY_SECONDS)

    def _take(self, prefix: str, seen: Mirror) -> None:
        before = self._seen.get(prefix)
        self._seen[prefix] = seen
        if before is None:
            self._tell_if_empty()
        elif any(_value(seen, key) != _value(before, key) for key in _touched(seen, before)):
            self._changed.set()

    def _tell_if_empty(self) -> None:
        """Once, when all were listed."""
        if self._seen.keys() == set(PREFIXES) and not any(
            each.items for each in self._seen.values()
        ):
            log.info("fleet keeps no keys in the unit store: it is only polled")

    def _works(self, prefix: str) -> None:
        if prefix in self._failing:
            self._failing.discard(prefix)
            if not self._failing:
                log.info("watching fleet's keys again")

    def _fails(self, prefix: str, error: SteersmanError) -> None:
        if not self._failing:
            log.warning("watching fleet's keys failed: it is only polled", error=str(error))
        self._failing.add(prefix)


def _touched(seen: Mirror, before: Mirror) -> frozenset[str]:
    """Not `seen.changed`: a mirror that begins anew does not know what was there before."""
    return seen.items.differing(before.items)


def _value(seen: Mirror, key: str) -> bytes | None:
    item = seen.items.get(key)
    return item.value if item else None
