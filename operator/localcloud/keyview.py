"""What units read of etcd's v2 store, kept in memory: lists again whenever something changed. What
they write is sent on, one write after the other."""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from localcloud.seams import UnreachableError

READ_TIMEOUT_SECONDS = 5.0
# A watch that saw nothing lists anew, so that it never falls behind the 1000 events etcd remembers.
POLL_SECONDS = 20.0
RETRY_SECONDS = 0.5
WRITE_TIMEOUT_SECONDS = 5.0
WRITES_WAITING_MAX = 1000
BODY_BYTES_MAX = 64 * 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Write:
    method: str
    key: str
    form: Mapping[str, str]


class KeyView:
    """seams.Keys of all keys that are not hidden; `run` is a task that keeps it true. A write shows
    at once; one that etcd does not take is lost, and the next list tells."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._session = session
        self._values: dict[str, str] | None = None  # None: etcd does not answer
        self._directories: frozenset[str] = frozenset()
        self._listed = asyncio.Event()
        self._writes: asyncio.Queue[_Write] = asyncio.Queue(WRITES_WAITING_MAX)

    def get(self, key: str) -> str | None:
        return self._known().get(_normal(key))

    def leaves(self, directory: str) -> list[str] | None:
        name = _normal(directory)
        prefix = f"{name}/"
        found = [key.removeprefix(prefix) for key in self._known() if key.startswith(prefix)]
        return found if found or name in self._directories else None

    def put(self, key: str, value: str, ttl_seconds: float | None = None) -> None:
        form = {"value": value} | ({} if ttl_seconds is None else {"ttl": f"{ttl_seconds:.0f}"})
        self._send(_Write("PUT", _normal(key), form))
        self._known()[_normal(key)] = value

    def remove(self, key: str) -> bool:
        if _normal(key) not in self._known():
            return False
        self._send(_Write("DELETE", _normal(key), {}))
        del self._known()[_normal(key)]
        return True

    async def wait_until_listed(self, timeout_seconds: float) -> None:
        """Until etcd answered for the first time; an etcd that does not is no error here."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._listed.wait()
        except TimeoutError:
            log.warning("etcd did not answer within %s seconds", timeout_seconds)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(), name="key view: reads")
            group.create_task(self._write(), name="key view: writes")

    async def _follow(self) -> None:
        while True:
            try:
                await self._wait_for_a_change(await self._list())
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                if self._values is not None:
                    log.warning("etcd does not answer: %s", error)
                self._values = None
                await asyncio.sleep(RETRY_SECONDS)

    def _send(self, write: _Write) -> None:
        self._known()
        try:
            self._writes.put_nowait(write)
        except asyncio.QueueFull as error:
            raise UnreachableError from error

    async def _write(self) -> None:
        timeout = aiohttp.ClientTimeout(total=WRITE_TIMEOUT_SECONDS)
        while True:
            write = await self._writes.get()
            url = URL(f"{self._url}/v2/keys{quote(write.key)}", encoded=True)
            try:
                async with self._session.request(
                    write.method, url, data=write.form, timeout=timeout
                ) as response:
                    await response.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("a write of a unit is lost: %s %s: %s", write.method, write.key, error)

    def _known(self) -> dict[str, str]:
        if self._values is None:
            raise UnreachableError
        return self._values

    async def _list(self) -> int:
        """The index of the store at the time of the list."""
        parameters = {"recursive": "true", "quorum": "true"}
        async with self._session.get(
            f"{self._url}/v2/keys/",
            params=parameters,
            timeout=aiohttp.ClientTimeout(total=READ_TIMEOUT_SECONDS),
        ) as response:
            response.raise_for_status()
            body = await _json(response)
            nodes = list(_nodes(body["node"]))
            self._values = {node["key"]: node["value"] for node in nodes if "value" in node}
            self._directories = frozenset(node.get("key", "") for node in nodes if node.get("dir"))
            self._listed.set()
            return int(response.headers["X-Etcd-Index"])

    async def _wait_for_a_change(self, index: int) -> None:
        parameters = {"wait": "true", "recursive": "true", "waitIndex": str(index + 1)}
        try:
            async with self._session.get(
                f"{self._url}/v2/keys/",
                params=parameters,
                timeout=aiohttp.ClientTimeout(total=POLL_SECONDS),
            ) as response:
                await _json(response)  # what it was does not matter, nor that it was cleared
        except TimeoutError:
            return


async def _json(response: aiohttp.ClientResponse) -> Any:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            message = f"an answer over {BODY_BYTES_MAX} bytes"
            raise ValueError(message)
    return json.loads(body)


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("nodes", ()):
        yield from _nodes(child)


def _normal(key: str) -> str:
    return "/" + key.strip("/") if key.strip("/") else ""
