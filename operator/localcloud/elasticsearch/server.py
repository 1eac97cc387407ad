"""The HTTP face of one node: what it answers, how long it waits, and when it does not answer."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from localcloud.elasticsearch import cat
from localcloud.elasticsearch.answers import Answers
from localcloud.elasticsearch.asking import Asked, no_handler, refuse_unknown, reply, unsupported
from localcloud.elasticsearch.errors import ApiError, no_master
from localcloud.elasticsearch.membership import MasterGoneError
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.process import Node
from localcloud.elasticsearch.routes import Found, Route, find, routes
from localcloud.elasticsearch.waiting import GoneError, Waiting
from localcloud.journal import Entry, Journal, digest

HANG_SECONDS_MAX = 3600.0  # nobody waits longer for a node that hangs
POLL_SECONDS = 0.1
READS = frozenset({"GET", "HEAD"})
SILENT = ("hang", "pause")

Handler = Callable[[Asked], Awaitable[web.Response]]


def app(
    model: Elasticsearch, key: str, journal: Journal, changed: Callable[[], None]
) -> web.Application:
    """`changed` is called after a write, which may have planned something."""
    application = web.Application()
    face = _Face(model, key, journal, changed)
    application.router.add_route("*", "/{path:.*}", face.answer)
    return application


class _Face:
    def __init__(
        self, model: Elasticsearch, key: str, journal: Journal, changed: Callable[[], None]
    ) -> None:
        self._model = model
        self._journal = journal
        self._changed = changed
        self._waiting = Waiting(model, key)
        self._answers = Answers(model, self._waiting)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            await self._silence()
            node = self._waiting.node()
            if self._model.troubled(node, "reset"):
                return await _broken(request)
            text = (await request.read()).decode(errors="replace")
            response = await self._routed(request, node, text)
        except GoneError:
            return web.Response(status=503)
        if request.method not in READS:
            self._record(request, text, response.status)
            self._changed()
        return response

    async def _silence(self) -> None:
        """As long as the node hangs, and as slow as it is."""
        waits = range(int(HANG_SECONDS_MAX / POLL_SECONDS))
        for _ in waits:
            if not self._model.troubled(self._waiting.node(), *SILENT):
                break
            await asyncio.sleep(POLL_SECONDS)
        await asyncio.sleep(self._model.slow_seconds(self._waiting.node()))

    async def _routed(self, request: web.Request, node: Node, text: str) -> web.Response:
        version = node.spec.dialect
        found = find(_table(node), request.method, request.path, version)
        if not isinstance(found, Found):
            return no_handler(request.method, request.path_qs, found, version)
        refused = unsupported(request, text, version)
        if refused is not None:
            error = f"Content-Type header [{refused}] is not supported"
            return reply({"error": error, "status": 406}, 406, {})
        asked = Asked(node, request.method, request.path, found.parts, request.query, text)
        return await self._answered(asked, found)

    async def _answered(self, asked: Asked, found: Found) -> web.Response:
        handler: Handler = getattr(self._answers, found.route.handler)
        try:
            refuse_unknown(found, asked.path, asked.query, asked.version)
            response = await handler(asked)
        except ApiError as error:
            return _refused(asked, error)
        except MasterGoneError:
            return _refused(asked, no_master(asked.version, "30s"))
        return response

    def _record(self, request: web.Request, text: str, status: int) -> None:
        entry = Entry(
            time=self._model.now(),
            system="elasticsearch",
            method=request.method,
            target=request.host + request.path,
            caller=request.headers.get("User-Agent", ""),
            result=str(status),
            body=digest(text.encode()),
        )
        self._journal.record(entry)


def _table(node: Node) -> tuple[Route, ...]:
    version = node.spec.dialect
    return routes(version, cat.tables(version))


def _refused(asked: Asked, error: ApiError) -> web.Response:
    return reply(error.body(asked.version), error.status, {})


async def _broken(request: web.Request) -> web.StreamResponse:
    """Promises more than it sends before the connection ends."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"cluster_name":')
    if request.transport is not None:
        request.transport.close()
    return response
