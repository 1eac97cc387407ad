"""What is written to a node, beyond what the recorded traffic of real servers shows."""

from typing import Any

import pytest

from tests.localcloud.elasticsearch.nodes import FIRST, Nodes


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("cluster.routing.allocation.exclude._name", "1", 200),
        ("cluster.max_shards_per_node", "1", 200),
        ("cluster.max_voting_config_exclusions", "1", 200),
        ("cluster.max_voting_config_exclusions", "many", 400),
        ("discovery.zen.minimum_master_nodes", "9" * 5000, 400),
        ("cluster.nope", "1", 400),
        ("cluster.name", "1", 400),
    ],
)
async def test_the_modern_family_takes_the_dynamic_settings_of_a_cluster_and_no_others(
    nodes: Nodes, name: str, value: str, status: int
) -> None:
    nodes.start(FIRST, "elasticsearch-1", version="7.17.9")
    await nodes.after(10)
    body = {"persistent": {name: value}}
    assert (await nodes.ask("/_cluster/settings", method="PUT", body=body))[0] == status


async def test_1_x_drops_a_quorum_that_is_no_number(pair: Nodes) -> None:
    body = {"persistent": {"discovery.zen.minimum_master_nodes": "9" * 5000}}
    status, told = await pair.ask("/_cluster/settings", method="PUT", body=body)
    assert (status, told["persistent"]) == (200, {})


@pytest.mark.parametrize(("query", "more"), [("", 1), ("?dry_run=true", 0)])
async def test_a_dry_run_of_a_reroute_makes_no_new_state(
    pair: Nodes, query: str, more: int
) -> None:
    _, before = await pair.ask("/_cluster/state")
    assert (await pair.ask(f"/_cluster/reroute{query}", method="POST"))[0] == 200
    _, after = await pair.ask("/_cluster/state")
    assert after["version"] == before["version"] + more


@pytest.mark.parametrize(
    ("version", "type_", "told"),
    [
        ("1.3.2", "book", {"found": [True, False], "_version": [2, 1]}),
        ("7.17.9", "_doc", {"result": ["deleted", "not_found"], "_version": [2, 1]}),
        ("opensearch-2.19.1", "_doc", {"result": ["deleted", "not_found"], "_version": [2, 1]}),
    ],
)
async def test_a_document_is_there_until_it_is_deleted(
    nodes: Nodes, version: str, type_: str, told: dict[str, list[Any]]
) -> None:
    nodes.start(FIRST, "elasticsearch-1", version=version)
    await nodes.after(10)
    path = f"/books/{type_}/1"
    await nodes.ask("/books", method="PUT", body={})
    await nodes.after(10)
    assert (await nodes.ask(path, method="HEAD"))[0] == 404
    assert (await nodes.ask(path, method="PUT", body={"a": 1}))[0] == 201
    assert (await nodes.ask(path, method="HEAD"))[0] == 200
    first, again = [await nodes.ask(path, method="DELETE") for _ in range(2)]
    assert (first[0], again[0]) == (200, 404)
    assert {name: [first[1][name], again[1][name]] for name in told} == told
    assert (await nodes.ask(path))[0] == 404
