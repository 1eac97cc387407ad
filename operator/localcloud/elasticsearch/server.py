"""The HTTP face of one node: its routes, and the answers of a node without a master."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from localcloud.elasticsearch import views
from localcloud.elasticsearch.model import MINIMUM_MASTER_NODES, Elasticsearch
from localcloud.elasticsearch.node import ClusterSettings, Node
from localcloud.elasticsearch.waiting import BadParameterError, met, seconds

POLL_SECONDS = 0.1
NODE_METRICS = frozenset({"settings", "jvm", "http", "transport", "os", "process", "plugins"})

Handler = Callable[[web.Request, Node], Awaitable[web.StreamResponse]]


class GoneError(Exception):
    """The process ended while it was asked."""


def app(model: Elasticsearch, node_id: str, changed: Callable[[], None]) -> web.Application:
    """`changed` is called after a write, which may have planned something."""
    api = _Api(model, node_id, changed)
    application = web.Application()
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/", api.root),
        ("GET", "/_cluster/health", api.health),
        ("GET", "/_cluster/health/{index}", api.health),
        ("GET", "/_cluster/state", api.state),
        ("GET", "/_cluster/state/{metrics}", api.state),
        ("GET", "/_cluster/state/{metrics}/{indices}", api.state),
        ("GET", "/_cluster/settings", api.settings),
        ("PUT", "/_cluster/settings", api.put_settings),
        ("GET", "/_nodes", api.nodes),
        ("GET", "/_nodes/{chosen}", api.nodes),
        ("GET", "/_nodes/{chosen}/{metrics}", api.nodes),
        ("GET", "/_cat/nodes", api.cat_nodes),
        ("GET", "/_cat/master", api.cat_master),
    ]
    for method, path, handler in routes:
        application.router.add_route(method, path, api.answering(handler))
        if method == "GET":
            application.router.add_route("HEAD", path, api.answering(handler))
    application.router.add_route("*", "/{path:.*}", _no_handler)
    return application


class _Api:
    def __init__(self, model: Elasticsearch, node_id: str, changed: Callable[[], None]) -> None:
        self._model = model
        self._node_id = node_id
        self._changed = changed

    def answering(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request, self._node())
            except BadParameterError as error:
                message = f"ElasticsearchIllegalArgumentException[{error}]"
                return _json({"error": message, "status": 400}, 400, request.query)
            except GoneError:
                return web.Response(status=503)

        return answer

    async def root(self, request: web.Request, node: Node) -> web.Response:
        body = views.root(node)
        return _json(body, body["status"], request.query)

    async def health(self, request: web.Request, node: Node) -> web.Response:
        query = request.query
        if not await self._master(request):
            return _no_master(query)
        reached = await self._until(
            lambda node: met(views.health(self._model, node, timed_out=False), query),
            seconds(query.get("timeout")),
        )
        body = views.health(self._model, self._node(), timed_out=not reached)
        return _json(body, 200 if reached else 408, query)

    async def state(self, request: web.Request, node: Node) -> web.Response:
        if not await self._master(request):
            return _no_master(request.query)
        metrics = [m for m in request.match_info.get("metrics", "").split(",") if m]
        return _json(views.state(self._model, self._node(), metrics), 200, request.query)

    async def nodes(self, request: web.Request, node: Node) -> web.Response:
        """`/_nodes/X` is a choice of metrics when all of X are metrics, else one of nodes."""
        chosen = [name for name in request.match_info.get("chosen", "").split(",") if name]
        metrics = [name for name in request.match_info.get("metrics", "").split(",") if name]
        if chosen and not metrics and NODE_METRICS.issuperset(chosen):
            chosen, metrics = [], chosen
        return _json(views.nodes_info(self._model, node, chosen, metrics), 200, request.query)

    async def settings(self, request: web.Request, node: Node) -> web.Response:
        if not await self._master(request):
            return _no_master(request.query)
        flat = "flat_settings" in request.query
        return _json(views.settings(self._node().settings, flat=flat), 200, request.query)

    async def put_settings(self, request: web.Request, node: Node) -> web.Response:
        update = _settings_update(await request.text())
        if not await self._master(request):
            return _no_master(request.query)
        self._model.update_settings(self._node(), update)
        self._changed()
        flat = "flat_settings" in request.query
        body = {"acknowledged": True, **views.settings(update, flat=flat)}
        return _json(body, 200, request.query)

    async def cat_nodes(self, request: web.Request, node: Node) -> web.Response:
        return await self._cat(request, views.cat_nodes)

    async def cat_master(self, request: web.Request, node: Node) -> web.Response:
        return await self._cat(request, views.cat_master)

    async def _cat(
        self, request: web.Request, rows_of: Callable[[Elasticsearch, Node], list[dict[str, str]]]
    ) -> web.Response:
        if not await self._master(request):
            return _no_master(request.query)
        rows = rows_of(self._model, self._node())
        columns = [column for column in request.query.get("h", "").split(",") if column]
        if columns:
            rows = [{column: row.get(column, "") for column in columns} for row in rows]
        if request.query.get("format") == "json":
            return _json(rows, 200, request.query)
        return web.Response(text=views.text_table(rows, headed="v" in request.query))

    async def _master(self, request: web.Request) -> bool:
        """A request that is not local waits until its node has a master."""
        if _true(request.query, "local"):
            return True
        timeout = seconds(request.query.get("master_timeout"))
        return await self._until(lambda node: node.master is not None, timeout)

    async def _until(self, condition: Callable[[Node], bool], timeout_seconds: float) -> bool:
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        while not condition(self._node()):
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    def _node(self) -> Node:
        node = self._model.node(self._node_id)
        if node is None:
            raise GoneError
        return node


def _settings_update(text: str) -> ClusterSettings:
    """Nested and dotted names mean the same; values are kept as strings."""
    try:
        body = json.loads(text)
        update = ClusterSettings(
            dict(_flat("", body.get("persistent", {}))), dict(_flat("", body.get("transient", {})))
        )
        int(update.get(MINIMUM_MASTER_NODES) or 1)
    except (ValueError, AttributeError) as error:
        message = f"failed to parse the settings: {error}"
        raise BadParameterError(message) from error
    return update


def _flat(prefix: str, value: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, inner in value.items():
        if isinstance(inner, dict):
            pairs += _flat(f"{prefix}{name}.", inner)
        else:
            text = json.dumps(inner) if isinstance(inner, bool) else str(inner)
            pairs.append((f"{prefix}{name}", text))
    return pairs


def _true(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "false") not in {"false", "0", "no", "off"}


def _json(body: Any, status: int, query: Mapping[str, str]) -> web.Response:
    text = json.dumps(body, indent=2 if _true(query, "pretty") else None)
    return web.Response(text=text, status=status, content_type="application/json", charset="UTF-8")


def _no_master(query: Mapping[str, str]) -> web.Response:
    waited = query.get("master_timeout", "30s")
    error = f"MasterNotDiscoveredException[waited for [{waited}]]"
    return _json({"error": error, "status": 503}, 503, query)


async def _no_handler(request: web.Request) -> web.Response:
    text = f"No handler found for uri [{request.path_qs}] and method [{request.method}]"
    return web.Response(text=text, status=400)
