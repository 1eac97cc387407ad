"""A server answers every recorded request with the status, the type, the fields and the refusals
that were recorded from a real one of its version."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.contracts.elasticsearch.server import NUMBERS, Answer, Cluster
from tests.contracts.elasticsearch.shapes import beyond, differences, told

# what the model does not tell, as patterns of differences
LEFT_OUT = (
    # what the tests before have set: in 1.x nothing takes a setting back
    "GET /_cluster/settings*: .transient.cluster* is too much",
    # a mapping is what documents taught an index; none is kept, and none deleted
    "*.mappings.* is missing",
    "DELETE /_cluster/*:*",
    # versions and terms of an index, sequence numbers of its documents
    "*.metadata.indices.* is missing",
    "*: ._primary_term is missing",
    "*: ._seq_no is missing",
    # why a copy was lost, in words
    "*.unassigned_info.details is missing",
    # how a parser puts what it did not like, and where in its input
    "PUT /_cluster/settings: .error*",
    # the nearest of the known parameters
    "GET /_cluster/health?wait_for_status2=green: .error*",
    # numbers for people beside those for programs
    "GET /_cluster/health?human: *",
)
RECORDED = Path(__file__).parent / "recorded"
AT_ONCE = 8


def recorded(version: str, what: str) -> list[dict[str, Any]]:
    family = "opensearch-2" if version.startswith("opensearch") else version.partition(".")[0]
    lines = (RECORDED / f"{family}-{what}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def surprises(exchange: dict[str, Any], answer: Answer) -> list[str]:
    request = exchange["request"]
    found = list(differences(exchange["told"], told(request, answer.body)))
    if answer.status != exchange["status"]:
        found.append(f"status is {answer.status} instead of {exchange['status']}")
    if answer.type != exchange["type"]:
        found.append(f"type is {answer.type} instead of {exchange['type']}")
    return [f"{request}: {one}" for one in found if beyond(f"{request}: {one}", LEFT_OUT)]


def replay(cluster: Cluster, number: int, exchange: dict[str, Any]) -> list[str]:
    sent, content_type = exchange.get("sent"), exchange.get("content_type")
    return surprises(exchange, cluster.ask(number, exchange["request"], sent, content_type))


def test_a_cluster_answers_as_recorded(cluster: Cluster) -> None:
    master = cluster.master_number()
    exchanges = recorded(cluster.version, "requests")  # in this order: some need those before
    assert [found for one in exchanges for found in replay(cluster, master, one)] == []


def test_a_node_without_a_master_answers_as_recorded(cluster: Cluster) -> None:
    cluster.index("idx", shards=1, replicas=0)
    (holder,) = cluster.nodes_by_shard("idx")
    left = next(number for number in NUMBERS if f"es-{number}" == holder)
    for number in NUMBERS:
        if number != left:
            cluster.nodes.kill(number)
    cluster.until(lambda: cluster.local_state(left)["master_node"] is None)
    exchanges = recorded(cluster.version, "without-master")
    with ThreadPoolExecutor(AT_ONCE) as pool:  # most of them wait for a master, a second long
        found = pool.map(lambda one: replay(cluster, left, one), exchanges)
        assert [each for surprises in found for each in surprises] == []
