"""Writes fleet's keys into a real etcd (v2 API), where other tools look for them, and tells what
others have changed of the jobs there."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from localcloud.fleet.keyspace import JOBS, PREFIX, Key

log = logging.getLogger(__name__)

ROUND_SECONDS = 0.5
LOOK_SECONDS = 2.0  # between two looks at what others changed
REQUEST_TIMEOUT_SECONDS = 3.0
REQUESTS_AT_ONCE_MAX = 4
KEY_NOT_FOUND = 100  # etcd's error code

_Write = tuple[str, Key | None]  # None: the key goes


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be written so that etcd shows `wanted`."""

    put: Mapping[str, Key]
    delete: frozenset[str]


class MirrorError(Exception):
    """etcd did not take a request; the next round tries again."""


def difference(written: Mapping[str, Key], wanted: Mapping[str, Key]) -> Difference:
    """A key is written again when its value changed or its time to live was renewed, so etcd sees
    each heartbeat; a key that merely grows old is left to expire."""
    put = {path: key for path, key in wanted.items() if _renewed(written.get(path), key)}
    return Difference(put, frozenset(written.keys() - wanted.keys()))


def _renewed(before: Key | None, now: Key) -> bool:
    if before is None or before[0] != now[0]:
        return True
    return now[1] is not None and (before[1] is None or now[1] > before[1])


Noticed = Callable[[str, str | None], None]


def nobody(path: str, value: str | None) -> None:
    pass


class Mirror:
    """`run` goes on until it is cancelled; while etcd is down it keeps what is to be written.
    `noticed` is told what somebody else wrote to a key of a job, or None for a key that went; what
    it does not take up is written over."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        etcd_url: str,
        keys: Callable[[], Mapping[str, Key]],
        noticed: Noticed = nobody,
    ) -> None:
        self._session = session
        self._url = etcd_url.rstrip("/")
        self._keys = keys
        self._noticed = noticed
        self._written: dict[str, Key] | None = None  # None: not yet known what etcd holds
        self._slots = asyncio.Semaphore(REQUESTS_AT_ONCE_MAX)
        self._failing = False

    async def run(self) -> None:
        rounds_to_look = 0
        while True:
            try:
                await self.synchronise()
                rounds_to_look = (rounds_to_look or round(LOOK_SECONDS / ROUND_SECONDS)) - 1
                if rounds_to_look == 0:
                    await self.look()
                self._report(None)
            except MirrorError as error:
                self._report(error)
            await asyncio.sleep(ROUND_SECONDS)

    async def synchronise(self) -> None:
        """One round. Raises MirrorError after all that could be written was written."""
        if self._written is None:
            self._written = await self._listed(PREFIX)
        wanted = self._keys()
        todo = difference(self._written, wanted)
        self._written |= {path: wanted[path] for path in wanted.keys() - todo.put.keys()}
        writes: list[_Write] = [*todo.put.items(), *((path, None) for path in todo.delete)]
        await self._apply(self._written, writes)

    async def look(self) -> None:
        """Nothing of ours is on its way meanwhile, so every difference is somebody else's."""
        written = self._written or {}
        found = await self._listed(JOBS)
        for path, (value, ttl_seconds) in list(written.items()):
            now, _ = found.get(path, (None, None))
            if not path.startswith(JOBS) or ttl_seconds is not None or now == value:
                continue
            if now is None:
                del written[path]
            else:
                written[path] = (now, None)
            self._noticed(path, now)

    async def _apply(self, written: dict[str, Key], writes: Iterable[_Write]) -> None:
        errors: list[MirrorError] = []
        async with asyncio.TaskGroup() as group:
            for path, key in writes:
                group.create_task(self._attempt(written, path, key, errors), name=f"mirror {path}")
        if errors:
            raise errors[0]

    async def _attempt(
        self, written: dict[str, Key], path: str, key: Key | None, errors: list[MirrorError]
    ) -> None:
        async with self._slots:
            if errors:
                return  # etcd fails: the rest of the round would only wait for timeouts
            try:
                await self._write(path, key)
            except MirrorError as error:
                errors.append(error)
                return
        if key is None:
            written.pop(path, None)
        else:
            written[path] = key

    async def _write(self, path: str, key: Key | None) -> None:
        if key is None:
            await self._request("DELETE", path)
        else:
            value, ttl_seconds = key
            form = {"value": value} | ({} if ttl_seconds is None else {"ttl": str(ttl_seconds)})
            await self._request("PUT", path, data=form)

    async def _listed(self, directory: str) -> dict[str, Key]:
        answer = await self._request("GET", directory, params={"recursive": "true"})
        return dict(_leaves(answer.get("node", {})))

    async def _request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """One attempt. A key that is not there is as good as deleted, and lists as nothing."""
        url = URL(f"{self._url}/v2/keys{quote(path)}", encoded=True)
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)
        try:
            async with self._session.request(method, url, timeout=timeout, **options) as response:
                body: dict[str, Any] = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            message = f"{method} {path}: {error!r}"
            raise MirrorError(message) from error
        if body.get("errorCode", KEY_NOT_FOUND) != KEY_NOT_FOUND or response.status >= 500:
            message = f"{method} {path}: {response.status} {body}"
            raise MirrorError(message)
        return body

    def _report(self, error: MirrorError | None) -> None:
        """Once when it begins to fail, once when it works again."""
        if error is not None and not self._failing:
            log.warning("mirroring fleet's keys fails", extra={"error": str(error)})
        elif error is None and self._failing:
            log.info("mirroring fleet's keys works again")
        self._failing = error is not None


def _leaves(node: Mapping[str, Any]) -> Iterator[tuple[str, Key]]:
    if "value" in node:
        yield node["key"], (node["value"], node.get("ttl"))
    for child in node.get("nodes", ()):
        yield from _leaves(child)
