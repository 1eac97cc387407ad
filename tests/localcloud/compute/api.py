"""The API on a loopback port, over a model whose clock a test moves. Whatever it answers is held
against Google's own description."""

from collections.abc import Mapping
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from yarl import URL

from localcloud.compute.server import app
from localcloud.journal import Entry, Journal
from tests.localcloud.compute.conformance import wrong_reply
from tests.localcloud.compute.world import World, body

WAIT_SECONDS = 0.2  # of a `wait`: the clock stands still meanwhile
TIMEOUT = aiohttp.ClientTimeout(total=30)


class Api:
    """Use as an async context manager. `call` is a plain HTTP client, as anybody might write."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.journal = Journal()
        self.headers: dict[str, str] = {}  # of every request
        application = app(world.compute, self.journal, WAIT_SECONDS)
        self._server = TestServer(application, host="127.0.0.1")
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> "Api":
        await self._server.start_server()
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._server.close()

    @property
    def endpoint(self) -> str:
        return str(self._server.make_url("")).rstrip("/")

    @property
    def entries(self) -> list[Entry]:
        return list(self.journal)

    async def call(
        self, method: str, path: str, json: Any = None, project: str = "p", **query: str
    ) -> tuple[int, Any]:
        url = URL(f"{self.endpoint}/compute/v1/projects/{project}{path}").with_query(query)
        async with self._session.request(method, url, json=json, headers=self.headers) as response:
            status, answer = response.status, await response.json()
        assert wrong_reply(method, f"projects/{project}{path}", status, answer) == []
        return status, answer

    async def get(self, path: str, project: str = "p", **query: str) -> Mapping[str, Any]:
        status, answer = await self.call("GET", path, None, project, **query)
        assert status == 200, answer
        found: Mapping[str, Any] = answer
        return found

    async def insert(self, name: str = "core1", **extra: Any) -> None:
        """Inserted, and left alone until it runs."""
        status, answer = await self.call(
            "POST", "/zones/europe-west1-b/instances", body(name, **extra)
        )
        assert status == 200, answer
        self.world.advance()
