"""A probe tells what an Elasticsearch node of any version says, and never fails for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from steersman.clients.elasticsearch import (
    HEALTH,
    LOCAL_NODE,
    ROOT,
    STATE,
    ElasticsearchClient,
    parse_address,
)
from steersman.model.observed import Probe, ProbeTarget
from tests.clients.replay import (
    HTML,
    Behaviour,
    closed_port,
    closes,
    hangs,
    says,
    serving,
    truncates,
)

NOW = datetime(2014, 9, 1, tzinfo=UTC)
TIMEOUT_SECONDS = 30.0  # far more than an honest answer takes
SHORT_SECONDS = 3.0  # where silence is waited out
LINES = tuple(f"GET {path}" for path in (ROOT, STATE, LOCAL_NODE, HEALTH))

# Elasticsearch 1.2.1: no cluster name at the root, addresses in `inet[...]`
ROOT_1 = {
    "status": 200,
    "name": "elasticsearch-1",
    "version": {"number": "1.2.1", "build_snapshot": False, "lucene_version": "4.8"},
    "tagline": "You Know, for Search",
}
STATE_1 = {
    "cluster_name": "es-prod",
    "version": 5,
    "master_node": "tSMa",
    "blocks": {},
    "nodes": {
        "tSMa": {"name": "elasticsearch-2", "transport_address": "inet[/10.0.0.2:9300]"},
        "YmKq": {"name": "elasticsearch-1", "transport_address": "inet[/10.0.0.1:9300]"},
    },
}
LOCAL_1 = {
    "cluster_name": "es-prod",
    "nodes": {
        "YmKq": {
            "name": "elasticsearch-1",
            "transport_address": "inet[/10.0.0.1:9300]",
            "version": "1.2.1",
            "transport": {
                "bound_address": "inet[/0:0:0:0:0:0:0:0:9300]",
                "publish_address": "inet[core1/10.0.0.1:9300]",
            },
        }
    },
}
HEALTH_1 = {"cluster_name": "es-prod", "status": "yellow", "timed_out": False}
NO_MASTER_1 = {"error": "MasterNotDiscoveredException[waited for [30s]]", "status": 503}
NO_MASTER_2 = {
    "error": {"root_cause": [], "type": "master_not_discovered_exception", "reason": None},
    "status": 503,
}


class StoppedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@asynccontextmanager
async def transport_port() -> AsyncIterator[int]:
    """A port that accepts connections, as port 9300 does."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def probed(*behaviours: Behaviour, timeout_seconds: float = TIMEOUT_SECONDS) -> Probe:
    """The probe of a node whose root, state, local node and health behave so."""
    client = ElasticsearchClient(StoppedClock(), timeout_seconds=timeout_seconds)
    answers = dict(zip(LINES, behaviours, strict=True))
    async with serving(answers) as http, transport_port() as transport:
        probe = await client.probe(ProbeTarget("127.0.0.1", http.port, transport))
        await client.close()
    return probe


async def test_a_node_of_1_x_tells_its_master_its_peers_and_where_it_is_reached() -> None:
    probe = await probed(says(ROOT_1), says(STATE_1), says(LOCAL_1), says(HEALTH_1))
    assert probe == Probe(
        target=probe.target,
        at=NOW,
        transport="open",
        http_status=200,
        name="elasticsearch-1",
        cluster_name="es-prod",
        version="1.2.1",
        master="elasticsearch-2",
        publish_ip="10.0.0.1",
        publish_port=9300,
        health="yellow",
        nodes=("elasticsearch-1", "elasticsearch-2"),
    )


async def test_a_node_of_7_x_tells_the_same_in_its_own_words() -> None:
    root = {"name": "es-1", "cluster_name": "es-prod", "version": {"number": "7.17.0"}}
    state = {
        "cluster_name": "es-prod",
        "master_node": "a",
        "nodes": {"a": {"name": "es-1", "ephemeral_id": "x", "transport_address": "10.0.0.1:9300"}},
    }
    local = {
        "_nodes": {"total": 1, "successful": 1, "failed": 0},
        "nodes": {"a": {"name": "es-1", "transport": {"publish_address": "10.0.0.1:9300"}}},
    }
    probe = await probed(says(root), says(state), says(local), says({"status": "green"}))
    assert (probe.cluster_name, probe.version, probe.master) == ("es-prod", "7.17.0", "es-1")
    assert (probe.publish_ip, probe.publish_port, probe.health) == ("10.0.0.1", 9300, "green")


@pytest.mark.parametrize("refusal", [NO_MASTER_1, NO_MASTER_2], ids=["1.x", "2.x and later"])
async def test_a_node_without_a_master_still_tells_what_it_is(refusal: object) -> None:
    state = {**STATE_1, "master_node": None, "nodes": {"YmKq": {"name": "elasticsearch-1"}}}
    probe = await probed(
        says({**ROOT_1, "status": 503}, 503), says(state), says(LOCAL_1), says(refusal, 503)
    )
    assert (probe.http_status, probe.name, probe.version) == (503, "elasticsearch-1", "1.2.1")
    assert (probe.master, probe.nodes, probe.health) == (None, ("elasticsearch-1",), None)
    assert probe.publish_ip == "10.0.0.1"


async def test_the_health_of_a_wait_that_timed_out_counts() -> None:
    health = says({**HEALTH_1, "status": "red", "timed_out": True}, 408)
    probe = await probed(says(ROOT_1), says(STATE_1), says(LOCAL_1), health)
    assert probe.health == "red"


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        pytest.param(HTML, 200, id="HTML"),
        pytest.param(closes, None, id="a closed connection"),
        pytest.param(truncates, None, id="half an answer"),
        pytest.param(says("[" * 10_000), 200, id="endless nesting"),
        pytest.param(says(" " * 1024 * 1024 + "{}"), None, id="more than the limit"),
        pytest.param(says({"error": {"type": "security_exception"}, "status": 401}, 401), 401),
        pytest.param(says({"nodes": [1], "version": "x", "name": 3, "status": 1}), 200, id="odd"),
        pytest.param(says({"nodes": {"a": 1}, "master_node": "a", "name": ""}), 200, id="odder"),
    ],
)
async def test_whatever_a_node_answers_the_probe_only_tells_less(
    behaviour: Behaviour, status: int | None
) -> None:
    probe = await probed(behaviour, behaviour, behaviour, behaviour)
    assert probe == Probe(probe.target, NOW, "open", http_status=status)


async def test_a_part_that_hangs_costs_only_itself_and_no_more_than_the_deadline() -> None:
    started = asyncio.get_running_loop().time()
    probe = await probed(says(ROOT_1), hangs, says(LOCAL_1), hangs, timeout_seconds=SHORT_SECONDS)
    assert asyncio.get_running_loop().time() - started < TIMEOUT_SECONDS
    assert (probe.version, probe.master, probe.publish_ip) == ("1.2.1", None, "10.0.0.1")


async def test_nobody_listening_is_refused_and_not_unreachable() -> None:
    client = ElasticsearchClient(StoppedClock())
    target = ProbeTarget("127.0.0.1", closed_port(), closed_port())
    assert await client.probe(target) == Probe(target, NOW, "refused")
    await client.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("inet[/10.0.0.1:9300]", ("10.0.0.1", 9300)),
        ("inet[core1/10.0.0.1:9300]", ("10.0.0.1", 9300)),
        ("inet[core1.c.p.internal/10.0.0.1:9300]", ("10.0.0.1", 9300)),
        ("inet[/0:0:0:0:0:0:0:0:9300]", ("::", 9300)),
        ("10.0.0.1:9300", ("10.0.0.1", 9300)),
        ("core1/10.0.0.1:9300", ("10.0.0.1", 9300)),
        ("[::1]:9300", ("::1", 9300)),
        ("local[1]", None),
        ("core1:9300", None),
        ("10.0.0.999:9300", None),
        ("", None),
    ],
)
def test_an_address_is_read_in_every_form(text: str, address: tuple[str, int] | None) -> None:
    assert parse_address(text) == address
