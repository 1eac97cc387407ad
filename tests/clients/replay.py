"""A server that gives prepared answers, honest and otherwise, and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.etcd import free_ports

Behaviour = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; `line` is `GET /path?query`, the query in alphabetical order."""

    line: str
    agent: str
    body: Any = None


@dataclass
class Replay:
    """`answers` by request line; a line that is not there is answered by 404 and `{}`."""

    answers: dict[str, Behaviour]
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lines(self) -> list[str]:
        return [asked.line for asked in self.asked]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        line = f"{request.method} {_target(request)}"
        text = await request.text()
        agent = request.headers.get("User-Agent", "")
        self.asked.append(Asked(line, agent, json.loads(text) if text else None))
        return await self.answers.get(line, says({}, 404))(request)


def _target(request: web.BaseRequest) -> str:
    path, mark, query = request.rel_url.raw_path_qs.partition("?")
    return path + mark + "&".join(sorted(query.split("&")))


def says(
    body: object = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> Behaviour:
    """A whole answer: text as it is, None as no body, anything else as JSON."""
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)

    async def behave(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(
            status=status, text=text, content_type="application/json", headers=headers
        )

    return behave


async def hangs(request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.Event().wait()  # until the client gives up
    raise AssertionError


async def closes(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def truncates(request: web.BaseRequest) -> web.StreamResponse:
    """Promises more bytes than it sends."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"machines":[')
    assert request.transport is not None
    request.transport.close()
    return response


HTML = says("<html><title>502 Bad Gateway</title></html>", 200)


@asynccontextmanager
async def serving(
    answers: Mapping[str, Behaviour], path: str | None = None
) -> AsyncIterator[Replay]:
    """On a free port of the loopback address, or on the unix socket at `path`."""
    replay = Replay(dict(answers))
    runner = web.ServerRunner(
        web.Server(replay.handle, handler_cancellation=True), shutdown_timeout=0.1
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0) if path is None else web.UnixSite(runner, path)
    await site.start()
    if path is None:
        replay.port = runner.addresses[0][1]
    try:
        yield replay
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving_app(app: web.Application) -> AsyncIterator[str]:
    """The address of a web application that listens on a free port of the loopback address."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def closed_port() -> int:
    """A port of the loopback address where nobody listens, and which the system gives nobody."""
    (port,) = free_ports(1)
    return port
