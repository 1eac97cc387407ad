"""The REST API of Compute Engine over the model; each write leaves a line in the journal."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from localcloud.compute import catalog, listing, render
from localcloud.compute.errors import ApiError, invalid, not_found
from localcloud.compute.model import Compute
from localcloud.compute.render import Body
from localcloud.compute.resources import Operation
from localcloud.journal import Entry, Journal

REQUEST_BYTES_MAX = 4 * 1024 * 1024

_PREFIX = "/compute/v1/projects/{project}"
_ZONAL = "/{scope:zones/[^/]+}"
_REGIONAL = "/{scope:regions/[^/]+}"
_GLOBAL = "/{scope:global}"
_INSTANCE = "/zones/{zone}/instances/{name}"
_WRITES = ("DELETE", "PATCH", "POST", "PUT")
_ACTIONS = {"DELETE": "delete", "PATCH": "patch", "POST": "insert", "PUT": "update"}
_LOST = "lost-reply"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Read = Callable[[Compute, web.Request], Body]
Write = Callable[[Compute, web.Request, Any], Operation]


@dataclass(slots=True)
class Trace:
    """What becomes known of a request on its way, for the journal."""

    raw: bytes = b""
    target: str = ""
    reply_lost: bool = False


_TRACE = web.RequestKey("trace", Trace)


def app(model: Compute, journal: Journal) -> web.Application:
    application = web.Application(
        client_max_size=REQUEST_BYTES_MAX, middlewares=[_outcome(model, journal)]
    )
    router = application.router
    for path, read in _reads().items():
        router.add_get(_PREFIX + path, _reading(model, read))
    for scope in (_ZONAL, _REGIONAL, _GLOBAL):  # asked for by POST, but no write
        path = f"{_PREFIX}{scope}/operations/{{name}}/wait"
        router.add_post(path, _reading(model, _getter("operations")))
    for (method, path), write in _WRITERS.items():
        router.add_route(method, _PREFIX + path, _writing(model, write))
    return application


# Reads


def _reads() -> dict[str, Read]:
    """The more special path first: the first that matches answers."""
    reads: dict[str, Read] = {
        "": lambda model, request: listing.project_body(model, _project(request)),
        f"{_INSTANCE}/serialPort": _serial_port,
        "/global/images/family/{family}": _image_family,
    }
    scoped = {_ZONAL: listing.ZONAL, _REGIONAL: listing.REGIONAL, _GLOBAL: listing.GLOBAL}
    for scope, collections in scoped.items():
        for collection in collections:
            reads[f"{scope}/{collection}"] = _lister(collection)
            reads[f"{scope}/{collection}/{{name}}"] = _getter(collection)
    for collection in listing.ZONAL:
        reads[f"/aggregated/{collection}"] = _aggregator(collection)
    for collection in ("regions", "zones"):
        reads[f"/{collection}"] = _lister(collection)
        reads[f"/{collection}/{{name}}"] = _getter(collection)
    return reads


def _lister(collection: str) -> Read:
    def read(model: Compute, request: web.Request) -> Body:
        asked = listing.query(request.query)
        return listing.page(model, _project(request), _scope(request), collection, asked)

    return read


def _aggregator(collection: str) -> Read:
    def read(model: Compute, request: web.Request) -> Body:
        asked = listing.query(request.query)
        return listing.aggregated(model, _project(request), collection, asked)

    return read


def _getter(collection: str) -> Read:
    def read(model: Compute, request: web.Request) -> Body:
        name = request.match_info["name"]
        return listing.get(model, _project(request), _scope(request), collection, name)

    return read


def _serial_port(model: Compute, request: web.Request) -> Body:
    start = request.query.get("start", "0")
    if not start.isdigit():
        raise invalid("start", start, "A whole number is expected.")
    instance = model.instances.get(request.match_info["zone"], request.match_info["name"])
    return render.serial_port(instance, _project(request), int(start))


def _image_family(_: Compute, request: web.Request) -> Body:
    family = request.match_info["family"]
    image = catalog.newest(_project(request), family)
    if image is None:
        path = f"global/images/family/{family}"
        raise not_found(path)
    return render.image(image, _project(request))


# Writes


def _insert_instance(model: Compute, request: web.Request, body: Any) -> Operation:
    return model.instances.insert(request.match_info["zone"], body, _request_id(request))


def _delete_instance(model: Compute, request: web.Request, _: Any) -> Operation:
    where = request.match_info
    return model.instances.delete(where["zone"], where["name"], _request_id(request))


def _act(model: Compute, request: web.Request, body: Any) -> Operation:
    where = request.match_info
    if where["verb"] not in model.verbs:
        raise web.HTTPNotFound
    if where["verb"] == "setDeletionProtection":  # the one edit without a body
        body = {"deletionProtection": request.query.get("deletionProtection", "true") == "true"}
    return model.act(where["verb"], where["zone"], where["name"], body, _request_id(request))


def _delete_disk(model: Compute, request: web.Request, _: Any) -> Operation:
    where = request.match_info
    return model.disks.delete(where["zone"], where["name"], _request_id(request))


def _insert_firewall(model: Compute, request: web.Request, body: Any) -> Operation:
    return model.firewalls.insert(body, _request_id(request))


def _patch_firewall(model: Compute, request: web.Request, body: Any) -> Operation:
    return model.firewalls.patch(request.match_info["name"], body, _request_id(request))


def _update_firewall(model: Compute, request: web.Request, body: Any) -> Operation:
    return model.firewalls.update(request.match_info["name"], body, _request_id(request))


def _delete_firewall(model: Compute, request: web.Request, _: Any) -> Operation:
    return model.firewalls.delete(request.match_info["name"], _request_id(request))


_WRITERS: Mapping[tuple[str, str], Write] = {
    ("POST", "/zones/{zone}/instances"): _insert_instance,
    ("DELETE", _INSTANCE): _delete_instance,
    ("POST", f"{_INSTANCE}/{{verb}}"): _act,
    ("DELETE", "/zones/{zone}/disks/{name}"): _delete_disk,
    ("POST", "/global/firewalls"): _insert_firewall,
    ("PATCH", "/global/firewalls/{name}"): _patch_firewall,
    ("PUT", "/global/firewalls/{name}"): _update_firewall,
    ("DELETE", "/global/firewalls/{name}"): _delete_firewall,
}


# HTTP


def _reading(model: Compute, read: Read) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        model.tick()
        model.admit()
        return web.json_response(read(model, request))

    return handler


def _writing(model: Compute, write: Write) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        trace = request[_TRACE]
        body = _json(trace.raw)
        model.tick()
        model.admit()
        operation = write(model, request, body)
        trace.target = operation.target
        trace.reply_lost = model.loses_reply()
        if trace.reply_lost and request.transport:
            request.transport.abort()
        return web.json_response(render.operation(operation, _project(request)))

    return handler


def _outcome(model: Compute, journal: Journal) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Words every refusal as the API does, and writes what was written into the journal."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        trace = request[_TRACE] = Trace()
        try:
            trace.raw = await request.read()
            response = await handler(request)
        except (ApiError, web.HTTPException) as refusal:
            error = refusal if isinstance(refusal, ApiError) else _http_error(refusal)
            response = web.json_response(error.body(_project(request)), status=error.status)
        if request.method in _WRITES and not request.path.endswith("/wait"):
            journal.record(_entry(model.now(), request, trace, response.status))
        return response

    return middleware


def _entry(now: float, request: web.Request, trace: Trace, status: int) -> Entry:
    path = request.path.split("/projects/", 1)[-1].partition("/")[2]
    return Entry(
        time=now,
        system="compute",
        method=request.method,
        target=trace.target or path,
        caller=request.headers.get("User-Agent", ""),
        result=_LOST if trace.reply_lost else str(status),
        action=request.match_info.get("verb", _ACTIONS[request.method]),
        body=hashlib.sha256(trace.raw).hexdigest(),
    )


def _json(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ApiError(400, "parseError", "Parse Error") from error


def _http_error(refusal: web.HTTPException) -> ApiError:
    """No such path or method, or a body that is too large."""
    reason = "notFound" if refusal.status == web.HTTPNotFound.status_code else "badRequest"
    return ApiError(refusal.status, reason, refusal.reason)


def _project(request: web.Request) -> str:
    return request.match_info.get("project", "-")


def _scope(request: web.Request) -> str:
    return request.match_info.get("scope", "")


def _request_id(request: web.Request) -> str:
    return request.query.get("requestId", "")
