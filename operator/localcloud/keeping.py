"""No answer to a write leaves before what was written would outlive the process."""

import asyncio
import logging
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

SAVE_SECONDS = 0.5  # between two saves while nobody writes, and until one that failed is repeated
KEPT_SECONDS_MAX = 5.0  # that an answer waits for its save
WRITES = frozenset({"DELETE", "PATCH", "POST", "PUT"})

log = logging.getLogger(__name__)


class Keeper:
    """`save` raises OSError when the disk does not take what is there, and ValueError or
    RecursionError when nobody could write it; `has_room` tells whether the next one would fit."""

    def __init__(self, save: Callable[[], None], has_room: Callable[[], bool]) -> None:
        self._save = save
        self._has_room = has_room
        self._failing = False
        self._wanted = asyncio.Event()
        self._saved = asyncio.Event()  # of the next save; each has its own

    @property
    def able(self) -> bool:
        """Whether a write would be kept, as far as can be told before it."""
        return not self._failing and self._has_room()

    async def kept(self) -> None:
        """Until all that has happened so far is saved. Raises TimeoutError."""
        saved = self._saved
        self._wanted.set()
        async with asyncio.timeout(KEPT_SECONDS_MAX):
            await saved.wait()

    async def run(self) -> None:
        """One save serves all who wait for it; at most half of the time goes into saving."""
        clock = asyncio.get_running_loop().time
        while True:
            await self._until_wanted()
            began = clock()
            self.save()
            await asyncio.sleep(clock() - began)

    def save(self) -> None:
        """Where it fails, that is logged once, and nobody is told that anything was kept."""
        self._wanted.clear()
        try:
            self._save()
        except (OSError, ValueError, RecursionError) as error:
            if not self._failing:
                log.error("cannot save: %s; writes are refused until it works again", error)  # noqa: TRY400 - the trace tells no more
            self._failing = True
            return
        if self._failing:
            log.warning("saved again: writes are taken again")
        self._failing = False
        self._saved.set()
        self._saved = asyncio.Event()

    async def _until_wanted(self) -> None:
        try:
            async with asyncio.timeout(SAVE_SECONDS):
                await self._wanted.wait()
        except TimeoutError:
            return


def keeping(keeper: Keeper, refuse: Callable[[web.Request], web.StreamResponse]) -> Middleware:
    """A write is refused while it could not be kept. Where that shows only after it, the refusal
    leaves it open whether it was carried out, as that of a real server does."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in WRITES:
            return await handler(request)
        if not keeper.able:
            return refuse(request)
        response = await handler(request)
        try:
            await keeper.kept()
        except TimeoutError:
            return refuse(request)
        return response

    return middleware
