"""The HTTP face of one node: what it answers, how long it waits, and when it does not answer."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from localcloud.elasticsearch.api.answering import answer
from localcloud.elasticsearch.api.answers import Answers
from localcloud.elasticsearch.api.asked import Request
from localcloud.elasticsearch.api.errors import not_published
from localcloud.elasticsearch.api.replies import Reply, refused
from localcloud.elasticsearch.api.waiting import GoneError, Waiting
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.version import Version
from localcloud.journal import Entry, Journal, digest

HANG_SECONDS_MAX = 3600.0  # nobody waits longer for a node that hangs
POLL_SECONDS = 0.1
READS = frozenset({"GET", "HEAD"})
SILENT = ("hang", "pause")


def app(
    model: Elasticsearch, key: str, journal: Journal, changed: Callable[[], None]
) -> web.Application:
    """`changed` is called after a write, which may have planned something."""
    application = web.Application()
    face = _Face(model, key, journal, changed)
    application.router.add_route("*", "/{path:.*}", face.answer)
    return application


def unkept(version: Version) -> Callable[[web.Request], web.Response]:
    """To a write that would not outlive the process."""
    return lambda _: _response(refused(not_published(), version))


class _Face:
    def __init__(
        self, model: Elasticsearch, key: str, journal: Journal, changed: Callable[[], None]
    ) -> None:
        self._model = model
        self._journal = journal
        self._changed = changed
        self._waiting = Waiting(model, key, _until)
        self._answers = Answers(model, self._waiting)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            await self._silence()
            node = self._waiting.node()
            if self._model.troubled(node, "reset"):
                return await _broken(request)
            asked = await _read(request)
            reply = await answer(self._answers, node, asked)
        except GoneError:
            return web.Response(status=503)
        if asked.method not in READS:
            self._record(request, asked.text, reply.status)
            self._changed()
        headers = {"Content-Type": reply.content_type, **node.spec.dialect.headers}
        return web.Response(status=reply.status, body=reply.text.encode(), headers=headers)

    async def _silence(self) -> None:
        """As long as the node hangs, and as slow as it is."""
        await _until(
            lambda: not self._model.troubled(self._waiting.node(), *SILENT), HANG_SECONDS_MAX
        )
        await asyncio.sleep(self._model.slow_seconds(self._waiting.node()))

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


def _response(reply: Reply) -> web.Response:
    headers = {"Content-Type": reply.content_type}
    return web.Response(status=reply.status, body=reply.text.encode(), headers=headers)


async def _read(request: web.Request) -> Request:
    return Request(
        method=request.method,
        path=request.path,
        path_qs=request.path_qs,
        query=request.query,
        content_type=request.headers.get("Content-Type", ""),
        text=(await request.read()).decode(errors="replace"),
    )


async def _until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    deadline = asyncio.get_running_loop().time() + timeout_seconds
    while not condition():
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


async def _broken(request: web.Request) -> web.StreamResponse:
    """Promises more than it sends before the connection ends."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"cluster_name":')
    if request.transport is not None:
        request.transport.close()
    return response
