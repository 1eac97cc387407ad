"""The daemon's HTTP server: /metrics, /healthz, /readyz and the API that the commands read."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from steersman.model.document import DocumentError
from steersman.model.errors import OutsideError
from steersman.model.ports import Queries

EVENTS_MAX = 1000
BODY_BYTES_MAX = 16 * 1024 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


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
        body = await request.json()
        documents = body.get("documents") if isinstance(body, dict) else None
        if not isinstance(documents, list):
            raise ValueError('the body is {"documents": [...]}, each as JSON')  # noqa: TRY004
        return web.json_response(self._queries.plan_with(documents))

    async def why(self, request: web.Request) -> web.Response:
        kind, name = request.match_info["kind"], request.match_info["name"]
        return web.json_response(self._queries.why(kind, name))

    async def events(self, request: web.Request) -> web.Response:
        limit = int(request.query.get("limit", EVENTS_MAX))
        if not 1 <= limit <= EVENTS_MAX:
            msg = f"limit is a number from 1 to {EVENTS_MAX}, not {limit}"
            raise ValueError(msg)
        events = await self._queries.events()
        return web.json_response({"items": events[-limit:]})


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except KeyError as error:
        return _error(404, f"{error.args[0]} is not there")
    except (ValueError, DocumentError) as error:
        return _error(400, str(error))
    except RecursionError:
        return _error(400, "nested too deep")
    except OutsideError as error:
        return _error(503, str(error))


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message}}, status=status)


def _checked(checks: list[dict[str, Any]]) -> web.Response:
    ok = all(check["ok"] for check in checks)
    body = {"status": "ok" if ok else "failing", "checks": checks}
    return web.Response(
        text=json.dumps(body), status=200 if ok else 503, content_type="application/json"
    )
