"""What real servers said, word for word, is read alike; and whatever might be said instead never
becomes more than an unknown value."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.clients.elasticsearch import HEALTHS, parse_address, with_answers
from steersman.model.observed import Probe, ProbeTarget
from tests.clients.replay import says
from tests.clients.test_elasticsearch import NOW, probed

DATA = Path(__file__).parent / "data" / "elasticsearch"
SERVERS = ("elasticsearch-1.7.1", "elasticsearch-7.10.2", "opensearch-2.19.1")
PARTS = ("root", "state", "local", "health")
TARGET = ProbeTarget("10.0.0.1", 9200, 9300)
ADDRESSES = {
    "elasticsearch-1.7.1": "127.94.0.1",
    "elasticsearch-7.10.2": "127.94.7.1",
    "opensearch-2.19.1": "127.94.1.1",
}
FIELDS = (
    *("name", "cluster_name", "cluster_uuid", "version", "number", "status", "nodes", "error"),
    *("master_node", "cluster_manager_node", "transport", "publish_address", "a"),
    "transport_address",
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["green", "inet[/10.0.0.1:9300]", "[::1]:9300", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4)
    ),
    max_leaves=20,
)
bodies = st.dictionaries(st.sampled_from(FIELDS), values, max_size=6)


def recorded(server: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{server}.json").read_text())
    return found


async def probe_of(answers: Mapping[str, Any]) -> Probe:
    return await probed(*(says(answers[one]["body"], answers[one]["status"]) for one in PARTS))


@pytest.mark.parametrize("server", SERVERS)
async def test_a_node_in_a_cluster_is_read_whole(server: str) -> None:
    answers = recorded(server)["in a cluster"]
    probe = await probe_of(answers)
    nodes = ("es-1", "es-2", "es-3") if server.startswith("opensearch") else ("es-1", "es-2")
    master = "es-1" if server == "elasticsearch-7.10.2" else nodes[-1]
    assert probe == Probe(
        target=probe.target,
        at=NOW,
        transport="open",
        http_status=200,
        name="es-1",
        cluster_name="es-prod",
        version=server.rpartition("-")[2],
        master=master,
        publish_ip=ADDRESSES[server],
        publish_port=9300,
        health="green",
        nodes=nodes,
    )


@pytest.mark.parametrize(
    ("server", "status"), [*zip(SERVERS, (503, 200, 200), strict=True)], ids=SERVERS
)
async def test_a_node_without_a_master_is_still_known(server: str, status: int) -> None:
    probe = await probe_of(recorded(server)["without a master"])
    assert (probe.http_status, probe.cluster_name) == (status, "es-prod")
    assert probe.name in ("es-1", "es-2")
    assert (probe.master, probe.health) == (None, None)
    assert (probe.publish_ip or "").startswith("127.94.")


@pytest.mark.parametrize("server", SERVERS)
async def test_a_health_that_waited_in_vain_counts(server: str) -> None:
    answers = recorded(server)
    whole = answers["in a cluster"] | {"health": answers["health in vain"]}
    assert (await probe_of(whole)).health == "green"


def test_opensearch_may_name_its_master_by_its_own_word_alone() -> None:
    state = {"cluster_manager_node": "a", "nodes": {"a": {"name": "es-1"}}}
    probe = with_answers(Probe(TARGET, NOW, "open"), {}, state, {}, {})
    assert probe.master == "es-1"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x" * 257, id="longer than any name"),
        pytest.param("es-1\nes-2", id="a line break"),
        pytest.param("\ud800", id="half a character"),
        pytest.param(["es-1"], id="a list"),
    ],
)
def test_a_name_that_is_none_is_not_taken_for_one(name: object) -> None:
    probe = with_answers(Probe(TARGET, NOW, "open"), {"name": name}, {}, {}, {})
    assert probe.name is None


@given(root=bodies, state=bodies, local=bodies, health=bodies)
def test_no_body_is_a_surprise(
    root: dict[str, Any], state: dict[str, Any], local: dict[str, Any], health: dict[str, Any]
) -> None:
    probe = with_answers(Probe(TARGET, NOW, "open"), root, state, local, health)
    texts = (probe.name, probe.cluster_name, probe.version, probe.master)
    assert all(text is None or (text and text.isprintable()) for text in texts)
    assert all(isinstance(name, str) for name in probe.nodes)
    assert probe.health in (None, *HEALTHS)
    assert (probe.publish_ip is None) == (probe.publish_port is None)


@given(st.text(max_size=60) | st.from_regex(r"(inet\[)?\w*/?[0-9a-f:.]{3,20}:[0-9]{1,6}\]?"))
def test_no_address_is_a_surprise(text: str) -> None:
    found = parse_address(text)
    assert found is None or 0 <= found[1] <= 65535
