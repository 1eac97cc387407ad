"""Where shards are, and what becomes of them when nodes come and go."""

from random import Random
from typing import Any

import pytest

from localcloud.elasticsearch.api.health import health
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.state import ClusterSettings
from localcloud.elasticsearch.timings import Timings
from tests.localcloud.elasticsearch.world import World

ALLOCATION = "cluster.routing.allocation"
DELAY_SECONDS = Timings().replica_delay_seconds


@pytest.fixture
def world() -> World:
    world = World()
    world.three(version="1.7.1")
    return world


def books(world: World, shards: int = 3, replicas: int = 1) -> None:
    numbers = {"number_of_shards": str(shards), "number_of_replicas": str(replicas)}
    world.model.indices.create(world.master(), "books", numbers)
    world.after()


def seen(world: World) -> dict[str, Any]:
    return health(world.model, world.master(), timed_out=False)


def stop(world: World, node: Node) -> None:
    world.model.stop(node.key)
    world.after(5)


def start(world: World, number: int) -> None:
    world.start(number, hosts=(1, 2, 3), disk=f"disk-{number}", version="1.7.1")
    world.after(10)


def set_transient(world: World, **values: str) -> None:
    names = {f"{ALLOCATION}.{name}": value for name, value in values.items()}
    world.model.set_settings(world.master(), ClusterSettings(transient=names))


def held(world: World, node: Node) -> int:
    return sum(one.node == node.id for one in world.master().state.shards)


@pytest.mark.parametrize(
    ("replicas", "status"),
    [
        pytest.param(0, "green", id="no replica is missed"),
        pytest.param(2, "green", id="a copy for every node"),
        pytest.param(3, "yellow", id="one replica more than there are nodes"),
    ],
)
def test_the_number_of_replicas_decides(world: World, replicas: int, status: str) -> None:
    books(world, replicas=replicas)
    assert seen(world)["status"] == status


def test_a_new_index_is_red_until_its_primaries_have_started(world: World) -> None:
    world.model.indices.create(world.master(), "books", {})
    assert seen(world)["status"] == "red"
    assert seen(world)["initializing_shards"] == 5


def test_shards_are_spread_evenly(world: World) -> None:
    books(world, shards=3, replicas=1)
    assert [held(world, node) for node in world.model.live()] == [2, 2, 2]


def test_no_node_has_two_copies_of_a_shard(world: World) -> None:
    books(world, shards=4, replicas=2)
    for number in range(4):
        nodes = [one.node for one in world.master().state.copies("books", number)]
        assert len(set(nodes)) == 3


def test_a_primary_whose_node_dies_is_replaced_by_its_replica(world: World) -> None:
    books(world, shards=1, replicas=1)
    world.model.indices.put(world.master(), "books", "book", "1", {"a": 1})
    primary = world.master().state.primary("books", 0)
    holder = next(one for one in world.model.live() if one.id == primary.node)
    world.model.stop(holder.key)
    world.after(10)
    assert seen(world)["status"] == "yellow"
    assert world.model.indices.count(world.master().state, "books") == 1


def test_a_primary_without_a_replica_is_red_until_its_node_is_back(world: World) -> None:
    books(world, shards=3, replicas=0)
    node = world.follower()
    number = int(node.spec.name.removeprefix("node-"))
    stop(world, node)
    assert seen(world)["status"] == "red"
    world.after(3600)
    assert seen(world)["status"] == "red"
    start(world, number)
    assert seen(world)["status"] == "green"


def test_a_replica_waits_for_its_node_before_it_is_made_anew(world: World) -> None:
    books(world, shards=3, replicas=1)
    stop(world, world.follower())
    assert seen(world)["delayed_unassigned_shards"] > 0
    world.after(DELAY_SECONDS)
    assert seen(world)["delayed_unassigned_shards"] == 0
    world.after(10)
    assert seen(world)["status"] == "green"


def test_a_replica_whose_node_is_back_in_time_returns_there(world: World) -> None:
    books(world, shards=3, replicas=1)
    node = world.follower()
    number = int(node.spec.name.removeprefix("node-"))
    stop(world, node)
    start(world, number)
    assert seen(world)["status"] == "green"
    assert held(world, world.named(number)) == 2


def test_an_excluded_node_is_emptied_shard_by_shard(world: World) -> None:
    books(world, shards=2, replicas=1)
    node = world.follower()
    assert held(world, node) > 0
    set_transient(world, **{"exclude._name": node.spec.name})
    assert seen(world)["relocating_shards"] > 0
    assert seen(world)["status"] == "green"
    world.after(10)
    assert held(world, node) == 0


def test_an_excluded_node_keeps_what_has_nowhere_to_go(world: World) -> None:
    books(world, shards=1, replicas=2)
    node = world.follower()
    set_transient(world, **{"exclude._name": node.spec.name})
    world.after(60)
    assert held(world, node) == 1


@pytest.mark.parametrize(
    ("enable", "status"),
    [("none", "red"), ("primaries", "yellow"), ("new_primaries", "yellow"), ("all", "green")],
)
def test_allocation_can_be_held_for_a_new_index(world: World, enable: str, status: str) -> None:
    set_transient(world, enable=enable)
    books(world, shards=1, replicas=1)
    assert seen(world)["status"] == status


def test_a_new_node_gets_its_share(world: World) -> None:
    stop(world, world.named(3))
    books(world, shards=6, replicas=0)
    start(world, 3)
    world.after(60)
    assert held(world, world.named(3)) == 2


def test_nothing_is_allocated_before_enough_nodes_are_there() -> None:
    world = World()
    keys = world.three(settings={"gateway.recover_after_nodes": "3"})
    books(world)
    for key in keys:
        world.model.stop(key)
    for number in (1, 2):
        settings = {"gateway.recover_after_nodes": "3"}
        world.start(number, hosts=(1, 2, 3), disk=f"disk-{number}", settings=settings)
    world.after()
    assert not world.master().state.recovered
    assert seen(world)["status"] == "red"
    world.start(3, hosts=(1, 2, 3), disk="disk-3")
    world.after()
    assert seen(world)["status"] == "green"


def test_documents_survive_a_restart_of_all_nodes_on_their_volumes(world: World) -> None:
    books(world)
    for number in range(20):
        world.model.indices.put(world.master(), "books", "book", str(number), {"n": number})
    for node in world.model.live():
        world.model.stop(node.key)
    world.three(version="1.7.1")
    assert world.model.indices.count(world.master().state, "books") == 20


def test_documents_without_a_volume_die_with_the_process() -> None:
    world = World()
    key = world.start(1)
    world.after()
    books(world, replicas=0)
    world.model.indices.put(world.master(), "books", "book", "1", {})
    world.model.stop(key)
    world.start(1)
    world.after()
    assert world.master().state.indices == ()


def test_a_loaded_model_has_its_shards_and_documents(world: World) -> None:
    books(world)
    world.model.indices.put(world.master(), "books", "book", "1", {"a": [1, None]})
    loaded = World()
    loaded.clock = world.clock
    loaded.model = Elasticsearch(world.clock, Random(6))
    loaded.model.load(world.model.dump())
    loaded.after()
    assert seen(loaded) == seen(world)
    document = loaded.model.indices.get(loaded.master(), "books", "1")
    assert document is not None
    assert document.source == {"a": [1, None]}
