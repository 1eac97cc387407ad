"""What nodes answer over HTTP, at sockets of their own on loopback."""

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.localcloud.elasticsearch.nodes import FIRST, REQUEST_TIMEOUT_SECONDS, SECOND, Nodes


async def refuses(ip: str, port: int) -> bool:
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT_SECONDS):
            _, writer = await asyncio.open_connection(ip, port)
    except ConnectionRefusedError:
        return True
    writer.close()
    await writer.wait_closed()
    return False


async def test_the_root_names_node_and_version(pair: Nodes) -> None:
    status, body = await pair.ask("/", ip=SECOND)
    assert status == body["status"] == 200
    assert (body["name"], body["version"]["number"]) == ("elasticsearch-2", "1.3.2")
    assert body["tagline"] == "You Know, for Search"


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("1.3.2", {"status", "name", "version", "tagline"}),
        ("1.4.0", {"status", "name", "cluster_name", "version", "tagline"}),
        ("7.10.2", {"name", "cluster_name", "cluster_uuid", "version", "tagline"}),
        ("opensearch-2.19.1", {"name", "cluster_name", "cluster_uuid", "version", "tagline"}),
    ],
)
async def test_the_root_has_the_fields_of_its_version(
    nodes: Nodes, version: str, fields: set[str]
) -> None:
    nodes.start(FIRST, "elasticsearch-1", version=version)
    await nodes.after(10)
    assert set((await nodes.ask("/"))[1]) == fields


@pytest.mark.parametrize(
    ("version", "flavor", "product"),
    [
        ("7.10.2", "oss", None),
        ("7.13.4", "default", None),
        ("7.17.9", "default", "Elasticsearch"),
        ("opensearch-2.19.1", None, None),
    ],
)
async def test_the_makers_clients_are_told_what_they_look_for(
    nodes: Nodes, version: str, flavor: str | None, product: str | None
) -> None:
    nodes.start(FIRST, "elasticsearch-1", version=version)
    await nodes.after(10)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{FIRST}:{nodes.http_port}/") as answer,
    ):
        told = await answer.json()
    assert told["version"].get("build_flavor") == flavor
    assert answer.headers.get("X-elastic-product") == product


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        ("1.3.2", set()),
        ("1.5.0", {"number_of_pending_tasks"}),
        ("1.6.0", {"number_of_pending_tasks", "number_of_in_flight_fetch"}),
        (
            "1.7.1",
            {"number_of_pending_tasks", "number_of_in_flight_fetch", "delayed_unassigned_shards"},
        ),
    ],
)
async def test_later_1_x_versions_count_more(nodes: Nodes, version: str, fields: set[str]) -> None:
    nodes.start(FIRST, "elasticsearch-1", version=version)
    await nodes.after(10)
    _, body = await nodes.ask("/_cluster/health")
    counted = {"number_of_pending_tasks", "number_of_in_flight_fetch", "delayed_unassigned_shards"}
    assert counted & set(body) == fields


async def test_head_answers_as_get_does_without_a_body(pair: Nodes) -> None:
    assert (await pair.ask("/", method="HEAD"))[0] == 200
    assert (await pair.ask("/nothing", method="HEAD"))[0] == 404


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
    ("query", "timed_out"),
    [
        pytest.param("", False, id="nothing to wait for"),
        pytest.param("wait_for_status=green", False, id="green"),
        pytest.param("wait_for_nodes=2", False, id="exactly two nodes"),
        pytest.param("wait_for_nodes=>%3D2", False, id="at least two nodes"),
        pytest.param("wait_for_nodes=ge(2)", False, id="at least two nodes, in words"),
        pytest.param("wait_for_nodes=<2&timeout=10ms", True, id="too many nodes"),
        pytest.param("wait_for_nodes=3&timeout=10ms", True, id="too few nodes"),
        pytest.param("wait_for_active_shards=1&timeout=10", True, id="no shard is there"),
        pytest.param("wait_for_relocating_shards=0", False, id="no shard moves"),
        pytest.param("unknown=1", False, id="an unknown parameter is ignored"),
    ],
)
async def test_1_x_tells_a_wait_in_vain_in_the_body_alone(
    pair: Nodes, query: str, timed_out: bool
) -> None:
    status, body = await pair.ask(f"/_cluster/health?{query}")
    assert (status, body["number_of_nodes"], body["timed_out"]) == (200, 2, timed_out)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param("wait_for_nodes=many", 500, id="a count that is none"),
        pytest.param("wait_for_status=blue", 500, id="an unknown status"),
        pytest.param("timeout=soon", 400, id="a time that is none"),
        pytest.param("wait_for_relocating_shards=x", 400, id="a number that is none"),
    ],
)
async def test_1_x_refuses(pair: Nodes, query: str, status: int) -> None:
    assert (await pair.ask(f"/_cluster/health?{query}"))[0] == status


async def test_health_waits_until_a_node_has_joined(pair: Nodes) -> None:
    waiting = asyncio.create_task(pair.ask("/_cluster/health?wait_for_nodes=3&timeout=20s"))
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


@pytest.mark.parametrize(
    ("body", "status"), [([], 400), ({"persistent": 3}, 500), ({"persistent": None}, 400)]
)
async def test_settings_that_are_no_settings_are_refused(
    pair: Nodes, body: Any, status: int
) -> None:
    assert (await pair.ask("/_cluster/settings", method="PUT", body=body))[0] == status


async def test_a_document_needs_the_primary_of_the_index_that_it_makes(pair: Nodes) -> None:
    document = {"a": 1}
    status, _ = await pair.ask("/books/book/1?timeout=50ms", method="PUT", body=document)
    assert status == 503
    await pair.after(5)
    status, body = await pair.ask("/books/book/1", method="PUT", body=document)
    assert (status, body["_version"]) == (201, 1)
    assert (await pair.ask("/books/book/1", ip=SECOND))[1]["_source"] == document
    assert (await pair.ask("/books/_count", ip=SECOND))[1]["count"] == 1


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


async def test_a_shard_that_moves_is_shown_with_where_it_goes(pair: Nodes) -> None:
    settings = {"settings": {"number_of_shards": 1, "number_of_replicas": 0}}
    await pair.ask("/books", method="PUT", body=settings)
    await pair.after(5)
    _, rows = await pair.ask("/_cat/shards?format=json")
    update = {"transient": {"cluster.routing.allocation.exclude._name": rows[0]["node"]}}
    await pair.ask("/_cluster/settings", method="PUT", body=update)
    _, rows = await pair.ask("/_cat/shards?format=json&h=state,node")
    source, arrow, ip, _, target = rows[0]["node"].split()
    assert (rows[0]["state"], arrow) == ("RELOCATING", "->")
    assert {source, target} == {"elasticsearch-1", "elasticsearch-2"}
    assert ip in (FIRST, SECOND)


async def test_the_journal_tells_who_wrote_what_and_what_came_of_it(pair: Nodes) -> None:
    update = {"transient": {"indices.a": "b"}}
    await pair.ask("/_cluster/settings", method="PUT", body=update)
    await pair.ask("/books", method="DELETE")
    await pair.ask("/_cluster/health")
    written, refused = pair.journal
    target = f"{FIRST}:{pair.http_port}/_cluster/settings"
    assert (written.system, written.method, written.target) == ("elasticsearch", "PUT", target)
    assert (written.result, len(written.body)) == ("200", 64)
    assert "aiohttp" in written.caller
    assert (refused.method, refused.result, refused.body) == ("DELETE", "404", "")
