"""Faults by the words that people type, on a cloud with three cores."""

import json
from typing import Any

import pytest

from localcloud.cloud import Cloud
from localcloud.fault import Arguments, BadFaultError, Fault, Standing
from localcloud.faults import FAULTS, UnknownNameError, inject, parse, standing
from tests.localcloud.story import ZONE, Story, instance_body
from tests.localcloud.support import unit_options

JENKINS = "jenkins.service"
ES_PAIR = "elasticsearch-1 elasticsearch-2"
SHAKEN = ("es-pause", "etcd-frozen", "machine-partition")  # others follow from these


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


def test_what_does_not_run_cannot_fail(story: Story) -> None:
    inject(story.cloud, "node-crash", Arguments(name="core2"))
    with pytest.raises(UnknownNameError, match="core2"):
        inject(story.cloud, "host-error", Arguments(name="core2"))


def test_clear_ends_what_lasts_everywhere(story: Story) -> None:
    inject(story.cloud, "fleet-absent", Arguments(name=JENKINS, seconds=30))
    inject(story.cloud, "stockout", Arguments(zone=ZONE, seconds=30))
    inject(story.cloud, "clear", Arguments())
    assert story.states() == {JENKINS: "active"}
    assert not story.cloud.compute.state.faults.stockouts


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        pytest.param("no-such-fault", Arguments(), id="a fault"),
        pytest.param("node-crash", Arguments(name="core9"), id="an instance"),
        pytest.param("unit-crash", Arguments(name="x.service"), id="a unit"),
        pytest.param("fleet-absent", Arguments(name="x.service", seconds=5), id="a unit of fleet"),
        pytest.param("stockout", Arguments(zone="mars-1", seconds=5), id="a zone"),
        pytest.param("zone-unreachable", Arguments(zone="mars-1", seconds=5), id="a silent zone"),
    ],
)
def test_an_unknown_name_is_refused_for(story: Story, kind: str, arguments: Arguments) -> None:
    with pytest.raises(UnknownNameError):
        inject(story.cloud, kind, arguments)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        pytest.param("quota", Arguments(metric="LUCK", limit=1), id="a quota that there is not"),
        pytest.param(
            "edit-labels", Arguments(name="core1", key="UPPER", value="b"), id="a key with capitals"
        ),
    ],
)
def test_a_wrong_value_is_no_unknown_name(story: Story, kind: str, arguments: Arguments) -> None:
    with pytest.raises(BadFaultError):
        inject(story.cloud, kind, arguments)


def test_of_two_instances_of_one_name_the_id_tells_which(story: Story) -> None:
    elsewhere = "us-central1-a"
    body = json.loads(json.dumps(instance_body("core2")).replace(ZONE, elsewhere))
    story.cloud.compute.instances.insert(elsewhere, body)
    story.after(10)
    second = story.cloud.compute.instances.get(elsewhere, "core2")
    with pytest.raises(BadFaultError, match=second.id):
        inject(story.cloud, "node-crash", Arguments(name="core2"))
    inject(story.cloud, "node-crash", Arguments(name=second.id))
    states = {zone: story.cloud.compute.instances.get(zone, "core2") for zone in (ZONE, elsewhere)}
    assert [one.status for one in states.values()] == ["RUNNING", "TERMINATED"]


LASTING: list[tuple[str, dict[str, Any], str]] = [
    ("stockout", {"zone": ZONE, "machine_type": "g1-small", "seconds": 9}, f"{ZONE} g1-small"),
    ("zone-unreachable", {"zone": ZONE, "seconds": 9}, ZONE),
    ("quota", {"metric": "CPUS", "limit": 5}, "CPUS 5"),
    ("rate-limit", {"seconds": 9}, ""),
    ("burst-503", {"seconds": 9}, ""),
    ("latency", {"delay": 0.5, "seconds": 9}, "0.5"),
    ("op-duration", {"delay": 2, "seconds": 9}, "2"),
    ("delete-hang", {"seconds": 9}, ""),
    ("stale-list", {"seconds": 9}, ""),
    ("lost-reply", {"count": 2}, ""),
    ("op-lost", {"count": 2}, ""),
    ("op-error", {"count": 2}, ""),
    ("boot-hang", {"count": 2}, ""),
    ("fleet-absent", {"name": JENKINS, "seconds": 9}, JENKINS),
    ("corrupt-unit", {"name": JENKINS}, JENKINS),
    ("machine-partition", {"name": "core2", "seconds": 9}, "core2"),
    ("etcd-frozen", {"seconds": 9}, ""),
    ("es-split", {"name": "elasticsearch-1", "other": "elasticsearch-2"}, ES_PAIR),
    ("es-isolate", {"name": "elasticsearch-1"}, "elasticsearch-1"),
    ("es-stale", {"name": "elasticsearch-1", "seconds": 9}, "elasticsearch-1"),
    ("es-pause", {"name": "elasticsearch-1", "seconds": 9}, "elasticsearch-1"),
    ("es-hang", {"name": "elasticsearch-1", "seconds": 9}, "elasticsearch-1"),
    ("es-slow", {"name": "elasticsearch-1", "delay": 2, "seconds": 9}, "elasticsearch-1 2"),
    ("es-reset", {"name": "elasticsearch-1", "seconds": 9}, "elasticsearch-1"),
]


@pytest.fixture(scope="module")
def busy() -> Story:
    story = Story()
    story.three_nodes()
    story.launch(JENKINS, unit_options(JENKINS))
    story.after(15)
    return story


@pytest.mark.parametrize(("kind", "body", "of"), LASTING, ids=[kind for kind, _, _ in LASTING])
def test_it_shows_while_it_is_on(busy: Story, kind: str, body: dict[str, Any], of: str) -> None:
    assert list(standing(busy.cloud)) == []
    inject(busy.cloud, kind, parse(kind, body))
    (on,) = standing(busy.cloud)
    ends = busy.clock.now() + 9 if "seconds" in body else None
    assert on == Standing(kind, of, until=ends, left=body.get("count"))
    inject(busy.cloud, "clear", Arguments())
    busy.after(1)
    assert list(standing(busy.cloud)) == []


def test_what_has_ended_by_itself_shows_no_more(busy: Story) -> None:
    for kind, body, _ in LASTING:
        if "seconds" in body and kind not in SHAKEN:
            inject(busy.cloud, kind, parse(kind, body))
    busy.after(10)
    assert list(standing(busy.cloud)) == []


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        pytest.param(fault.word, {}, f"needs {fault.parameters[0].field}", id=fault.word)
        for fault in FAULTS.values()
        if any(parameter.required for parameter in fault.parameters)
    ],
)
def test_a_fault_without_its_arguments_is_refused(
    kind: str, body: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadFaultError, match=why):
        parse(kind, body)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        pytest.param("preempt", {"name": "core1", "nmae": "core1"}, id="an unknown name"),
        pytest.param("preempt", {"name": 3}, id="a number for a name"),
        pytest.param("rate-limit", {"seconds": "5"}, id="a text for a number"),
        pytest.param("rate-limit", {"seconds": True}, id="a truth for a number"),
        pytest.param("rate-limit", {"seconds": 0}, id="no time at all"),
        pytest.param("rate-limit", {"seconds": float("inf")}, id="a time without end"),
        pytest.param("lost-reply", {"count": 1.5}, id="a part of a reply"),
    ],
)
def test_arguments_that_are_none_are_refused(kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(BadFaultError):
        parse(kind, body)


def test_what_is_left_out_has_its_default() -> None:
    assert parse("lost-reply", {}) == Arguments(count=1)
    stockout = parse("stockout", {"zone": ZONE, "seconds": 5})
    assert stockout == Arguments(zone=ZONE, seconds=5)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.word)
def test_a_fault_explains_itself_in_a_sentence(fault: Fault[Cloud]) -> None:
    assert fault.help.endswith(".")
    assert all(parameter.help.endswith(".") for parameter in fault.parameters)
