"""A server that says what it is told to, byte for byte, and what a client makes of that."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from hypothesis import strategies as st

from steersman.model.errors import SteersmanError
from steersman.model.ports import Batch, Store
from tests.fuzz.strategies import changed, changed_json

REQUEST_BYTES_MAX = 64 * 1024
CALL_SECONDS_MAX = 60.0  # the server answers and hangs up at once; a library may have to be loaded
WATCH_SECONDS = 0.05  # a watch that lost its server tries again: it may wait
STATUSES = (200, 200, 200, 201, 204, 206, 301, 400, 401, 403, 404, 409, 412, 429, 500, 503, 999)
HEADERS = (
    b"",
    b"X-Etcd-Index: 24\r\n",
    b"X-Etcd-Index: -1\r\n",
    b"X-Etcd-Index: many\r\n",
    b"X-Etcd-Index: " + b"9" * 5_000 + b"\r\n",
    b"Content-Type: text/html; charset=no-such\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Location: http://[\r\n",
    b"Server: fleetd/\xff\r\n",
)

T = TypeVar("T")


class Server:
    """Answers each request by what `says` has for its path, the longest that fits."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self.says: Mapping[str, bytes] = {}
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def outcome(self, call: Callable[[], Awaitable[T]]) -> T | None:
        return self._runner.run(outcome_of(call))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()
            fitting = (each for each in self.says if path.startswith(each))
            writer.write(self.says[max(fitting, key=len)])
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has hung up: that is its right
        finally:
            writer.close()


@contextmanager
def serving() -> Iterator[Server]:
    with asyncio.Runner() as runner:
        server = Server(runner)
        listening = runner.run(
            asyncio.start_server(server.answer, "127.0.0.1", limit=REQUEST_BYTES_MAX)
        )
        server.port = listening.sockets[0].getsockname()[1]
        yield server
        listening.close()


def replies(bodies: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """A whole HTTP answer around one of these JSON bodies, with something wrong in it."""
    good = [reply(body) for body in bodies]
    heads = st.tuples(st.sampled_from(STATUSES), st.sampled_from(HEADERS))
    odd = st.builds(lambda body, head: reply(body, *head), changed_json(bodies), heads)
    return odd | changed(good)


def reply(body: bytes, status: int = 200, headers: bytes = b"X-Etcd-Index: 24\r\n") -> bytes:
    head = f"HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + headers + b"\r\n" + body


async def outcome_of(call: Callable[[], Awaitable[T]]) -> T | None:
    """What a call of a client returns; None: an error of the model. It does not wait for ever."""
    try:
        async with asyncio.timeout(CALL_SECONDS_MAX):
            return await call()
    except SteersmanError:
        return None


async def second_batch(store: Store, prefix: str, after: int) -> Batch | None:
    """The first one may only say that the watch has begun. None: there is nothing but waiting."""
    watch = store.watch(prefix, after)
    try:
        async with asyncio.timeout(WATCH_SECONDS):
            await anext(watch)
            return await anext(watch)
    except TimeoutError:
        return None
