"""The REST API of Compute Engine over the model; each write leaves a line in the journal."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from pydantic_core import to_json

from localcloud.compute.api import partial, render, routes
from localcloud.compute.api.asked import Asked, Route
from localcloud.compute.api.render import Body
from localcloud.compute.errors import ApiError, unavailable
from localcloud.compute.model import Compute
from localcloud.compute.resources import Operation
from localcloud.journal import Entry, Journal, digest

REQUEST_BYTES_MAX = 4 * 1024 * 1024
NESTING_MAX = 100  # of a body
WAIT_SECONDS_MAX = 120.0  # that a `wait` takes at most, done or not
WAIT_LOOK_SECONDS = 0.05  # between two looks at the operation

_PATH = re.compile(r"/*(?:compute/v1/+)?projects/(?P<project>[^/]+)(?P<rest>/.*)?")
_WRITES = ("DELETE", "PATCH", "POST", "PUT")
_LOST = "lost-reply"


@dataclass(slots=True)
class Trace:
    """What becomes known of a request on its way, for the journal."""

    method: str
    raw: bytes = b""
    project: str = "-"
    target: str = ""
    action: str = ""
    waits: bool = False
    reply_lost: bool = False

    @property
    def written(self) -> bool:
        return self.method in _WRITES and not self.waits


def app(
    model: Compute, journal: Journal, wait_seconds: float = WAIT_SECONDS_MAX
) -> web.Application:
    application = web.Application(client_max_size=REQUEST_BYTES_MAX)
    api = _Api(model, journal, wait_seconds)
    application.router.add_route("*", "/{path:.*}", api.handle)
    return application


def unkept(_: web.Request) -> web.Response:
    """To a write that would not outlive the process."""
    error = unavailable()
    return web.json_response(error.body("-"), status=error.status)


class _Api:
    def __init__(self, model: Compute, journal: Journal, wait_seconds: float) -> None:
        self._model = model
        self._journal = journal
        self._wait_seconds = wait_seconds

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Words every refusal as the API does, and notes what was written in the journal."""
        trace = Trace(_method(request))
        try:
            response = await self._answer(request, trace)
        except (ApiError, web.HTTPException) as refusal:
            error = refusal if isinstance(refusal, ApiError) else _http_error(refusal)
            response = web.json_response(error.body(trace.project), status=error.status)
        if trace.written:
            self._journal.record(_entry(self._model.now(), request, trace, response.status))
        await asyncio.sleep(self._model.door.late_seconds())
        return response

    async def _answer(self, request: web.Request, trace: Trace) -> web.Response:
        trace.project, trace.target = _split(request.path)
        trace.raw = await request.read()
        route, where = routes.find(trace.method, trace.target)
        trace.action, trace.waits = route.action, route.waits
        asked = _asked(request, trace, where)
        mask = _mask(asked.query.get("fields", "") or request.headers.get("X-Goog-FieldMask", ""))
        self._model.tick()
        self._model.door.admit(asked.zone)
        self._model.door.charge(route.group)
        answer = await self._waited(route, asked) if route.waits else self._said(route, asked)
        body = self._written(answer, request, trace) if isinstance(answer, Operation) else answer
        return web.json_response(partial.keep(body, mask))

    def _said(self, route: Route, asked: Asked) -> Body | Operation:
        return route.answer(self._model, asked)

    async def _waited(self, route: Route, asked: Asked) -> Body | Operation:
        """Until the operation is done, or the caller has waited for as long as one may."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._wait_seconds
        while True:
            body = self._said(route, asked)
            if (isinstance(body, dict) and body["status"] == "DONE") or loop.time() >= deadline:
                return body
            await asyncio.sleep(WAIT_LOOK_SECONDS)
            self._model.tick()

    def _written(self, operation: Operation, request: web.Request, trace: Trace) -> Body:
        trace.target = operation.target
        trace.reply_lost = self._model.door.loses_reply()
        if trace.reply_lost and request.transport:
            request.transport.abort()
        return render.operation(operation, trace.project)


def _method(request: web.Request) -> str:
    """A request whose address grew too long comes as a POST, and says what it is."""
    return request.headers.get("X-HTTP-Method-Override", request.method).upper()


def _split(path: str) -> tuple[str, str]:
    """The project, and what follows it."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise ApiError(404, "notFound", "Not Found")
    return match["project"], (match["rest"] or "").strip("/")


def _asked(request: web.Request, trace: Trace, where: Mapping[str, str]) -> Asked:
    if trace.method == "GET" and trace.raw:  # the long address, in the body
        return Asked(trace.project, where, dict(parse_qsl(trace.raw.decode(errors="replace"))))
    return Asked(trace.project, where, request.query, _json(trace.raw))


def _mask(text: str) -> partial.Mask:
    return partial.parse(text) if text else {}


def _json(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return _writable(json.loads(raw, parse_constant=_no_json))
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "parseError", "Parse Error") from error


def _no_json(word: str) -> None:
    """NaN and Infinity, which Python takes."""
    raise ValueError(word)


def _writable(body: Any) -> Any:
    """Raises ValueError where it could not be written again, as half a surrogate pair could not."""
    to_json(body)
    if _depth(body) > NESTING_MAX:
        raise ValueError("it is nested too deeply")
    return body


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _http_error(refusal: web.HTTPException) -> ApiError:
    """A body that is too large."""
    return ApiError(refusal.status, "badRequest", refusal.reason)


def _entry(now: float, request: web.Request, trace: Trace, status: int) -> Entry:
    return Entry(
        time=now,
        system="compute",
        method=trace.method,
        target=trace.target,
        caller=request.headers.get("User-Agent", ""),
        result=_LOST if trace.reply_lost else str(status),
        action=trace.action,
        body=digest(trace.raw),
    )
