"""What each route about the cluster answers."""

from collections.abc import Sequence

from localcloud.elasticsearch.api import cat, node_views, views
from localcloud.elasticsearch.api.asked import Asked
from localcloud.elasticsearch.api.conditions import met
from localcloud.elasticsearch.api.documents import DocumentAnswers
from localcloud.elasticsearch.api.errors import ApiError, illegal
from localcloud.elasticsearch.api.health import health
from localcloud.elasticsearch.api.replies import Reply, empty, plain, reply
from localcloud.elasticsearch.api.settings import merged, parse_update
from localcloud.elasticsearch.api.wire import Body, separated
from localcloud.elasticsearch.parts.process import Node

ONE_OF = "Please set node identifiers correctly. One and only one of [node_name], [node_names]"
ONE_OF += " and [node_ids] has to be set"


class Answers(DocumentAnswers):
    """All that a node answers: of the cluster here, of indices and documents in the base."""

    async def root(self, asked: Asked) -> Reply:
        status = views.root_status(asked.node)
        if asked.request.method == "HEAD" and not asked.version.modern:
            return empty(asked.version, status)
        return reply(views.root(asked.node), status, asked.query)

    async def health(self, asked: Asked) -> Reply:
        """A wait that was in vain is a success in 1.x: only the body tells."""
        node = await self._waiting.for_master(asked, "timeout")
        self._met(asked, node)  # so that a bad parameter is refused at once
        reached = await self._waiting.until(
            lambda node: self._met(asked, node), asked.seconds("timeout")
        )
        body = self._health_body(asked, self._waiting.node(), timed_out=not reached)
        return reply(body, 200 if reached or not asked.version.modern else 408, asked.query)

    async def state(self, asked: Asked) -> Reply:
        node = await self._waiting.for_master(asked)
        body = views.state(self._model, node, asked.listed("metrics"), asked.listed("index"))
        return reply(body, 200, asked.query)

    async def nodes(self, asked: Asked) -> Reply:
        """`/_nodes/X` is a choice of metrics when all of X are metrics, else one of nodes."""
        chosen, metrics = asked.listed("chosen"), asked.listed("metrics")
        if chosen and not metrics and node_views.NODE_METRICS.issuperset(chosen):
            chosen, metrics = [], chosen
        flat = asked.true("flat_settings")
        body = node_views.nodes_info(self._model, asked.node, chosen, metrics, flat=flat)
        return reply(body, 200, asked.query)

    async def settings(self, asked: Asked) -> Reply:
        node = await self._waiting.for_master(asked)
        flat = asked.true("flat_settings")
        return reply(views.settings(node.settings, flat=flat), 200, asked.query)

    async def put_settings(self, asked: Asked) -> Reply:
        parse_update(asked.request.text, asked.version, asked.node.state)  # refused before it waits
        node = await self._waiting.for_master(asked)
        update = parse_update(asked.request.text, asked.version, node.state)
        self._model.set_settings(node, merged(node.settings, update))
        flat = asked.true("flat_settings")
        body = {"acknowledged": True, **views.settings(update.written, flat=flat)}
        return reply(body, 200, asked.query)

    async def pending_tasks(self, asked: Asked) -> Reply:
        await self._waiting.for_master(asked)
        return reply({"tasks": []}, 200, asked.query)

    async def reroute(self, asked: Asked) -> Reply:
        node = await self._waiting.for_master(asked)
        if not asked.true("dry_run"):
            self._model.reroute(node)
        return reply(views.reroute(self._model, node), 200, asked.query)

    async def cat(self, asked: Asked) -> Reply:
        node = await self._waiting.for_master(asked)
        table = cat.tables(asked.version)[asked.request.path.rpartition("/")[2]]
        rows = table.rows(self._model, node)
        columns, rows = cat.shown(table, rows, asked.version, asked.query)
        if asked.query.get("format") == "json":
            return reply(_objects(columns, rows), 200, asked.query)
        return plain(cat.text(columns, rows, asked.version, headed=asked.true("v")))

    # voting

    async def voting(self, asked: Asked) -> Reply:
        if asked.request.method == "DELETE":
            return await self._clear_exclusions(asked)
        names = asked.query.get("node_names", "")
        ids = asked.query.get("node_ids", "")
        if bool(names) == bool(ids):
            raise illegal(ONE_OF)
        return await self._exclude(asked, separated(names), separated(ids))

    async def voting_by_path(self, asked: Asked) -> Reply:
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

    async def _exclude(self, asked: Asked, names: Sequence[str], ids: Sequence[str]) -> Reply:
        node = await self._waiting.for_master(asked)
        self._model.voters.exclude(node, names, ids)
        return empty(asked.version)

    async def _clear_exclusions(self, asked: Asked) -> Reply:
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


def _objects(columns: Sequence[str], rows: Sequence[cat.Row]) -> list[dict[str, str | None]]:
    """What a row does not have is null."""
    return [{column: row.get(column) for column in columns} for row in rows]
