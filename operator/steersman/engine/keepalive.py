"""Keep-alives: what is registered is refreshed on a timer of its own, past every gate.

Whoever is asked for them says which; a slow probe or a busy worker never delays a beat.
"""

import asyncio
from collections.abc import Callable, Mapping

from steersman.model.errors import OutsideError
from steersman.model.kind import KeepAlive
from steersman.model.ports import Clock, Store

CALL_TIMEOUT_SECONDS = 5.0
SLEEP_MAX_SECONDS = 1.0  # so often it is asked what to keep alive
SLEEP_MIN_SECONDS = 0.05
RETRY_SHARE = 1 / 3  # of the period, after a beat that failed

# What `observe` is told of each beat.
OK, LOST, ERROR = "ok", "lost", "error"


def due(
    keepalives: tuple[KeepAlive, ...], beaten: Mapping[str, float], now: float
) -> tuple[KeepAlive, ...]:
    """Which to refresh, the longest waiting first. `beaten` and `now` are monotonic seconds; a
    key that was never beaten is due at once."""
    waiting = [each for each in keepalives if _due_at(each, beaten, now) <= now]
    return tuple(sorted(waiting, key=lambda each: _due_at(each, beaten, now)))


def _due_at(each: KeepAlive, beaten: Mapping[str, float], now: float) -> float:
    return beaten[each.key] + each.period_seconds if each.key in beaten else now


class KeepAliver:
    """Refreshes what `current` names, one call at a time. `observe` hears how each beat ended."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        current: Callable[[], tuple[KeepAlive, ...]],
        observe: Callable[[str], None],
    ) -> None:
        self._store, self._clock = store, clock
        self._current, self._observe = current, observe
        self._beaten: dict[str, float] = {}
        self._revisions: dict[str, int] = {}  # as the last refresh left them

    async def run(self) -> None:
        """Endless."""
        while True:
            current = self._current()
            self._forget_all_but({each.key for each in current})
            for each in due(current, self._beaten, self._clock.monotonic()):
                await self._beat(each)
            await asyncio.sleep(self._pause(current))

    def _forget_all_but(self, keys: set[str]) -> None:
        for key in self._beaten.keys() - keys:
            del self._beaten[key]
            self._revisions.pop(key, None)

    def _pause(self, current: tuple[KeepAlive, ...]) -> float:
        now = self._clock.monotonic()
        waits = (_due_at(each, self._beaten, now) - now for each in current)
        return max(SLEEP_MIN_SECONDS, min([SLEEP_MAX_SECONDS, *waits]))

    async def _beat(self, each: KeepAlive) -> None:
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(CALL_TIMEOUT_SECONDS):
                revision = await self._refresh(each)
        except (OutsideError, TimeoutError):
            self._beaten[each.key] = started - each.period_seconds * (1 - RETRY_SHARE)
            self._observe(ERROR)
            return
        self._beaten[each.key] = started
        if revision is None:  # gone, or somebody else's: the next plan sees to it
            self._revisions.pop(each.key, None)
            self._observe(LOST)
            return
        self._revisions[each.key] = revision
        self._observe(OK)

    async def _refresh(self, each: KeepAlive) -> int | None:
        """The revision to name next time. The higher of the two that are known is the newer: a
        refresh may give a new one without waking the watch, and so may one by another daemon
        before us; then the key is still the same if its value is."""
        revision = max(each.revision, self._revisions.get(each.key, 0))
        refreshed = await self._store.refresh(each.key, each.ttl_seconds, revision)
        if refreshed is not None:
            return refreshed
        item = await self._store.get(each.key)
        if item is None or item.value != each.value.encode() or item.expires_at is None:
            return None
        return await self._store.refresh(each.key, each.ttl_seconds, item.revision)
