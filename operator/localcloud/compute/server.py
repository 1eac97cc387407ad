"""The REST API of Compute Engine over the model; each write leaves a line in the journal."""

import asyncio
import json
from dataclasses import dataclass

from aiohttp import web

from localcloud.compute.api import batch, partial, render, routes
from localcloud.compute.api.asked import Asked, Route
from localcloud.compute.api.call import Call, Reply, worded
from localcloud.compute.api.render import Body
from localcloud.compute.errors import ApiError, unavailable
from localcloud.compute.model import Compute
from localcloud.compute.resources import Operation
from localcloud.journal import Entry, Journal, digest

REQUEST_BYTES_MAX = 4 * 1024 * 1024
WAIT_SECONDS_MAX = 120.0  # that a `wait` takes at most, done or not
WAIT_LOOK_SECONDS = 0.05  # between two looks at the operation

_WRITES = ("DELETE", "PATCH", "POST", "PUT")
_LOST = "lost-reply"


@dataclass(slots=True)
class Trace:
    """What becomes known of a call on its way, for the journal."""

    method: str
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
        call = await _received(request)
        reply = await (self._each(call) if batch.is_batch(call) else self._one(call))
        if reply.lost and request.transport:
            request.transport.abort()
        await asyncio.sleep(self._model.door.late_seconds())
        headers = {"Content-Type": reply.content_type}
        return web.Response(status=reply.status, body=reply.content, headers=headers)

    async def _each(self, call: Call) -> Reply:
        """Those of a batch in their order, but one that waits keeps no other."""
        try:
            parts = batch.unpack(call)
        except ApiError as error:
            return worded(error, "-")
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._one(each.call), name="batched") for each in parts]
        return batch.pack(call, zip(parts, (task.result() for task in tasks), strict=True))

    async def _one(self, call: Call) -> Reply:
        """Words every refusal as the API does, and notes what was written in the journal."""
        trace = Trace(call.verb)
        try:
            content = json.dumps(await self._answer(call, trace)).encode()
            reply = Reply(200, content, trace.reply_lost)
        except ApiError as error:
            reply = worded(error, trace.project)
        if trace.written:
            self._journal.record(_entry(self._model.now(), call, trace, reply.status))
        return reply

    async def _answer(self, call: Call, trace: Trace) -> Body:
        trace.project, trace.target = call.split()
        route, where = routes.find(trace.method, trace.target)
        trace.action, trace.waits = route.action, route.waits
        asked = call.asked(trace.project, where)
        mask = call.mask(asked)
        self._model.tick()
        self._model.door.admit(asked.zone)
        self._model.door.charge(route.group)
        answer = await self._waited(route, asked) if route.waits else self._said(route, asked)
        body = self._written(answer, trace) if isinstance(answer, Operation) else answer
        shown: Body = partial.keep(body, mask)
        return shown

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

    def _written(self, operation: Operation, trace: Trace) -> Body:
        trace.target = operation.target
        trace.reply_lost = self._model.door.loses_reply()
        return render.operation(operation, trace.project)


async def _received(request: web.Request) -> Call:
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raw = None
    return Call(request.method, request.path, request.query, request.headers, raw)


def _entry(now: float, call: Call, trace: Trace, status: int) -> Entry:
    return Entry(
        time=now,
        system="compute",
        method=trace.method,
        target=trace.target,
        caller=call.caller,
        result=_LOST if trace.reply_lost else str(status),
        action=trace.action,
        body=digest(call.raw or b""),
    )
