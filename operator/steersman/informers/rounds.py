"""Rounds: how an informer reads again and again, sooner when somebody pokes it."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from steersman.model.errors import OutsideError
from steersman.model.hearing import Hears

ROUND_SECONDS = 120.0  # no round takes so long, unless something hangs

log = structlog.get_logger()


class Rounds:
    """Calls `read` for ever. A failed round is told and changes nothing: what was seen before
    stays, and gets old."""

    def __init__(
        self,
        source: str,
        read: Callable[[], Awaitable[None]],
        interval_seconds: Callable[[], float],
        heard: Hears,
    ) -> None:
        self._source, self._read, self._interval = source, read, interval_seconds
        self._heard = heard
        self._poked = asyncio.Event()

    def poke(self) -> None:
        """Something was written there: read soon."""
        self._poked.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._poked.clear()
            try:
                async with asyncio.timeout(ROUND_SECONDS):
                    await self._read()
                self._heard(self._source, True)
            except (OutsideError, TimeoutError) as error:
                told = str(error) or f"no end within {ROUND_SECONDS:g} s"
                self._heard(self._source, False, why=told)
                log.warning("reading failed", source=self._source, error=told)
            await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._interval()):
                await self._poked.wait()
        except TimeoutError:
            return
