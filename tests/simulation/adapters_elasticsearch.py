"""localcloud's Elasticsearch behind the port: the bodies that a node would send, through the
client's parser; no socket, no thread."""

import asyncio
from collections.abc import Callable, Container
from datetime import datetime

from localcloud.cloud import Cloud
from localcloud.elasticsearch.api import node_views, views
from localcloud.elasticsearch.api.health import health
from localcloud.elasticsearch.parts.process import Node
from steersman.clients.elasticsearch import PROBE_TIMEOUT_SECONDS, with_answers
from steersman.model.errors import OutsideError
from steersman.model.observed import Probe, ProbeTarget
from tests.simulation.network import Line

# With these, a node accepts connections, and no answer comes back whole.
NO_ANSWER = ("hang", "pause", "reset")


class ModelElasticsearch:
    """The port Elasticsearch: the bodies that a node would send, through the client's parser."""

    def __init__(
        self,
        cloud: Cloud,
        now: Callable[[], datetime],
        line: Line,
        silent: Container[str] = frozenset(),
    ) -> None:
        """Packets to the addresses in `silent` get lost on the way."""
        self._cloud, self._now, self._line, self._silent = cloud, now, line, silent

    async def probe(self, target: ProbeTarget) -> Probe:
        at = self._now()
        if target.ip in self._silent:
            await asyncio.sleep(PROBE_TIMEOUT_SECONDS)
            return Probe(target, at, "unreachable")
        try:
            return await self._line.carry(lambda: self._seen(target, at))
        except OutsideError:
            return Probe(target, at, "unreachable")

    def _seen(self, target: ProbeTarget, at: datetime) -> Probe:
        self._cloud.tick()
        node = self._node(target)
        if node is None:
            return Probe(target, at, "refused" if self._machine_runs(target.ip) else "unreachable")
        model = self._cloud.elasticsearch
        if model.troubled(node, *NO_ANSWER):
            return Probe(target, at, "open")
        about = views.root(node)
        state = views.state(model, node, ())
        local = node_views.nodes_info(model, node, ["_local"], ())
        healthy = health(model, node, timed_out=False)
        seen = Probe(target, at, "open", views.root_status(node))
        return with_answers(seen, about, state, local, healthy)

    async def close(self) -> None:
        pass

    def _node(self, target: ProbeTarget) -> Node | None:
        live = self._cloud.elasticsearch.live()
        return next((each for each in live if each.spec.ip == target.ip), None)

    def _machine_runs(self, ip: str) -> bool:
        return any(each.ip == ip for each in self._cloud.compute.booted())
