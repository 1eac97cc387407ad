"""Doing many things at once, within a bound."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from steersman.model.errors import SteersmanError

T = TypeVar("T")


async def together(
    items: Sequence[T], work: Callable[[T], Awaitable[None]], *, at_once: int
) -> None:
    """Work on all of them, so many at once. The first error ends the rest, and is raised."""
    left = iter(items)

    async def worker() -> None:
        for each in left:
            await work(each)

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(min(at_once, len(items))):
                group.create_task(worker(), name=f"together {number}")
    except ExceptionGroup as errors:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # the group tells of its errors only
            raise asyncio.CancelledError from errors
        raise _ours(errors) from errors


def _ours(errors: ExceptionGroup[Exception]) -> Exception:
    return next((each for each in errors.exceptions if isinstance(each, SteersmanError)), errors)
