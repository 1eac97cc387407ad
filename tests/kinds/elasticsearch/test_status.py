"""Conditions and summary."""

from dataclasses import replace

import pytest

from steersman.model.observed import KeyItem, KeysSnapshot, Probe
from steersman.model.world import Bootstrap
from tests.kinds.builders import ago
from tests.kinds.elasticsearch.scene import (
    PATH,
    VALUE,
    Scene,
    alone,
    good,
    item,
    key,
    looks,
    refused,
    unit,
    written_by,
)

NOBODY = {1: None, 2: None, 3: None}
ALONE = {n: looks((30, 15, 0), alone, n) for n in (1, 2, 3)}


def on_its_own(node: int, *seconds_ago: float) -> tuple[Probe, ...]:
    name = f"elasticsearch-{node}"
    return tuple(good(node, ago(at), master=name, nodes=(name,)) for at in seconds_ago)


READY = [
    pytest.param(Scene(), "True", "AllNodes", id="ready: all registered, one master"),
    pytest.param(
        Scene(items={3: None}), "False", "NodesMissing", id="a node is not registered yet"
    ),
    pytest.param(
        Scene(probes={3: (alone(3),)}), "False", "NodesMissing", id="a node has no master"
    ),
    pytest.param(
        Scene(document=written_by("none"), items=NOBODY),
        "True",
        "AllNodes",
        id="without registration the nodes alone count",
    ),
    pytest.param(
        Scene(more_keys=(KeyItem(PATH, VALUE, 3),)),
        "False",
        "NotADirectory",
        id="a key stands in the directory's place",
    ),
    pytest.param(
        Scene(probes={n: looks((30, 15, 0), refused, n) for n in (1, 2)}),
        "Unknown",
        "RegistrarBlind",
        id="who cannot see does not know",
    ),
    pytest.param(Scene(facts={}), "Unknown", "UnitUnknown", id="the unit tells no instances"),
    pytest.param(
        Scene(changes={"keys": KeysSnapshot()}), "Unknown", "NotObserved", id="nothing was read"
    ),
]


@pytest.mark.parametrize(("scene", "status", "reason"), READY)
def test_ready(scene: Scene, status: str, reason: str) -> None:
    ready = scene.status().condition("Ready")
    assert ready is not None
    assert (ready.status, ready.reason) == (status, reason)


def test_ready_names_who_is_missing_and_why() -> None:
    ready = Scene(items={3: None}, probes={3: (refused(3),)}).status().condition("Ready")
    assert ready is not None
    assert ready.message == (
        "2/3 nodes in the cluster: elasticsearch@3.service: transport port 9300 is refused"
    )


CONDITIONS = [
    pytest.param(
        Scene(probes={3: on_its_own(3, 15, 0)}), "SplitBrain", id="two masters, seen twice"
    ),
    pytest.param(Scene(probes=ALONE), "QuorumLost", id="nobody has a master"),
    pytest.param(
        Scene(probes={3: looks((15, 0), lambda n, at: good(n, at, cluster_name="other"), 3)}),
        "WrongClusterName",
        id="a node reports another cluster.name",
    ),
    pytest.param(
        Scene(probes={3: (good(3, publish_ip="172.17.0.3"),)}),
        "WrongPublishAddress",
        id="a node publishes the address of docker's bridge",
    ),
    pytest.param(
        Scene(probes={1: (good(1, nodes=("elasticsearch-1", "elasticsearch-2")),)}),
        "NotInCluster",
        id="the master does not know a node that is up",
    ),
    pytest.param(
        Scene(probes={3: (good(3, version="1.3.2"),)}), "MixedVersions", id="two versions"
    ),
    pytest.param(
        Scene(more_keys=(KeyItem(f"{PATH}/10.0.0.1/meta", "x", 7),)),
        "SecondWriter",
        id="somebody wrote a nested key",
    ),
    pytest.param(
        Scene(more_keys=(replace(item(9), key=f"{PATH}/10.0.0.9"),)),
        "SecondWriter",
        id="somebody registered a stranger",
    ),
    pytest.param(
        Scene(probes={n: looks((30, 15, 0), refused, n) for n in (1, 2)}),
        "RegistrarBlind",
        id="most nodes are unreachable at once",
    ),
]


def test_of_many_strangers_the_first_are_told() -> None:
    keys = tuple(KeyItem(f"{PATH}/x{number}", "x", 7) for number in range(1000, 2000))
    told = Scene(more_keys=keys).status().condition("SecondWriter")
    assert told is not None
    assert told.message.endswith(f"{PATH}/x1004 and 995 more")


@pytest.mark.parametrize(("scene", "type_"), CONDITIONS)
def test_each_fault_has_its_condition_and_only_its_own(scene: Scene, type_: str) -> None:
    status = scene.status()
    others = {"Ready"} | ({"NotInCluster"} if type_ in ("SplitBrain", "QuorumLost") else set())
    held = {each.type for each in status.conditions if each.holds} - others

    assert held == {type_}
    assert all(each.message for each in status.conditions if each.holds)


def test_a_healthy_cluster_holds_nothing_but_ready() -> None:
    assert [each.type for each in Scene().status().conditions if each.holds] == ["Ready"]


NOT_RAISED = [
    pytest.param(
        Scene(probes={3: (good(3, ago(15)), *on_its_own(3, 0))}),
        "SplitBrain",
        id="two masters seen once may be an election",
    ),
    pytest.param(
        Scene(bootstrap=Bootstrap("forming", unit(1)), probes=ALONE),
        "QuorumLost",
        id="a quorum that never was cannot be lost",
    ),
]


@pytest.mark.parametrize(("scene", "type_"), NOT_RAISED)
def test_not_raised(scene: Scene, type_: str) -> None:
    assert not scene.status().holds(type_)


def test_summary() -> None:
    assert Scene(items={2: None}).status().summary == {
        "expected": 3,
        "registered": ["10.0.0.1", "10.0.0.3"],
        "master": "elasticsearch-1",
        "version": "1.2.1",
        "clusterName": "es-prod",
        "health": "green",
    }


def test_summary_tells_what_was_observed_not_what_was_asked() -> None:
    other = {n: (good(n, cluster_name="elasticsearch"),) for n in (1, 2, 3)}
    assert Scene(probes=other).status().summary["clusterName"] == "elasticsearch"


def test_addresses_are_sorted_as_numbers() -> None:
    nodes = (10, 9, 2)
    assert Scene(nodes=nodes).status().summary["registered"] == [
        "10.0.0.2",
        "10.0.0.9",
        "10.0.0.10",
    ]


def test_nothing_of_a_status_depends_on_the_second_it_is_written() -> None:
    scene = Scene(probes={3: looks((15, 0), refused, 3)}, items={2: item(2)})
    assert scene.status() == scene.status(ago(-1))
    assert key(2) not in str(scene.status())
