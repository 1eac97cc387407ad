"""Faults by the words that people type, on a cloud with three cores."""

from typing import Any

import pytest

from localcloud.faults import FAULTS, Arguments, BadFaultError, UnknownNameError, inject, parse
from tests.localcloud.story import ZONE, Story
from tests.localcloud.support import unit_options

JENKINS = "jenkins.service"


@pytest.fixture
def story() -> Story:
    story = Story()
    story.cores()
    story.launch(JENKINS, unit_options(JENKINS))
    story.after(15)
    return story


def status(story: Story, name: str) -> str:
    return story.cloud.compute.instances.by_name(name).status


@pytest.mark.parametrize("kind", ["node-crash", "preempt"])
def test_an_instance_is_terminated_by(story: Story, kind: str) -> None:
    inject(story.cloud, kind, Arguments(name="core2"))
    story.after(60)
    assert status(story, "core2") == "TERMINATED"
    assert len(story.machines()) == 2


def test_a_node_that_hangs_runs_on_but_leaves_the_fleet(story: Story) -> None:
    inject(story.cloud, "node-hang", Arguments(name="core2"))
    story.after(60)
    assert status(story, "core2") == "RUNNING"
    assert len(story.machines()) == 2


def test_a_deleted_instance_is_gone(story: Story) -> None:
    inject(story.cloud, "instance-delete", Arguments(name="core2"))
    story.after(60)
    assert "core2" not in {one.name for one in story.cloud.compute.instances.listed()}


@pytest.mark.parametrize(("kind", "state"), [("unit-crash", "failed"), ("unit-stop", "inactive")])
def test_a_unit_is_after(story: Story, kind: str, state: str) -> None:
    assert story.states() == {JENKINS: "active"}
    inject(story.cloud, kind, Arguments(name=JENKINS))
    story.after(5)
    assert story.states() == {JENKINS: state}


def test_a_unit_that_fleet_does_not_see_is_seen_again_in_time(story: Story) -> None:
    inject(story.cloud, "fleet-absent", Arguments(name=JENKINS, seconds=30))
    assert story.states() == {}
    story.after(31)
    assert story.states() == {JENKINS: "active"}


def test_clear_ends_what_lasts_everywhere(story: Story) -> None:
    inject(story.cloud, "fleet-absent", Arguments(name=JENKINS, seconds=30))
    inject(story.cloud, "stockout", Arguments(zone=ZONE, seconds=30))
    inject(story.cloud, "clear", Arguments())
    assert story.states() == {JENKINS: "active"}
    assert not story.cloud.compute.faults.stockouts


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        pytest.param("no-such-fault", Arguments(), id="a fault"),
        pytest.param("node-crash", Arguments(name="core9"), id="an instance"),
        pytest.param("unit-crash", Arguments(name="x.service"), id="a unit"),
        pytest.param("fleet-absent", Arguments(name="x.service", seconds=5), id="a unit of fleet"),
        pytest.param("stockout", Arguments(zone="mars-1", seconds=5), id="a zone"),
        pytest.param("quota", Arguments(metric="LUCK", limit=1), id="a quota"),
    ],
)
def test_an_unknown_name_is_refused_for(story: Story, kind: str, arguments: Arguments) -> None:
    with pytest.raises(UnknownNameError):
        inject(story.cloud, kind, arguments)


@pytest.mark.parametrize("kind", sorted(FAULTS.keys() - {"clear"}))
def test_a_fault_without_its_arguments_is_refused(story: Story, kind: str) -> None:
    with pytest.raises(BadFaultError, match="needs"):
        inject(story.cloud, kind, Arguments())


@pytest.mark.parametrize("body", [{"nmae": "core1"}, {"name": 3}, {"seconds": "5"}])
def test_arguments_that_are_none_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(BadFaultError):
        parse(body)
