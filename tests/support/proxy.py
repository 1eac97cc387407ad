"""A TCP relay on loopback that can do what networks do: carry nothing, or lose the answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
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
        self._unanswered: tuple[bytes, ...] = ()
        self._late: tuple[bytes, ...] = ()
        self._parted = False
        self.holds_back = False  # a request that is to be late

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

    def thaw(self) -> None:
        """What was held back arrives, late; what is said from now on at once."""
        self._unanswered = self._late = ()
        self.holds_back = self._parted = False
        for link in self._links.values():
            link.there.set()
            link.back.set()

    def part(self) -> None:
        """A network that is parted: nothing is carried, on no connection, until `thaw`."""
        self._parted = True
        self.freeze()

    def hold_back(self, *methods: bytes) -> None:
        """From now on: an HTTP request that begins so arrives only after `thaw`."""
        self._late = methods

    def withhold_answers_to(self, *methods: bytes) -> None:
        """From now on: an HTTP request that begins so arrives, and is never answered."""
        self._unanswered = methods

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
        if self._parted:
            link.there.clear()
            link.back.clear()
        try:
            await self._relay(reader, writer, link)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # one side is gone, or the test has cut it: the other side sees the same
        finally:
            del self._links[task]
            writer.transport.abort()

    def _hear(self, data: bytes, link: _Link) -> None:
        if data.startswith(self._unanswered):
            link.back.clear()
        if data.startswith(self._late):
            link.there.clear()
            self.holds_back = True

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link
    ) -> None:
        async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            there = asyncio.create_task(
                _carry(reader, far_writer, link.there, lambda data: self._hear(data, link))
            )
            back = asyncio.create_task(_carry(far_reader, writer, link.back, lambda _data: None))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        finally:
            far_writer.transport.abort()


async def _carry(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    is_open: asyncio.Event,
    hear: Callable[[bytes], None],
) -> None:
    while data := await reader.read(_CHUNK_BYTES):
        hear(data)
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
