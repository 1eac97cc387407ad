"""What each route answers; a method bears the name that the table of routes gives it."""

from collections.abc import Sequence

from aiohttp import web

from localcloud.elasticsearch import cat, node_views, views
from localcloud.elasticsearch.asking import Asked, empty, plain, reply
from localcloud.elasticsearch.documents import DocumentAnswers
from localcloud.elasticsearch.errors import ApiError, illegal
from localcloud.elasticsearch.health import health, met
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.process import Node
from localcloud.elasticsearch.settings import merged, parse_update
from localcloud.elasticsearch.voters import TooManyExclusionsError
from localcloud.elasticsearch.waiting import Waiting
from localcloud.elasticsearch.wire import Body

ONE_OF = "Please set node identifiers correctly. One and only one of [node_name], [node_names]"
ONE_OF += " and [node_ids] has to be set"


class Answers(DocumentAnswers):
    """Those about the cluster; those about indices are in the base class."""

    def __init__(self, model: Elasticsearch, waiting: Waiting) -> None:
        super().__init__(model, waiting)

    async def root(self, asked: Asked) -> web.Response:
        status = views.root_status(asked.node)
        if asked.method == "HEAD" and not asked.version.modern:
            return empty(asked.version, status)
        return reply(views.root(asked.node), status, asked.query)

    async def health(self, asked: Asked) -> web.Response:
        """A wait that was in vain is a success in 1.x: only the body tells."""
        node = await self._waiting.for_master(asked, "timeout")
        self._met(asked, node)  # so that a bad parameter is refused at once
        reached = await self._waiting.until(
            lambda node: self._met(asked, node), asked.seconds("timeout")
        )
        body = self._health_body(asked, self._waiting.node(), timed_out=not reached)
        return reply(body, 200 if reached or not asked.version.modern else 408, asked.query)

    async def state(self, asked: Asked) -> web.Response:
        node = await self._waiting.for_master(asked)
        body = views.state(self._model, node, asked.listed("metrics"), asked.listed("index"))
        return reply(body, 200, asked.query)

    async def nodes(self, asked: Asked) -> web.Response:
        """`/_nodes/X` is a choice of metrics when all of X are metrics, else one of nodes."""
        chosen, metrics = asked.listed("chosen"), asked.listed("metrics")
        if chosen and not metrics and node_views.NODE_METRICS.issuperset(chosen):
            chosen, metrics = [], chosen
        flat = asked.true("flat_settings")
        body = node_views.nodes_info(self._model, asked.node, chosen, metrics, flat=flat)
        return reply(body, 200, asked.query)

    async def settings(self, asked: Asked) -> web.Response:
        node = await self._waiting.for_master(asked)
        flat = asked.true("flat_settings")
        return reply(views.settings(node.settings, flat=flat), 200, asked.query)

    async def put_settings(self, asked: Asked) -> web.Response:
        parse_update(asked.text, asked.version, asked.node.state)  # refused before it waits
        node = await self._waiting.for_master(asked)
        update = parse_update(asked.text, asked.version, node.state)
        self._model.set_settings(node, merged(node.settings, update))
        flat = asked.true("flat_settings")
        body = {"acknowledged": True, **views.settings(update.written, flat=flat)}
        return reply(body, 200, asked.query)

    async def pending_tasks(self, asked: Asked) -> web.Response:
        await self._waiting.for_master(asked)
        return reply({"tasks": []}, 200, asked.query)

    async def reroute(self, asked: Asked) -> web.Response:
        node = await self._waiting.for_master(asked)
        self._model.reroute(node)
        return reply(views.reroute(self._model, node), 200, asked.query)

    async def cat(self, asked: Asked) -> web.Response:
        node = await self._waiting.for_master(asked)
        table = cat.tables(asked.version)[asked.path.rpartition("/")[2]]
        rows = table.rows(self._model, node)
        columns, rows = cat.shown(table, rows, asked.version, asked.query)
        if asked.query.get("format") == "json":
            return reply(_objects(columns, rows), 200, asked.query)
        return plain(cat.text(columns, rows, asked.version, headed=asked.true("v")))

    # voting

    async def voting(self, asked: Asked) -> web.Response:
        if asked.method == "DELETE":
            return await self._clear_exclusions(asked)
        names = asked.query.get("node_names", "")
        ids = asked.query.get("node_ids", "")
        if bool(names) == bool(ids):
            raise illegal(ONE_OF)
        return await self._exclude(asked, _words(names), _words(ids))

    async def voting_by_path(self, asked: Asked) -> web.Response:
        """The older form wants nodes that are there."""
        names = asked.listed("names")
        node = await self._waiting.for_master(asked)
        if not any(member.spec.name in names for member in node.state.nodes):
            word = asked.version.manager
            asked_for = ",".join(names)
            msg = (
                f"add voting config exclusions request for [{asked_for}] matched no"
                f" {word}-eligible nodes"
            )
            raise illegal(msg)
        return await self._exclude(asked, names, [])

    async def _exclude(
        self, asked: Asked, names: Sequence[str], ids: Sequence[str]
    ) -> web.Response:
        node = await self._waiting.for_master(asked)
        try:
            self._model.voters.exclude(node, names, ids)
        except TooManyExclusionsError as error:
            raise illegal(str(error)) from error
        return empty(asked.version)

    async def _clear_exclusions(self, asked: Asked) -> web.Response:
        node = await self._waiting.for_master(asked)
        wait = asked.query.get("wait_for_removal", "true") != "false"
        gone = await self._waiting.until(
            lambda node: not (wait and self._model.voters.any_present(node)),
            asked.seconds("timeout"),
        )
        if not gone:
            reason = "timed out waiting for removal of nodes"
            raise ApiError(503, "timeout_exception", reason)
        self._model.voters.clear(node)
        return empty(asked.version)

    # parts

    def _met(self, asked: Asked, node: Node) -> bool:
        """An index that is not there is waited for, too."""
        body = self._health_body(asked, node, timed_out=False)
        there = all(node.state.index(name) for name in asked.listed("index"))
        return met(body, asked.query, node) and there

    def _health_body(self, asked: Asked, node: Node, *, timed_out: bool) -> Body:
        return health(
            self._model,
            node,
            timed_out=timed_out,
            indices=asked.listed("index"),
            level=asked.query.get("level", "cluster"),
        )


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


def _objects(columns: Sequence[str], rows: Sequence[cat.Row]) -> list[dict[str, str | None]]:
    """What a row does not have is null."""
    return [{column: row.get(column) for column in columns} for row in rows]
