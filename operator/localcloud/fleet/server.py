"""fleetd over HTTP: reads requests, writes answers, and records every write in the journal."""

import asyncio
from collections.abc import Callable
from urllib.parse import unquote

from aiohttp import web

from localcloud.fleet.api.routes import Answer, Call, NoAnswerError, answer, refusal
from localcloud.fleet.model import Fleet
from localcloud.journal import Entry, Journal, digest

BODY_BYTES_MAX = 1024 * 1024
POLL_SECONDS = 0.02
WRITES = frozenset({"DELETE", "PATCH", "PUT"})


def app(model: Fleet, journal: Journal) -> web.Application:
    server = web.Application(client_max_size=BODY_BYTES_MAX)
    server.router.add_route("*", "/{path:.*}", _Shell(model, journal).handle)
    server.on_response_prepare.append(_headers_like_go)
    return server


def unkept(model: Fleet) -> Callable[[web.Request], web.Response]:
    """To a write that would not outlive the process: as when etcd does not take it."""
    return lambda _: _response(model.version, refusal(500))


class _Shell:
    def __init__(self, model: Fleet, journal: Journal) -> None:
        self._model = model
        self._journal = journal

    async def handle(self, request: web.Request) -> web.Response:
        call = await _read(request)
        try:
            reply = answer(self._model, call)
        except NoAnswerError:
            return _hang_up(request)
        await self._until(self._model.now() + reply.after_seconds)
        if call.method in WRITES:
            self._record(request, call, reply)
        return _response(self._model.version, reply)

    async def _until(self, moment: float) -> None:
        """Of the cloud's clock, which may run faster than ours."""
        while self._model.now() < moment:  # noqa: ASYNC110 - nobody tells when it is
            await asyncio.sleep(POLL_SECONDS)

    def _record(self, request: web.Request, call: Call, reply: Answer) -> None:
        entry = Entry(
            time=self._model.now(),
            system="fleet",
            method=call.method,
            target=call.path.rpartition("/")[2],
            caller=request.headers.get("User-Agent", ""),
            result=str(reply.status),
            action=reply.action,
            body=digest(call.body),
        )
        self._journal.record(entry)


def _response(version: str, reply: Answer) -> web.Response:
    # without etcd fleetd swaps its whole handler, and with it goes the header
    headers = {} if reply.status == 503 else {"Server": f"fleetd/{version}"}
    if reply.content_type:
        headers["Content-Type"] = reply.content_type
    return web.Response(status=reply.status, body=reply.body.encode(), headers=headers)


async def _read(request: web.Request) -> Call:
    query = {name: request.query.getall(name) for name in request.query}
    return Call(
        method=request.method,
        path=unquote(request.rel_url.raw_path),
        query=query,
        content_types=request.headers.getall("Content-Type", []),
        body=await request.read(),
    )


def _hang_up(request: web.Request) -> web.Response:
    """The answer cannot be written any more: the client reads an empty reply."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()


async def _headers_like_go(_: web.Request, response: web.StreamResponse) -> None:
    """aiohttp names itself, and gives a type to an answer without content; Go does neither."""
    if not response.headers.get("Server", "").startswith("fleetd/"):
        response.headers.popall("Server", None)
    if response.status == 201:
        response.headers.popall("Content-Type", None)
