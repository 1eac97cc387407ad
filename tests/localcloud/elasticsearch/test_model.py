"""How 1.x nodes form clusters and lose them, on a virtual clock."""

from random import Random

import pytest

from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.parts.membership import MINIMUM_MASTER_NODES
from localcloud.elasticsearch.state import ClusterSettings
from localcloud.elasticsearch.timings import Timings
from tests.localcloud.elasticsearch.world import World, cluster


@pytest.fixture
def world() -> World:
    return World()


def test_nodes_with_the_same_list_form_one_cluster(world: World) -> None:
    for number in (1, 2, 3):
        world.start(number, hosts=(1, 2, 3))
    world.after()
    assert world.clusters() == {cluster(1, 2, 3)}


def test_a_node_without_hosts_is_a_cluster_of_one(world: World) -> None:
    world.start(1)
    world.start(2)
    world.after()
    assert world.clusters() == {cluster(1), cluster(2)}


def test_two_masters_that_once_stood_alone_never_merge(world: World) -> None:
    world.start(1)
    world.start(2)
    world.after()
    world.start(3, hosts=(1, 2))
    world.after(3600)
    assert world.clusters() == {cluster(1, 3), cluster(2)}


def test_a_node_joins_the_cluster_of_whom_it_knows_within_seconds(world: World) -> None:
    world.start(1)
    world.after()
    joiner = world.start(2, hosts=(1,))
    timings = Timings()
    world.after(timings.start_seconds + timings.ping_max_seconds)
    assert world.node(joiner).master is not None
    assert world.clusters() == {cluster(1, 2)}


def test_a_node_that_starts_before_its_peers_does_not_wait_for_them(world: World) -> None:
    world.start(1, hosts=(2, 3))
    world.after()
    assert world.clusters() == {cluster(1)}


def test_the_port_opens_when_the_process_has_started(world: World) -> None:
    world.start(1)
    world.after(0.5)
    assert world.model.live() == ()
    world.after(0.6)
    assert len(world.model.live()) == 1


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"cluster_name": "other"}, id="another cluster's name"),
        pytest.param({"publish_ip": "172.17.0.3"}, id="the container's own address published"),
        pytest.param({"transport_port": None}, id="no transport port published"),
    ],
)
def test_a_node_stays_alone_with(world: World, options: dict[str, object]) -> None:
    world.start(1)
    world.after()
    world.start(2, hosts=(1,), **options)
    world.after()
    assert world.clusters() == {cluster(1), cluster(2)}


def test_the_first_stays_master_and_after_it_the_one_with_the_least_id(world: World) -> None:
    ids = []
    for number in (1, 2, 3):
        ids.append(world.start(number, hosts=(1, 2, 3)))
        world.after()
    assert world.node(ids[2]).master == ids[0]
    world.model.stop(ids[0])
    assert world.node(ids[2]).master is None
    world.after()
    assert world.node(ids[2]).master == min(ids[1:])
    assert world.clusters() == {cluster(2, 3)}


def test_survivors_find_one_another_though_their_lists_do_not_name_them(world: World) -> None:
    first = world.start(1)
    world.after()
    for number in (2, 3):
        world.start(number, hosts=(1,))
        world.after()
    world.model.stop(first)
    world.after()
    assert world.clusters() == {cluster(2, 3)}


def test_a_new_process_has_a_new_id(world: World) -> None:
    first = world.start(1)
    world.after()
    world.model.stop(first)
    assert world.start(1) != first


def test_a_process_that_ends_leaves_its_cluster_at_once(world: World) -> None:
    world.start(1)
    world.after()
    second = world.start(2, hosts=(1,))
    world.after()
    world.model.stop(second)
    assert world.clusters() == {cluster(1)}


def test_a_dead_machine_stays_a_member_until_it_is_detected(world: World) -> None:
    world.start(1)
    world.after()
    second = world.start(2, hosts=(1,))
    world.after()
    world.model.lose(second)
    detection = Timings().fault_detection_seconds
    world.after(detection - 1)
    assert world.clusters() == {cluster(1, 2)}
    assert len(world.model.live()) == 1
    world.after(2)
    assert world.clusters() == {cluster(1)}


def test_a_machine_that_is_back_ends_its_former_life(world: World) -> None:
    world.start(1)
    world.after()
    second = world.start(2, hosts=(1,))
    world.after()
    world.model.lose(second)
    world.start(2, hosts=(1,))
    assert world.clusters() == {cluster(1)}
    world.after()
    assert world.clusters() == {cluster(1, 2)}


def test_one_of_two_that_are_needed_does_not_elect_itself(world: World) -> None:
    world.start(1, hosts=(2,), minimum_master_nodes=2)
    world.after(3600)
    assert world.clusters() == set()
    world.start(2, hosts=(1,), minimum_master_nodes=2)
    world.after()
    assert world.clusters() == {cluster(1, 2)}


def test_a_master_without_its_quorum_steps_down(world: World) -> None:
    ids = [world.start(n, hosts=(1, 2), minimum_master_nodes=2) for n in (1, 2)]
    world.after()
    world.model.stop(ids[1])
    assert world.node(ids[0]).master is None
    world.after(3600)
    assert world.clusters() == set()


def test_a_setting_of_the_cluster_counts_before_that_of_the_command_line(world: World) -> None:
    only = world.start(1)
    world.after()
    world.model.set_settings(
        world.node(only), ClusterSettings(persistent={MINIMUM_MASTER_NODES: "2"})
    )
    assert world.node(only).master is None


def test_a_node_that_joins_learns_the_settings(world: World) -> None:
    first = world.start(1)
    world.after()
    world.model.set_settings(world.node(first), ClusterSettings(transient={"a": "b"}))
    second = world.start(2, hosts=(1,))
    world.after()
    assert world.node(second).settings.get("a") == "b"


def test_every_change_of_a_cluster_is_a_new_version_of_its_state(world: World) -> None:
    first = world.start(1)
    world.after()
    before = world.node(first).state.version
    second = world.start(2, hosts=(1,))
    world.after()
    assert world.node(first).state.version == world.node(second).state.version > before


def test_nothing_is_planned_once_all_have_a_master(world: World) -> None:
    for number in (1, 2, 3):
        world.start(number, hosts=(1, 2, 3))
    world.after()
    assert world.model.next_due() is None


def test_a_loaded_model_goes_on_where_it_was(world: World) -> None:
    world.start(1)
    world.after()
    world.start(2, hosts=(1,))
    other = World()
    other.clock = world.clock
    other.model = Elasticsearch(world.clock, Random(6))
    other.model.load(world.model.dump())
    other.after()
    assert other.clusters() == {cluster(1, 2)}
