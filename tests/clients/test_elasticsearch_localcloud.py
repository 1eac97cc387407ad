"""Probes tell of the local cloud's nodes what the model holds of them."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from localcloud.clock import ManualClock
from localcloud.elasticsearch.listeners import Listeners
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import NodeSpec
from localcloud.journal import Journal
from steersman.clients.elasticsearch import ElasticsearchClient
from steersman.model.observed import Probe, ProbeTarget
from tests.clients.replay import closed_port

NOW = datetime(2014, 9, 1, tzinfo=UTC)
LONG_SECONDS = 60.0  # by then nodes have found one another
TIMEOUT_SECONDS = 10.0


class StoppedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class Nodes:
    """Nodes of the local cloud that listen on the loopback address, and a client that asks."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.model = Elasticsearch(self.clock, random.Random(1))
        self.listeners = Listeners(self.model, Journal(), lambda: None)
        self.client = ElasticsearchClient(StoppedClock(), timeout_seconds=TIMEOUT_SECONDS)

    async def start(self, name: str, *hosts: ProbeTarget, minimum_masters: int = 1) -> ProbeTarget:
        target = ProbeTarget("127.0.0.1", closed_port(), closed_port())
        spec = NodeSpec(
            ip=target.ip,
            name=name,
            publish_ip=target.ip,
            cluster_name="es-prod",
            http_port=target.http_port,
            transport_port=target.transport_port,
            hosts=tuple(f"{host.ip}:{host.transport_port}" for host in hosts),
            minimum_master_nodes=minimum_masters,
        )
        self.model.start(spec)
        for _ in range(int(LONG_SECONDS)):
            self.clock.advance(1.0)
            self.model.tick()
        await self.listeners.follow()
        return target


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    nodes = Nodes()
    yield nodes
    await nodes.client.close()
    await nodes.listeners.close()


async def test_nodes_of_one_cluster_name_the_same_master_and_each_other(nodes: Nodes) -> None:
    first = await nodes.start("elasticsearch-1")
    second = await nodes.start("elasticsearch-2", first)
    for target, name in ((first, "elasticsearch-1"), (second, "elasticsearch-2")):
        probe = await nodes.client.probe(target)
        assert (probe.transport, probe.http_status, probe.name) == ("open", 200, name)
        assert (probe.cluster_name, probe.master) == ("es-prod", "elasticsearch-1")
        assert probe.nodes == ("elasticsearch-1", "elasticsearch-2")
        assert (probe.publish_ip, probe.publish_port) == ("127.0.0.1", target.transport_port)
        assert probe.version is not None
        assert probe.health is not None


async def test_a_node_that_lacks_a_quorum_has_no_master_and_an_open_transport(nodes: Nodes) -> None:
    probe = await nodes.client.probe(await nodes.start("elasticsearch-1", minimum_masters=2))
    assert (probe.transport, probe.http_status, probe.master) == ("open", 503, None)
    assert (probe.name, probe.publish_ip) == ("elasticsearch-1", "127.0.0.1")


async def test_a_node_that_was_stopped_is_refused(nodes: Nodes) -> None:
    target = await nodes.start("elasticsearch-1")
    for node in nodes.model.live():
        nodes.model.stop(node.id)
    await nodes.listeners.follow()
    assert await nodes.client.probe(target) == Probe(target, NOW, "refused")
