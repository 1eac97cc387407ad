"""The story's sidekick: a unit that registers its neighbour in etcd, and takes it out again."""

import pytest

from tests.localcloud.story import Story, elasticsearch_options
from tests.localcloud.support import unit_options

PARENT = "elasticsearch@1.service"
SIDEKICK = "elasticsearch-discovery@1.service"
REGISTRATION = '{"http_port": 9200, "transport_port": 9300}'
ROUND_SECONDS = 45
STARTS_SECONDS = 30


@pytest.fixture
def story() -> Story:
    story = Story()
    story.insert("core1")
    story.after(10)
    story.launch(PARENT, elasticsearch_options())
    story.after(STARTS_SECONDS)
    story.launch(SIDEKICK, unit_options("elasticsearch-discovery@.service"))
    story.after(10)
    return story


def key(story: Story) -> str:
    (ip,) = story.machines()
    return f"/services/elasticsearch/{ip}"


def registered(story: Story) -> dict[str, str]:
    return {k: v for k, v in story.keys.values.items() if k.startswith("/services/")}


def test_it_registers_a_node_that_answers_for_a_minute_at_a_time(story: Story) -> None:
    assert registered(story) == {key(story): REGISTRATION}
    assert story.keys.ttls[key(story)] == 60


def test_it_registers_again_in_every_round(story: Story) -> None:
    story.keys.remove(key(story))
    story.after(ROUND_SECONDS)
    assert registered(story) == {key(story): REGISTRATION}


def test_it_removes_a_node_that_does_not_answer(story: Story) -> None:
    for node in story.cloud.elasticsearch.live():
        story.cloud.elasticsearch.stop(node.id)
    story.after(ROUND_SECONDS)
    assert registered(story) == {}


def test_it_removes_the_registration_as_it_stops_with_its_parent(story: Story) -> None:
    story.cloud.fleet.mishaps.unit_crash(PARENT)
    story.after(2)
    assert story.states()[SIDEKICK] == "inactive"
    assert registered(story) == {}
    story.after(10 * ROUND_SECONDS)
    assert registered(story) == {}


def test_a_sidekick_that_is_killed_removes_nothing(story: Story) -> None:
    story.cloud.fleet.mishaps.unit_crash(SIDEKICK)
    story.after(2)
    assert story.states()[SIDEKICK] == "failed"
    assert registered(story) == {key(story): REGISTRATION}


def test_it_goes_on_after_a_restart_of_the_cloud(story: Story) -> None:
    story.restarted()
    story.after(1)
    story.keys.remove(key(story))
    story.after(ROUND_SECONDS)
    assert registered(story) == {key(story): REGISTRATION}
