"""A stream whose server takes nothing: whoever gives up leaves nothing behind."""

import asyncio
from typing import Any, cast

import pytest

from steersman.clients.etcd3.transport import Stream
from steersman.clients.etcd3.wire import WATCH, make
from steersman.model.errors import UnreachableError

REQUEST = make("WatchRequest")


class FullCall:
    """A call of gRPC whose buffers are full."""

    async def write(self, message: Any) -> None:
        await asyncio.Event().wait()


def stream() -> Stream:
    return Stream(cast(Any, FullCall()), WATCH)


async def others() -> set["asyncio.Task[Any]"]:
    """What runs beside the test, once what was cancelled has ended."""
    await asyncio.sleep(0)
    return asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}


async def test_a_write_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(UnreachableError, match="nothing is taken"):
        await stream().write(REQUEST, 0.01)
    assert await others() == set()


async def test_a_write_whose_caller_is_cancelled_is_given_up() -> None:
    writing = asyncio.create_task(stream().write(REQUEST, 60))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await others() == set()
