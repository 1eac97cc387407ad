"""The systems together, on a virtual clock and without a socket."""

import pytest

from localcloud.seams import Option
from tests.localcloud.story import ZONE, Story, elasticsearch_options
from tests.localcloud.support import CORE_USER_DATA, DISCOVERY_USER_DATA, unit_options


@pytest.fixture
def story() -> Story:
    return Story()


def test_units_on_three_instances_become_three_nodes_of_one_cluster(story: Story) -> None:
    story.three_nodes()

    nodes = story.nodes()
    assert set(nodes) == {"elasticsearch-1", "elasticsearch-2", "elasticsearch-3"}
    assert {node.spec.cluster_name for node in nodes.values()} == {"es-prod"}
    assert {node.master for node in nodes.values()} == {nodes["elasticsearch-1"].id}
    assert {node.spec.ip for node in nodes.values()} == story.machines()


def test_a_machine_joins_the_fleet_three_seconds_after_its_instance_runs(story: Story) -> None:
    story.insert("core1")
    story.after(5.9)
    assert story.machines() == set()
    story.after(0.2)
    assert len(story.machines()) == 1


def test_a_machine_without_a_discovery_url_is_a_fleet_of_its_own(story: Story) -> None:
    story.insert("discovery", DISCOVERY_USER_DATA)
    story.after(10)
    story.cores()
    assert len(story.machines()) == 3
    assert sorted(len(fleet.machines()) for fleet in story.cloud.fleets) == [1, 3]


def test_an_instance_without_fleet_gives_no_machine(story: Story) -> None:
    story.insert("database", "#cloud-config\ncoreos: {units: [{name: etcd.service}]}\n")
    story.after(60)
    assert story.machines() == set()


def test_machines_with_a_new_url_form_a_new_and_empty_fleet_when_the_old_ones_are_gone(
    story: Story,
) -> None:
    story.cores()
    story.launch("jenkins.service", unit_options("jenkins.service"))
    for name in ("core1", "core2", "core3"):
        story.cloud.compute.mishaps.vanish(name)
    story.after(60)
    story.insert("core1", CORE_USER_DATA.replace("5f0f9a3e", "another"))
    story.after(60)
    assert len(story.machines()) == 1
    assert story.cloud.fleet.units() == []


def test_what_runs_on_an_instance_dies_with_it(story: Story) -> None:
    story.three_nodes()
    story.cloud.compute.mishaps.crash("core2")
    story.after(0)
    assert len(story.nodes()) == 2
    story.after(60)
    assert len(story.machines()) == 2
    survivors = story.nodes().values()
    assert {len(story.cloud.elasticsearch.members(node)) for node in survivors} == {2}


def test_an_instance_that_starts_again_keeps_its_machine_and_gets_its_unit_back(
    story: Story,
) -> None:
    story.three_nodes()
    before = story.machines()
    ids = {node.id for node in story.nodes().values()}
    story.cloud.compute.mishaps.crash("core2")
    story.after(60)
    story.cloud.compute.act("start", ZONE, "core2")
    story.after(60)
    assert story.machines() == before
    after = story.nodes().values()
    assert {len(story.cloud.elasticsearch.members(node)) for node in after} == {3}
    assert len(ids - {node.id for node in after}) == 1


def test_a_unit_whose_configuration_key_is_missing_fails(story: Story) -> None:
    del story.keys.values["/configs/elasticsearch"]
    story.cores()
    story.launch("elasticsearch@1.service", elasticsearch_options())
    story.after(20)
    assert story.states() == {"elasticsearch@1.service": "failed"}


def test_a_process_that_ends_cleanly_leaves_its_unit_inactive(story: Story) -> None:
    story.cores()
    story.launch("nap.service", (Option("Service", "ExecStart", "/bin/sleep 30"),))
    story.after(15)
    assert story.states() == {"nap.service": "active"}
    story.after(30)
    assert story.states() == {"nap.service": "inactive"}


def test_a_restart_of_the_cloud_is_seen_by_nobody(story: Story) -> None:
    story.three_nodes()
    before = (story.nodes(), story.machines(), story.states())
    story.restarted()
    story.after(5)
    assert (story.nodes(), story.machines(), story.states()) == before


def test_a_restarted_cloud_does_not_give_out_the_ids_of_its_past(story: Story) -> None:
    story.insert("core1")
    first = story.instance("core1")
    story.restarted()
    story.insert("core2")
    assert story.instance("core2") != first


def test_hours_in_one_step_are_lived_moment_by_moment() -> None:
    patient, hasty = Story(), Story()
    for one in (patient, hasty):
        one.insert("core1")
        one.launch("nap.service", (Option("Service", "ExecStart", "/bin/sleep 100"),))
    for _ in range(3600):
        patient.after(1)
    hasty.after(3600)
    assert hasty.states() == patient.states() == {"nap.service": "inactive"}
    assert hasty.machines() == patient.machines()


def test_the_same_seed_gives_the_same_cloud() -> None:
    first, second = Story(seed=3), Story(seed=3)
    for one in (first, second):
        one.three_nodes()
    assert first.cloud.dump() == second.cloud.dump()
