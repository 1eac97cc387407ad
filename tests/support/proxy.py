"""A TCP relay on loopback that can do what networks do: carry nothing, or lose the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_CHUNK_BYTES = 64 * 1024
_CONNECT_TIMEOUT_SECONDS = 5.0


class _Link:
    """One connection through the relay. A way that is shut carries nothing and stays open."""

    def __init__(self) -> None:
        self.there = asyncio.Event()
        self.back = asyncio.Event()
        self.there.set()
        self.back.set()


class Proxy:
    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self._links: dict[asyncio.Task[None], _Link] = {}
        self._server: asyncio.Server | None = None

    @property
    def endpoint(self) -> str:
        assert self._server is not None
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def freeze(self) -> None:
        """The connections of now stay open and carry nothing more. New ones are served."""
        for link in self._links.values():
            link.there.clear()
            link.back.clear()

    def withhold_answers(self) -> None:
        """What clients say on the connections of now arrives; what they are told does not."""
        for link in self._links.values():
            link.back.clear()

    def cut(self) -> None:
        """End the connections of now."""
        for task in self._links:
            task.cancel()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._links, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task, link = asyncio.current_task(), _Link()
        assert task is not None
        self._links[task] = link
        try:
            await self._relay(reader, writer, link)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # one side is gone, or the test has cut it: the other side sees the same
        finally:
            del self._links[task]
            writer.transport.abort()

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link
    ) -> None:
        async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            there = asyncio.create_task(_carry(reader, far_writer, link.there))
            back = asyncio.create_task(_carry(far_reader, writer, link.back))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        finally:
            far_writer.transport.abort()


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, is_open: asyncio.Event
) -> None:
    while data := await reader.read(_CHUNK_BYTES):
        await is_open.wait()
        writer.write(data)
        await writer.drain()


@asynccontextmanager
async def relayed(target: str) -> AsyncIterator[Proxy]:
    proxy = Proxy(target)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
