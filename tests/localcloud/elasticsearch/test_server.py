"""What nodes answer over HTTP, at sockets of their own on loopback."""

import asyncio
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import aiohttp
import pytest

from localcloud.clock import ManualClock
from localcloud.elasticsearch.listeners import Listeners
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import NodeSpec
from tests.support.etcd import free_ports

FIRST, SECOND = "127.91.7.1", "127.91.7.2"
REQUEST_TIMEOUT_SECONDS = 5.0


class Nodes:
    """Two nodes of one cluster, unless a test makes it otherwise."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.clock = ManualClock()
        self.model = Elasticsearch(self.clock, Random(5))
        self.writes = 0
        self.listeners = Listeners(self.model, self._count)
        self.http_port, self.transport_port = free_ports(2)
        self._session = session

    def _count(self) -> None:
        self.writes += 1

    def start(self, ip: str, name: str, **options: Any) -> str:
        return self.model.start(
            NodeSpec(
                ip=ip,
                name=name,
                publish_ip=ip,
                cluster_name="es-prod",
                http_port=self.http_port,
                transport_port=self.transport_port,
                hosts=(f"{FIRST}:{self.transport_port}",),
                **options,
            )
        )

    async def after(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.model.tick()
        await self.listeners.follow()

    async def ask(
        self, path: str, ip: str = FIRST, method: str = "GET", body: Any = None
    ) -> tuple[int, Any]:
        url = f"http://{ip}:{self.http_port}{path}"
        async with self._session.request(method, url, json=body) as response:
            is_json = response.content_type == "application/json"
            return response.status, (await response.json() if is_json else await response.text())


@pytest.fixture
async def nodes() -> AsyncIterator[Nodes]:
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        nodes = Nodes(session)
        yield nodes
        await nodes.listeners.close()


@pytest.fixture
async def pair(nodes: Nodes) -> Nodes:
    for ip, name in ((FIRST, "elasticsearch-1"), (SECOND, "elasticsearch-2")):
        nodes.start(ip, name)
        await nodes.after(10)
    return nodes


async def refuses(ip: str, port: int) -> bool:
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_SECONDS):
            _, writer = await asyncio.open_connection(ip, port)
    except ConnectionRefusedError:
        return True
    writer.close()
    await writer.wait_closed()
    return False


async def test_the_root_names_node_cluster_and_version(pair: Nodes) -> None:
    status, body = await pair.ask("/", ip=SECOND)
    assert status == body["status"] == 200
    assert (body["name"], body["cluster_name"]) == ("elasticsearch-2", "es-prod")
    assert body["version"]["number"] == "1.3.2"
    assert body["tagline"] == "You Know, for Search"


async def test_head_answers_as_get_does_without_a_body(pair: Nodes) -> None:
    assert await pair.ask("/", method="HEAD") == (200, None)
    assert (await pair.ask("/_nothing", method="HEAD"))[0] == 400


async def test_a_node_without_a_master_answers_503(nodes: Nodes) -> None:
    nodes.start(FIRST, "elasticsearch-1", minimum_master_nodes=2)
    await nodes.after(10)
    assert (await nodes.ask("/"))[0] == 503
    status, body = await nodes.ask("/_cluster/health?master_timeout=10ms")
    assert status == 503
    assert body == {"error": "MasterNotDiscoveredException[waited for [10ms]]", "status": 503}
    status, body = await nodes.ask("/_cluster/state?local=true")
    assert (status, body["master_node"]) == (200, None)
    assert body["blocks"]["global"]["2"]["description"] == "no master"
    status, body = await nodes.ask("/_cluster/health?local=true")
    assert (status, body["status"]) == (200, "red")


async def test_the_state_names_the_master_and_the_nodes(pair: Nodes) -> None:
    _, body = await pair.ask("/_cluster/state?pretty=true")
    names = {node["name"]: node for node in body["nodes"].values()}
    assert set(names) == {"elasticsearch-1", "elasticsearch-2"}
    assert body["nodes"][body["master_node"]]["name"] == "elasticsearch-1"
    address = f"inet[/{SECOND}:{pair.transport_port}]"
    assert names["elasticsearch-2"]["transport_address"] == address


async def test_metrics_choose_parts_of_the_state(pair: Nodes) -> None:
    _, body = await pair.ask("/_cluster/state/master_node,nodes,version,blocks?local=true")
    assert set(body) == {"cluster_name", "version", "master_node", "blocks", "nodes"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("", 200, id="nothing to wait for"),
        pytest.param("wait_for_status=green", 200, id="green"),
        pytest.param("wait_for_nodes=2", 200, id="exactly two nodes"),
        pytest.param("wait_for_nodes=>%3D2", 200, id="at least two nodes"),
        pytest.param("wait_for_nodes=ge(2)", 200, id="at least two nodes, in words"),
        pytest.param("wait_for_nodes=<2&timeout=10ms", 408, id="too many nodes"),
        pytest.param("wait_for_nodes=3&timeout=10ms", 408, id="too few nodes"),
        pytest.param("wait_for_active_shards=1&timeout=10", 408, id="no shard is ever active"),
        pytest.param("wait_for_relocating_shards=0", 200, id="no shard ever moves"),
        pytest.param("unknown=1", 200, id="an unknown parameter is ignored"),
        pytest.param("wait_for_nodes=many", 400, id="a count that is none"),
        pytest.param("wait_for_status=blue", 400, id="an unknown status"),
        pytest.param("timeout=soon", 400, id="a time that is none"),
    ],
)
async def test_health_with(pair: Nodes, query: str, status: int) -> None:
    got, body = await pair.ask(f"/_cluster/health?{query}")
    assert got == status
    if status != 400:
        assert (body["number_of_nodes"], body["timed_out"]) == (2, status == 408)


async def test_health_waits_until_a_node_has_joined(pair: Nodes) -> None:
    waiting = asyncio.create_task(pair.ask("/_cluster/health?wait_for_nodes=3&timeout=4s"))
    pair.start("127.91.7.3", "elasticsearch-3")
    await pair.after(10)
    status, body = await waiting
    assert (status, body["number_of_nodes"]) == (200, 3)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/_nodes", {"elasticsearch-1", "elasticsearch-2"}),
        ("/_nodes/_local", {"elasticsearch-2"}),
        ("/_nodes/_master", {"elasticsearch-1"}),
        ("/_nodes/elasticsearch-1,elasticsearch-2", {"elasticsearch-1", "elasticsearch-2"}),
        (f"/_nodes/{FIRST}", {"elasticsearch-1"}),
        ("/_nodes/nobody", set()),
        ("/_nodes/jvm", {"elasticsearch-1", "elasticsearch-2"}),
    ],
)
async def test_nodes_are_chosen_by(pair: Nodes, path: str, names: set[str]) -> None:
    _, body = await pair.ask(path, ip=SECOND)
    assert {node["name"] for node in body["nodes"].values()} == names


async def test_a_node_tells_what_it_publishes(pair: Nodes) -> None:
    _, body = await pair.ask("/_nodes/_local/transport,http")
    (node,) = body["nodes"].values()
    assert node["transport_address"] == f"inet[/{FIRST}:{pair.transport_port}]"
    assert node["http"]["publish_address"] == f"inet[/{FIRST}:{pair.http_port}]"
    assert node["transport"]["bound_address"].startswith("inet[/0:0:0:0:0:0:0:0:")
    assert "jvm" not in node


async def test_settings_are_written_through_any_node_and_read_from_any(pair: Nodes) -> None:
    update = {"persistent": {"discovery": {"zen": {"minimum_master_nodes": 2}}}, "transient": {}}
    status, body = await pair.ask("/_cluster/settings", ip=SECOND, method="PUT", body=update)
    written = {"discovery": {"zen": {"minimum_master_nodes": "2"}}}
    assert (status, body["acknowledged"], body["persistent"]) == (200, True, written)
    assert pair.writes == 1
    _, body = await pair.ask("/_cluster/settings?flat_settings")
    assert body["persistent"] == {"discovery.zen.minimum_master_nodes": "2"}


@pytest.mark.parametrize("body", [[], {"persistent": 3}, {"persistent": None}])
async def test_settings_that_are_no_settings_are_refused(pair: Nodes, body: Any) -> None:
    assert (await pair.ask("/_cluster/settings", method="PUT", body=body))[0] == 400


async def test_cat_prints_columns_and_json(pair: Nodes) -> None:
    _, text = await pair.ask("/_cat/nodes?h=name,master&v")
    lines = [line.split() for line in text.splitlines()]
    assert lines == [["name", "master"], ["elasticsearch-1", "*"], ["elasticsearch-2", "m"]]
    _, rows = await pair.ask("/_cat/master?format=json")
    assert [row["node"] for row in rows] == ["elasticsearch-1"]


async def test_an_unknown_path_is_400_in_plain_text(pair: Nodes) -> None:
    answer = await pair.ask("/_nothing?x=1")
    assert answer == (400, "No handler found for uri [/_nothing?x=1] and method [GET]")


async def test_ports_open_and_close_with_the_process(nodes: Nodes) -> None:
    node_id = nodes.start(FIRST, "elasticsearch-1")
    await nodes.after(10)
    assert not await refuses(FIRST, nodes.transport_port)
    assert await refuses(SECOND, nodes.http_port)
    nodes.model.stop(node_id)
    await nodes.listeners.follow()
    assert await refuses(FIRST, nodes.transport_port)
    assert await refuses(FIRST, nodes.http_port)


async def test_a_port_that_is_in_use_is_tried_again(nodes: Nodes) -> None:
    async with await asyncio.start_server(lambda *_: None, FIRST, nodes.transport_port):
        nodes.start(FIRST, "elasticsearch-1")
        await nodes.after(10)
        assert await refuses(FIRST, nodes.http_port)
    await nodes.listeners.follow()
    assert (await nodes.ask("/"))[0] == 200
