"""What happens to a cluster of three nodes, in the model and in real servers alike."""

import asyncio
from datetime import UTC, datetime

from steersman.clients.elasticsearch import ElasticsearchClient
from steersman.model.observed import Probe, ProbeTarget
from tests.contracts.elasticsearch.server import HTTP_PORT, NUMBERS, TRANSPORT_PORT, Cluster

EVERYBODY = {"es-1", "es-2", "es-3"}
EXCLUDE = "cluster.routing.allocation.exclude._name"
PROBE_SECONDS = 30.0


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return 0.0


def probed(cluster: Cluster, number: int) -> Probe:
    async def probe() -> Probe:
        client = ElasticsearchClient(Clock(), timeout_seconds=PROBE_SECONDS)
        try:
            target = ProbeTarget(cluster.address(number), HTTP_PORT, TRANSPORT_PORT)
            return await client.probe(target)
        finally:
            await client.close()

    return asyncio.run(probe())


def node_ids(cluster: Cluster, number: int) -> tuple[str, str | None]:
    """The id and the ephemeral id of a node, as it tells them itself."""
    nodes = cluster.local_state(number)["nodes"]
    (found,) = (each for each, node in nodes.items() if node["name"] == f"es-{number}")
    return found, nodes[found].get("ephemeral_id")


def another_than(number: int) -> int:
    return next(each for each in NUMBERS if each != number)


def test_our_probe_reads_of_every_node_what_it_is(cluster: Cluster) -> None:
    master = cluster.master(1)
    for number in NUMBERS:
        probe = probed(cluster, number)
        assert (probe.transport, probe.http_status, probe.name) == ("open", 200, f"es-{number}")
        assert (probe.cluster_name, probe.master) == ("es-prod", master)
        assert probe.version == cluster.version.rpartition("-")[2]
        assert (probe.publish_ip, probe.publish_port) == (cluster.address(number), TRANSPORT_PORT)
        assert (set(probe.nodes), probe.health) == (EVERYBODY, "green")


def test_a_setting_is_written_through_any_node_and_read_from_any(cluster: Cluster) -> None:
    writer = another_than(cluster.master_number())
    cluster.change_settings(writer, transient={EXCLUDE: "es-9"})
    for number in NUMBERS:
        body = cluster.ask(number, "GET /_cluster/settings?flat_settings=true").body
        assert body["transient"][EXCLUDE] == "es-9"
    cluster.change_settings(writer, transient={EXCLUDE: ""})


def test_a_node_that_dies_leaves_at_once_and_its_replicas_take_over(cluster: Cluster) -> None:
    cluster.index("books", shards=1, replicas=2)
    assert set(cluster.nodes_by_shard("books")) == EVERYBODY
    assert cluster.put_document(1, "books", "one").status == 201
    victim = cluster.master_number()
    survivor = another_than(victim)
    cluster.nodes.kill(victim)
    others = EVERYBODY - {f"es-{victim}"}
    cluster.until(lambda: cluster.names(survivor) == others and bool(cluster.master(survivor)))
    cluster.until(lambda: cluster.local_health(survivor)["status"] == "yellow")
    assert cluster.ask(survivor, "GET /books/_count").body["count"] == 1


def test_a_node_that_comes_back_brings_its_data_and_a_new_self(cluster: Cluster) -> None:
    cluster.index("books", shards=1, replicas=2)
    victim = another_than(cluster.master_number())
    before = node_ids(cluster, victim)
    cluster.nodes.kill(victim)
    survivor = another_than(victim)
    cluster.until(lambda: len(cluster.names(survivor)) == 2)
    cluster.nodes.start(victim)
    cluster.until(lambda: cluster.local_health(survivor)["number_of_nodes"] == 3)
    cluster.until(lambda: cluster.local_health(survivor)["status"] == "green")
    after = node_ids(cluster, victim)
    assert (after[0] == before[0]) == cluster.modern
    assert after != before


def test_a_cluster_that_was_killed_whole_comes_back_with_what_it_had(cluster: Cluster) -> None:
    cluster.index("books", shards=2, replicas=1)
    cluster.put_document(1, "books", "one")
    cluster.ask(1, "POST /books/_flush")  # 1.x writes its log to the disk every five seconds
    for number in NUMBERS:
        cluster.nodes.kill(number)
    for number in NUMBERS:
        cluster.nodes.start(number)
    cluster.until(lambda: cluster.names(1) == EVERYBODY and bool(cluster.master(1)))
    cluster.until(lambda: cluster.local_health(cluster.master_number())["status"] == "green")
    assert cluster.ask(1, "GET /books/_count").body["count"] == 1


def test_one_of_three_has_no_master_and_says_so(cluster: Cluster) -> None:
    first, *others = NUMBERS
    for number in others:
        cluster.nodes.kill(number)
    cluster.until(lambda: cluster.local_state(first)["master_node"] is None)
    assert cluster.ask(first, "GET /").status == (200 if cluster.modern else 503)
    assert "2" in cluster.local_state(first)["blocks"]["global"]
    probe = probed(cluster, first)
    assert (probe.transport, probe.name, probe.master) == ("open", "es-1", None)
    cluster.nodes.start(2)
    cluster.until(lambda: cluster.master(first) is not None)
    assert cluster.ask(first, "GET /").status == 200


def test_a_node_that_is_silent_stays_a_member_until_it_is_given_up(cluster: Cluster) -> None:
    silent = another_than(cluster.master_number())
    master = cluster.master_number()
    cluster.nodes.pause(silent)
    assert cluster.names(master) == EVERYBODY
    cluster.until(lambda: cluster.names(master) == EVERYBODY - {f"es-{silent}"})
    cluster.nodes.resume(silent)
    cluster.until(lambda: cluster.names(master) == EVERYBODY)
    cluster.until(lambda: cluster.names(silent) == EVERYBODY)


def test_a_master_that_is_silent_is_replaced_and_then_follows(cluster: Cluster) -> None:
    old = cluster.master_number()
    other = another_than(old)
    cluster.nodes.pause(old)
    cluster.until(lambda: cluster.master(other) not in (None, f"es-{old}"))
    cluster.nodes.resume(old)
    cluster.until(lambda: cluster.master(old) == cluster.master(other))
    cluster.until(lambda: cluster.names(old) == EVERYBODY)


def test_an_excluded_node_is_emptied(cluster: Cluster) -> None:
    cluster.index("books", shards=2, replicas=1)
    holder = next(name for name in cluster.nodes_by_shard("books") if name)
    number = another_than(int(holder.removeprefix("es-")))
    assert cluster.change_settings(number, transient={EXCLUDE: holder}).status == 200
    cluster.until(lambda: holder not in cluster.nodes_by_shard("books"))
    cluster.until(lambda: cluster.local_health(number)["status"] == "green")
    cluster.change_settings(number, transient={EXCLUDE: ""})


def test_a_wait_for_a_node_ends_when_it_joins(cluster: Cluster) -> None:
    master = cluster.master_number()
    late = another_than(master)
    cluster.nodes.kill(late)
    cluster.until(lambda: len(cluster.names(master)) == 2)
    cluster.nodes.start(late)
    body = cluster.ask(master, "GET /_cluster/health?wait_for_nodes=3&timeout=150s").body
    assert (body["timed_out"], body["number_of_nodes"]) == (False, 3)


def test_a_node_that_must_not_vote_is_out_of_the_configuration(cluster: Cluster) -> None:
    if not cluster.modern:
        return  # 1.x counts masters, and knows no voting
    excluded = another_than(cluster.master_number())
    node_id, _ = node_ids(cluster, excluded)
    path = f"/_cluster/voting_config_exclusions?node_names=es-{excluded}"
    assert cluster.ask(1, f"POST {path}").status == 200
    coordination = cluster.local_state(1)["metadata"]["cluster_coordination"]
    assert node_id not in coordination["last_committed_config"]
    entry = {"node_id": node_id, "node_name": f"es-{excluded}"}
    assert coordination["voting_config_exclusions"] == [entry]
    cleared = "DELETE /_cluster/voting_config_exclusions?wait_for_removal=false"
    assert cluster.ask(1, cleared).status == 200
    coordination = cluster.local_state(1)["metadata"]["cluster_coordination"]
    assert coordination["voting_config_exclusions"] == []
