"""Nodes that cannot hear one another, stand still, or lose their data; in the model and on the
wire."""

from random import Random
from typing import Any

import aiohttp
import pytest

from localcloud.elasticsearch.faults import FAULTS
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.timings import Timings
from localcloud.fault import Arguments
from tests.localcloud.elasticsearch.nodes import FIRST, SECOND, Nodes
from tests.localcloud.elasticsearch.world import World, cluster

SHORT = aiohttp.ClientTimeout(total=0.5)
BY_WORD = {one.word: one for one in FAULTS}


def inject(model: Elasticsearch, word: str, **arguments: Any) -> None:
    BY_WORD[word].inject(model, Arguments(**arguments))


@pytest.fixture
def world() -> World:
    return World()


def test_a_node_that_nobody_bears_the_name_of_is_refused(world: World) -> None:
    world.three()
    with pytest.raises(LookupError, match="node-1, node-2, node-3"):
        inject(world.model, "es-hang", name="node-9", seconds=5)


def test_without_a_quorum_setting_both_sides_have_a_master(world: World) -> None:
    world.three()
    inject(world.model, "es-isolate", name=world.master().spec.name)
    world.after(60)
    assert sum(one.is_master for one in world.model.live()) == 2
    assert len(world.clusters()) == 2


def test_the_sides_stay_apart_when_they_hear_each_other_again(world: World) -> None:
    world.three()
    inject(world.model, "es-isolate", name=world.master().spec.name)
    world.after(60)
    world.model.mishaps.clear()
    world.after(3600)
    assert len(world.clusters()) == 2


def test_with_a_quorum_the_lonely_side_has_none_and_comes_back(world: World) -> None:
    world.three(minimum_master_nodes=2)
    lonely = world.master()
    inject(world.model, "es-isolate", name=lonely.spec.name)
    world.after(60)
    assert lonely.master is None
    assert len(world.clusters()) == 1
    world.model.mishaps.clear()
    world.after(60)
    assert world.clusters() == {cluster(1, 2, 3)}


def test_a_modern_cluster_never_has_two_masters(world: World) -> None:
    world.three_modern()
    lonely = world.master()
    inject(world.model, "es-isolate", name=lonely.spec.name)
    world.after(60)
    assert lonely.master is None
    assert sum(one.is_master for one in world.model.live()) == 1
    world.model.mishaps.clear()
    world.after(60)
    assert world.clusters() == {cluster(1, 2, 3)}


def test_two_that_are_cut_apart_leave_the_third_with_the_master(world: World) -> None:
    world.three(minimum_master_nodes=2)
    master, follower = world.master(), world.follower()
    inject(world.model, "es-split", name=master.spec.name, other=follower.spec.ip)
    world.after(60)
    assert follower.master is None
    assert {one.spec.name for one in world.model.members(master)} == {
        one.spec.name for one in world.model.live() if one is not follower
    }


def test_a_split_is_not_noticed_before_the_fault_detection(world: World) -> None:
    world.three()
    master = world.master()
    inject(world.model, "es-isolate", name=master.spec.name)
    world.after(Timings().fault_detection_seconds - 1)
    assert world.clusters() == {cluster(1, 2, 3)}


def test_a_node_that_stood_still_is_given_up_and_joins_again(world: World) -> None:
    world.three()
    still = world.follower()
    inject(world.model, "es-pause", name=still.spec.name, seconds=30)
    world.after(20)
    assert len(world.model.members(world.master())) == 2
    assert len(world.model.members(still)) == 3  # it has not noticed
    world.after(30)
    assert world.clusters() == {cluster(1, 2, 3)}


def test_a_short_pause_is_not_noticed(world: World) -> None:
    world.three()
    inject(world.model, "es-pause", name=world.follower().spec.name, seconds=5)
    world.after(60)
    assert world.clusters() == {cluster(1, 2, 3)}


def test_a_stale_node_believes_what_was(world: World) -> None:
    world.three()
    stale, master = world.follower(), world.master()
    inject(world.model, "es-stale", name=stale.spec.name, seconds=60)
    gone = next(one for one in world.model.live() if one not in (stale, master))
    world.model.stop(gone.key)
    world.after(10)
    assert len(world.model.members(master)) == 2
    assert len(world.model.members(stale)) == 3
    world.after(60)
    assert len(world.model.members(stale)) == 2


def test_a_wiped_node_starts_without_the_copies_that_it_had(world: World) -> None:
    keys = world.three()
    world.model.indices.create(world.master(), "books", {"number_of_replicas": "0"})
    world.after()
    for number in (1, 2, 3):
        inject(world.model, "es-wipe", name=f"node-{number}")
    for key in keys:
        world.model.stop(key)
    world.three()
    assert world.master().state.indices == ()


def test_faults_outlive_the_process_of_the_cloud(world: World) -> None:
    world.three(minimum_master_nodes=2)
    lonely = world.master()
    inject(world.model, "es-isolate", name=lonely.spec.name)
    other = World()
    other.clock = world.clock
    other.model = Elasticsearch(world.clock, Random(6))
    other.model.load(world.model.dump())
    other.after(60)
    assert other.node(lonely.key).master is None


async def silent(ip: str, nodes: Nodes) -> bool:
    """Whether there is no answer in half a second, or only half of one."""
    try:
        await nodes.ask("/", ip=ip, timeout=SHORT)
    except (TimeoutError, aiohttp.ClientError):
        return True
    return False


async def status(ip: str, nodes: Nodes) -> int:
    return (await nodes.ask("/", ip=ip))[0]


@pytest.mark.parametrize("word", ["es-hang", "es-pause", "es-reset"])
async def test_a_node_does_not_answer_until_it_is_cleared(pair: Nodes, word: str) -> None:
    inject(pair.model, word, name="elasticsearch-1", seconds=3600)
    assert await silent(FIRST, pair)
    assert await status(SECOND, pair) == 200
    pair.model.mishaps.clear()
    assert await status(FIRST, pair) == 200


@pytest.mark.parametrize("word", ["es-hang", "es-reset"])
async def test_it_ends_by_itself(pair: Nodes, word: str) -> None:
    inject(pair.model, word, name="elasticsearch-1", seconds=5)
    await pair.after(6)
    assert await status(FIRST, pair) == 200


async def test_a_slow_node_answers_late(pair: Nodes) -> None:
    inject(pair.model, "es-slow", name="elasticsearch-1", delay=60, seconds=3600)
    assert await silent(FIRST, pair)
    assert await status(SECOND, pair) == 200


async def test_a_broken_answer_ends_in_the_middle(pair: Nodes) -> None:
    inject(pair.model, "es-reset", name="elasticsearch-1", seconds=5)
    with pytest.raises(aiohttp.ClientPayloadError):
        await pair.ask("/_cluster/health")


async def test_a_node_that_hangs_is_still_a_member(pair: Nodes) -> None:
    inject(pair.model, "es-hang", name="elasticsearch-2", seconds=3600)
    await pair.after(60)
    _, body = await pair.ask("/_cluster/state/nodes")
    assert len(body["nodes"]) == 2


@pytest.mark.parametrize(
    ("word", "arguments"), [("es-split", {"other": "elasticsearch-2"}), ("es-isolate", {})]
)
async def test_two_nodes_that_are_split_tell_two_masters(
    pair: Nodes, word: str, arguments: dict[str, str]
) -> None:
    inject(pair.model, word, name="elasticsearch-1", **arguments)
    await pair.after(60)
    states = [(await pair.ask("/_cluster/state", ip=ip))[1] for ip in (FIRST, SECOND)]
    masters = {state["nodes"][state["master_node"]]["name"] for state in states}
    assert masters == {"elasticsearch-1", "elasticsearch-2"}


async def test_a_stale_node_tells_the_past(pair: Nodes) -> None:
    inject(pair.model, "es-stale", name="elasticsearch-2", seconds=3600)
    await pair.ask("/_cluster/settings", method="PUT", body={"transient": {"indices.a": "b"}})
    _, body = await pair.ask("/_cluster/settings?local=true", ip=SECOND)
    assert body["transient"] == {}


async def test_an_index_that_only_a_stale_node_still_knows_is_missing(pair: Nodes) -> None:
    await pair.ask("/books", method="PUT")
    inject(pair.model, "es-stale", name="elasticsearch-2", seconds=3600)
    await pair.ask("/books", method="DELETE")
    status, body = await pair.ask("/books", ip=SECOND, method="DELETE")
    assert (status, body["error"]) == (404, "IndexMissingException[[books] missing]")


async def test_a_wiped_data_path_shows_after_the_next_start(nodes: Nodes) -> None:
    options = {"disk": "disk-1", "version": "7.10.2"}
    key = nodes.start(FIRST, "elasticsearch-1", **options)
    await nodes.after(10)
    before = set((await nodes.ask("/_nodes/_local"))[1]["nodes"])
    inject(nodes.model, "es-wipe", name="elasticsearch-1")
    nodes.model.stop(key)
    await nodes.after(1)
    nodes.start(FIRST, "elasticsearch-1", **options)
    await nodes.after(10)
    assert set((await nodes.ask("/_nodes/_local"))[1]["nodes"]) != before
