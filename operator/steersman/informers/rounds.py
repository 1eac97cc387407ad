"""Rounds: how an informer reads again and again, sooner when somebody pokes it."""

import asyncio
from collections.abc import Awaitable, Callable

from steersman.model.errors import OutsideError
from steersman.model.hearing import Hears
from steersman.telemetry.troubles import Troubles

ROUND_SECONDS = 120.0  # no round takes so long, unless something hangs


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
        self._troubles = Troubles("reading failed", "reading again")
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
                self._troubles.works(source=self._source)
            except OutsideError as error:
                self._failed(error)
            except TimeoutError:
                self._failed(TimeoutError(f"no end within {ROUND_SECONDS:g} s"))
            await self._pause()

    def _failed(self, error: Exception) -> None:
        self._heard(self._source, False, why=str(error))
        self._troubles.fails(error, source=self._source)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._interval()):
                await self._poked.wait()
        except TimeoutError:
            return
