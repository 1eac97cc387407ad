"""fleetd over HTTP: reads requests, writes answers, and records every write in the journal."""

import hashlib
from urllib.parse import unquote

from aiohttp import web

from localcloud.fleet import wire
from localcloud.fleet.model import Fleet
from localcloud.fleet.routes import Answer, Call, NoAnswerError, answer
from localcloud.journal import Entry, Journal

BODY_BYTES_MAX = 1024 * 1024
WRITES = frozenset({"DELETE", "PATCH", "PUT"})


def app(model: Fleet, journal: Journal) -> web.Application:
    server = web.Application(client_max_size=BODY_BYTES_MAX)
    server.router.add_route("*", "/{path:.*}", _Shell(model, journal).handle)
    server.on_response_prepare.append(_headers_like_go)
    return server


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
        if call.method in WRITES:
            self._record(request, call, reply)
        return self._response(call, reply)

    def _record(self, request: web.Request, call: Call, reply: Answer) -> None:
        entry = Entry(
            time=self._model.now(),
            system="fleet",
            method=call.method,
            target=call.path.rpartition("/")[2],
            caller=request.headers.get("User-Agent", ""),
            result=str(reply.status),
            action=reply.action,
            body=hashlib.sha256(call.body).hexdigest() if call.body else "",
        )
        self._journal.record(entry)

    def _response(self, call: Call, reply: Answer) -> web.Response:
        # without etcd fleetd swaps its whole handler, and with it goes the header
        headers = {} if reply.status == 503 else {"Server": f"fleetd/{self._model.version}"}
        if reply.text:
            headers["Content-Type"] = "text/plain; version=0.0.4"
            return web.Response(body=reply.text.encode(), headers=headers)
        if reply.json is not None or call.method == "PATCH":
            headers["Content-Type"] = "application/json"
        body = None if reply.json is None else wire.encode(reply.json)
        return web.Response(status=reply.status, body=body, headers=headers)


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
