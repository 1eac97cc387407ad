"""The daemon's HTTP server: /metrics, /healthz, /readyz and the API that the commands read."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST

from steersman.model.document import DocumentError
from steersman.model.errors import NotThereError, OutsideError, SteersmanError
from steersman.model.queries import Queries

EVENTS_MAX = 1000
EVENTS_TAKE = ("limit", "since", "for")
BODY_BYTES_MAX = 16 * 1024 * 1024

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BadRequestError(SteersmanError):
    """The question cannot be meant."""


def api(queries: Queries) -> web.Application:
    app = web.Application(middlewares=[_errors], client_max_size=BODY_BYTES_MAX)
    handlers = _Handlers(queries)
    app.add_routes(
        [
            web.get("/metrics", handlers.metrics),
            web.get("/healthz", handlers.healthz),
            web.get("/readyz", handlers.readyz),
            web.get("/api/v1/resources", handlers.resources),
            web.get("/api/v1/resources/{kind}", handlers.resources),
            web.get("/api/v1/resources/{kind}/{name}", handlers.resources),
            web.get("/api/v1/plan", handlers.plan),
            web.post("/api/v1/plan", handlers.plan_with),
            web.get("/api/v1/why/{kind}/{name}", handlers.why),
            web.get("/api/v1/events", handlers.events),
        ]
    )
    return app


class _Handlers:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def metrics(self, _request: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=self._queries.metrics(), headers=headers)

    async def healthz(self, _request: web.Request) -> web.Response:
        return _checked(self._queries.alive())

    async def readyz(self, _request: web.Request) -> web.Response:
        return _checked(self._queries.ready())

    async def resources(self, request: web.Request) -> web.Response:
        found = self._queries.resources(
            request.match_info.get("kind"), request.match_info.get("name")
        )
        return web.json_response(found)

    async def plan(self, _request: web.Request) -> web.Response:
        return web.json_response(self._queries.plan())

    async def plan_with(self, request: web.Request) -> web.Response:
        return web.json_response(self._queries.plan_with(await _documents(request)))

    async def why(self, request: web.Request) -> web.Response:
        kind, name = request.match_info["kind"], request.match_info["name"]
        return web.json_response(self._queries.why(kind, name))

    async def events(self, request: web.Request) -> web.Response:
        _refuse_unknown(request, EVENTS_TAKE)
        limit = _limit(request)
        events = await self._queries.events(request.query.get("since"), request.query.get("for"))
        return web.json_response({"items": events[-limit:]})


async def _documents(request: web.Request) -> list[Any]:
    try:
        body = json.loads(await request.text())
    except (ValueError, LookupError) as error:  # the latter of an encoding that there is not
        raise BadRequestError(str(error)) from error
    except RecursionError as error:
        raise BadRequestError("nested too deep") from error
    documents = body.get("documents") if isinstance(body, dict) else None
    if not isinstance(documents, list):
        raise BadRequestError('the body is {"documents": [...]}, each as JSON')
    return documents


def _refuse_unknown(request: web.Request, known: Sequence[str]) -> None:
    """What is misspelt would be answered as if it had not been asked."""
    unknown = sorted(request.query.keys() - set(known))
    if unknown:
        msg = f"{unknown[0]!r} is none of {', '.join(known)}"
        raise BadRequestError(msg)


def _limit(request: web.Request) -> int:
    """How many events are asked for."""
    text = request.query.get("limit", str(EVENTS_MAX))
    limit = int(text) if re.fullmatch("[0-9]{1,9}", text) else 0
    if not 1 <= limit <= EVENTS_MAX:
        msg = f"limit is a number from 1 to {EVENTS_MAX}, not {text!r}"
        raise BadRequestError(msg)
    return limit


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:  # aiohttp's own, in text
        return _in_json(error, request)
    except NotThereError as error:
        return _error(404, str(error))
    except (BadRequestError, DocumentError) as error:
        return _error(400, str(error))
    except OutsideError as error:
        return _error(503, str(error))
    except Exception as error:  # a mistake of ours: one question's, not the server's
        log.exception("answering failed", path=request.path)
        return _error(500, f"our own mistake: {type(error).__name__}; the log tells where")


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message}}, status=status)


def _in_json(error: web.HTTPException, request: web.Request) -> web.Response:
    response = _error(error.status, f"{request.method} {request.path}: {error.reason}")
    if hdrs.ALLOW in error.headers:
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    return response


def _checked(checks: list[dict[str, Any]]) -> web.Response:
    ok = all(check["ok"] for check in checks)
    body = {"status": "ok" if ok else "failing", "checks": checks}
    return web.Response(
        text=json.dumps(body), status=200 if ok else 503, content_type="application/json"
    )
