"""What the modern family does otherwise than 1.x: identity, votes, and what it remembers."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from localcloud.cli import app
from localcloud.elasticsearch.parts.voting import agreed, reconfigured
from localcloud.elasticsearch.version import UnspokenVersionError, parse
from tests.localcloud.elasticsearch.world import MODERN, World, cluster

USAGE_ERROR = 2
INITIAL = "cluster.initial_master_nodes"


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("text", "modern"),
    [("1.2.1", False), ("1.7", False), ("7.10.2", True), ("opensearch-2.19.1", True)],
)
def test_a_version_is_of_one_of_two_families(text: str, modern: bool) -> None:
    assert parse(text).modern == modern


@pytest.mark.parametrize("text", ["", "latest", "0.90.1", "5.6.0", "8.0.0", "opensearch-1.3.0"])
def test_a_version_that_is_not_modelled_is_refused(text: str) -> None:
    with pytest.raises(UnspokenVersionError):
        parse(text)


def test_a_cloud_is_not_started_with_a_version_that_is_not_modelled(tmp_path: Path) -> None:
    arguments = ["serve", "--state-dir", str(tmp_path), "--es-version", "5.6.0"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == USAGE_ERROR
    assert "5.6.0 is not one of 1.x, 7.x or opensearch-2.x" in result.output


def test_a_modern_node_keeps_its_id_with_its_data_path(world: World) -> None:
    keys = world.three_modern()
    before = world.node(keys[0])
    world.model.stop(keys[0])
    again = world.node(world.start(1, disk="disk-1", version=MODERN))
    assert (again.id, again.key) == (before.id, again.key)
    assert again.key != before.key


def test_an_emptied_data_path_is_another_node(world: World) -> None:
    keys = world.three_modern()
    before = world.node(keys[0]).id
    world.model.mishaps.wipe("node-1")
    world.model.stop(keys[0])
    assert world.node(world.start(1, disk="disk-1", version=MODERN)).id != before


def test_modern_nodes_form_a_cluster_when_most_of_the_named_ones_are_there(world: World) -> None:
    named = {INITIAL: "node-1,node-2,node-3"}
    world.start(1, hosts=(1, 2, 3), version=MODERN, settings=named)
    world.after(3600)
    assert world.clusters() == set()
    world.start(2, hosts=(1, 2, 3), version=MODERN, settings=named)
    world.after()
    assert world.clusters() == {cluster(1, 2)}


def test_modern_nodes_that_nobody_named_wait(world: World) -> None:
    for number in (1, 2, 3):
        world.start(number, hosts=(1, 2, 3), version=MODERN, settings={"discovery.seed_hosts": "x"})
    world.after(3600)
    assert world.clusters() == set()


def test_a_modern_node_without_a_word_about_discovery_forms_a_cluster(world: World) -> None:
    world.start(1, version=MODERN)
    world.after()
    assert world.clusters() == {cluster(1)}


def test_two_that_were_formed_apart_never_become_one(world: World) -> None:
    for number in (1, 2):
        settings = {INITIAL: f"node-{number}"}
        world.start(number, disk=f"disk-{number}", version=MODERN, settings=settings)
    world.after()
    first, second = world.named(1), world.named(2)
    assert first.state.cluster_uuid != second.state.cluster_uuid
    world.model.stop(second.key)
    world.start(2, hosts=(1,), disk="disk-2", version=MODERN)
    world.after(3600)
    assert cluster(1, 2) not in world.clusters()


def test_one_of_three_modern_nodes_cannot_be_elected_and_two_can(world: World) -> None:
    keys = world.three_modern()
    world.model.stop(keys[0])
    world.after()
    assert world.clusters() == {cluster(2, 3)}
    world.model.stop(keys[1])
    world.after(3600)
    assert world.clusters() == set()


def test_all_three_come_back_with_the_term_and_the_uuid_that_they_had(world: World) -> None:
    keys = world.three_modern()
    before = world.master().state
    for key in keys:
        world.model.stop(key)
    world.three(version=MODERN)
    after = world.master().state
    assert after.cluster_uuid == before.cluster_uuid
    assert after.term > before.term
    assert set(after.voting) == set(before.voting)


@pytest.mark.parametrize(
    ("voting", "votes", "enough"),
    [
        ("abc", "ab", True),
        ("abc", "a", False),
        ("ab", "a", False),
        ("a", "ab", True),
        ("", "a", False),
    ],
)
def test_more_than_half_of_those_who_vote_agree(voting: str, votes: str, enough: bool) -> None:
    assert agreed(voting, votes) == enough


@pytest.mark.parametrize(
    ("voting", "live", "excluded", "after"),
    [
        pytest.param("a", "ab", "", "a", id="of two, one votes"),
        pytest.param("a", "abc", "", "abc", id="of three, all vote"),
        pytest.param("abc", "abcd", "", "abc", id="of four, three vote"),
        pytest.param("abc", "ab", "", "abc", id="of three voters none is dropped for being gone"),
        pytest.param("abcde", "abc", "", "abc", id="more than three become fewer"),
        pytest.param("abc", "abc", "c", "a", id="one that must not vote is dropped"),
        pytest.param("abc", "a", "", "abc", id="unchanged where the live ones could not decide"),
    ],
)
def test_voters_after_a_change(voting: str, live: str, excluded: str, after: str) -> None:
    assert set(reconfigured(tuple(voting), live, excluded, "a")) == set(after)


def test_an_excluded_master_hands_over(world: World) -> None:
    world.three_modern()
    old = world.master()
    world.model.voters.exclude(old, [old.spec.name], [])
    world.after()
    assert world.master() is not old
    assert world.clusters() == {cluster(1, 2, 3)}
