"""What units read of etcd's v2 store, kept in memory: lists again whenever something changed."""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import aiohttp

from localcloud.seams import UnreachableError

READ_TIMEOUT_SECONDS = 5.0
# A watch that saw nothing lists anew, so that it never falls behind the 1000 events etcd remembers.
POLL_SECONDS = 20.0
RETRY_SECONDS = 0.5
BODY_BYTES_MAX = 64 * 1024 * 1024

log = logging.getLogger(__name__)


class KeyView:
    """seams.Keys of all keys that are not hidden; `run` is a task that keeps it true."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._session = session
        self._values: dict[str, str] | None = None  # None: etcd does not answer
        self._directories: frozenset[str] = frozenset()
        self._listed = asyncio.Event()

    def get(self, key: str) -> str | None:
        return self._known().get(_normal(key))

    def leaves(self, directory: str) -> list[str] | None:
        name = _normal(directory)
        prefix = f"{name}/"
        found = [key.removeprefix(prefix) for key in self._known() if key.startswith(prefix)]
        return found if found or name in self._directories else None

    async def wait_until_listed(self, timeout_seconds: float) -> None:
        """Until etcd answered for the first time; an etcd that does not is no error here."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._listed.wait()
        except TimeoutError:
            log.warning("etcd did not answer within %s seconds", timeout_seconds)

    async def run(self) -> None:
        while True:
            try:
                await self._wait_for_a_change(await self._list())
            except (aiohttp.ClientError, TimeoutError, ValueError, KeyError) as error:
                if self._values is not None:
                    log.warning("etcd does not answer: %s", error)
                self._values = None
                await asyncio.sleep(RETRY_SECONDS)

    def _known(self) -> Mapping[str, str]:
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
