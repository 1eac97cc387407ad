"""Saving what was written before the answer leaves, and what happens when that fails."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from localcloud import keeping
from localcloud.keeping import Keeper
from tests.localcloud.waiting import eventually

FULL = OSError(errno.ENOSPC, "No space left on device")
FILLING = "/filling"  # the write after which the disk is full


class Disk:
    """Holds what was saved last of a world, until it is full."""

    def __init__(self) -> None:
        self.world: list[str] = []
        self.saved: list[str] = []
        self.saves = 0
        self.full = False
        self.room = True
        self.keeper = Keeper(self.save, lambda: self.room)

    def save(self) -> None:
        if self.full:
            raise FULL
        self.saves += 1
        self.saved = list(self.world)

    async def write(self, request: web.Request) -> web.Response:
        self.world.append(request.path)
        self.full = self.full or request.path == FILLING
        return web.Response(text="written")

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Callable[[str, str], Awaitable[int]]]:
        """Gives what asks it, by method and path, for a status."""
        around = keeping.keeping(self.keeper, lambda _: web.Response(status=503))
        application = web.Application(middlewares=[around])
        application.router.add_route("*", "/{path:.*}", self.write)
        running = asyncio.create_task(self.keeper.run())
        async with TestClient(TestServer(application)) as client:

            async def ask(method: str, path: str) -> int:
                async with client.request(method, path) as answer:
                    return answer.status

            yield ask
        running.cancel()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 3600.0)
    monkeypatch.setattr(keeping, "KEPT_SECONDS_MAX", 60.0)
    return Disk()


async def test_what_was_written_is_saved_when_the_answer_comes(disk: Disk) -> None:
    async with disk.served() as ask:
        for path in ("/a", "/b"):
            assert await ask("POST", path) == 200
            assert disk.saved[-1] == path


async def test_one_save_serves_all_writes_that_come_together(disk: Disk) -> None:
    async with disk.served() as ask:
        answers = await asyncio.gather(*(ask("PUT", f"/{number}") for number in range(50)))
    assert answers == [200] * 50
    assert len(disk.saved) == 50
    assert disk.saves < 25


async def test_a_read_waits_for_no_save(disk: Disk) -> None:
    disk.full = True
    async with disk.served() as ask:
        assert await ask("GET", "/a") == 200


async def test_without_room_a_write_is_refused_before_it_is_carried_out(disk: Disk) -> None:
    disk.room = False
    async with disk.served() as ask:
        assert await ask("POST", "/a") == 503
        assert disk.world == []
        disk.room = True
        assert await ask("POST", "/b") == 200
    assert disk.saved == ["/b"]


async def test_a_save_that_failed_is_tried_again_and_no_write_is_taken_meanwhile(
    disk: Disk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SAVE_SECONDS", 0.01)
    async with disk.served() as ask:
        monkeypatch.setattr(keeping, "KEPT_SECONDS_MAX", 0.2)
        assert await ask("POST", FILLING) == 503
        monkeypatch.setattr(keeping, "KEPT_SECONDS_MAX", 60.0)
        assert await ask("POST", "/refused") == 503
        assert disk.world == [FILLING]
        disk.full = False

        async def able() -> bool:
            return disk.keeper.able

        await eventually(able)
        assert await ask("POST", "/later") == 200
    assert disk.saved == [FILLING, "/later"]
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "cannot save",
        "saved again",
    ]
