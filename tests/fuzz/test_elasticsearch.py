"""Elasticsearch's answers: a probe tells what could be read, whatever a node says."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from steersman.clients.elasticsearch import ElasticsearchClient, parse_address
from steersman.model.observed import Probe, ProbeTarget
from tests.fuzz.corpus import good
from tests.fuzz.strategies import changed
from tests.fuzz.trying import fuzzed
from tests.fuzz.wire import Server, replies, reply, serving

ELASTICSEARCH = "elasticsearch"
PATHS = ("/", "/_cluster/state", "/_nodes/_local", "/_cluster/health")
SECONDS = 30.0  # the server answers and hangs up at once
ADDRESSES = (b"inet[/10.240.0.2:9300]", b"core1/10.240.0.2:9300", b"[::1]:9300", b"inet[a/::1:1]")


class _Clock:
    def now(self) -> datetime:
        return datetime(2014, 9, 1, 12, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[ElasticsearchClient]:
    client = ElasticsearchClient(_Clock(), timeout_seconds=SECONDS)
    yield client
    server.outcome(client.close)


@fuzzed(ELASTICSEARCH, replies(good(ELASTICSEARCH)))
def test_a_node_that_says_anything_is_probed(
    server: Server, client: ElasticsearchClient, body: bytes
) -> None:
    server.says = {"/": body}
    _sound(_probed(server, client))


@fuzzed(ELASTICSEARCH, replies(good(ELASTICSEARCH)))
def test_one_odd_answer_does_not_hide_the_others(
    server: Server, client: ElasticsearchClient, body: bytes
) -> None:
    honest = {path: reply(_honest(path)) for path in PATHS}
    server.says = {**honest, "/_nodes/_local": body}
    probe = _probed(server, client)
    _sound(probe)
    assert (probe.cluster_name, probe.master, probe.health) == ("es-prod", "es-1", "green")


@fuzzed(ELASTICSEARCH, changed(ADDRESSES))
def test_an_address_is_an_ip_and_a_port_or_nothing(body: bytes) -> None:
    found = parse_address(body.decode(errors="replace"))
    assert found is None or 0 <= found[1] <= 65_535


def _probed(server: Server, client: ElasticsearchClient) -> Probe:
    probe = server.outcome(lambda: client.probe(ProbeTarget("127.0.0.1", server.port, server.port)))
    assert probe is not None, "a probe never fails: it tells"
    return probe


def _honest(path: str) -> bytes:
    names = {"/": "lucene", "/_nodes/_local": "publish", "/_cluster/health": "active_shards"}
    sign = names.get(path, "master_node").encode()
    return next(each for each in good(ELASTICSEARCH) if sign in each)


def _sound(probe: Probe) -> None:
    told = (probe.name, probe.cluster_name, probe.version, probe.master, probe.publish_ip)
    assert all(each is None or isinstance(each, str) for each in told)
    assert probe.health in (None, "green", "yellow", "red")
    assert probe.transport == "open"
