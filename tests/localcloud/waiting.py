"""Waiting for a condition of something real, with a deadline."""

import asyncio
from collections.abc import Awaitable, Callable

DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.05


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await condition():  # noqa: ASYNC110 - nobody tells when it comes true
            await asyncio.sleep(POLL_SECONDS)
