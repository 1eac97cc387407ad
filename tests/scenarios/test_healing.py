"""Something goes wrong outside: it heals, with the writes that this needs and no other."""

import pytest

from tests.scenarios.cloud import LocalCloud
from tests.scenarios.looking import until
from tests.scenarios.witness import HEAL_SECONDS, healing

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(1800)]

REGISTRATION = '{"http_port": 9200, "transport_port": 9300}'
CONFIGURATION = "/configs/elasticsearch"
SERVICES = "/services/elasticsearch"


def test_a_crashed_node_is_started_once(cloud: LocalCloud) -> None:
    with healing(cloud, "compute start core2"):
        cloud.fault("node-crash", "core2")


def test_a_crashed_and_a_stopped_unit_get_the_recipe_that_starts_them_again(
    cloud: LocalCloud,
) -> None:
    with healing(
        cloud,
        "fleet loaded elasticsearch@1.service",
        "fleet launched elasticsearch@1.service",
        "fleet loaded jenkins.service",
        "fleet launched jenkins.service",
    ):
        cloud.fault("unit-crash", "elasticsearch@1.service")
        cloud.fault("unit-stop", "jenkins.service")


def test_a_deleted_node_is_created_again_once(cloud: LocalCloud) -> None:
    before = _members(cloud)
    with healing(cloud, "compute insert core3"):
        cloud.fault("instance-delete", "core3")
    after = _members(cloud)
    assert after["core3"] != before["core3"], "another instance of the same name"
    assert {name: each for name, each in after.items() if name != "core3"} == {
        name: each for name, each in before.items() if name != "core3"
    }


def test_a_configuration_changed_behind_our_back_is_rewritten_and_nothing_else(
    cloud: LocalCloud,
) -> None:
    right = cloud.etcdctl2("get", CONFIGURATION)
    with healing(cloud) as witness:
        cloud.etcdctl2("set", CONFIGURATION, "junk")
        until(lambda: cloud.etcdctl2("get", CONFIGURATION) == right, HEAL_SECONDS, witness.steps)
        until(lambda: witness.steps() != [], HEAL_SECONDS, witness.steps)
    assert witness.steps() == [f"PutKey keys:{CONFIGURATION}"]


def test_a_removed_registration_is_registered_again(cloud: LocalCloud) -> None:
    key = sorted(cloud.keys(SERVICES))[0]
    with healing(cloud) as witness:
        cloud.etcdctl2("rm", key)
        until(lambda: key in cloud.keys(SERVICES), HEAL_SECONDS, witness.steps)
        until(lambda: witness.steps() != [], HEAL_SECONDS, witness.steps)
    assert witness.steps() == [f"Register keys:{key}"]
    assert cloud.keys(SERVICES)[key]["value"] == REGISTRATION


def _members(cloud: LocalCloud) -> dict[str, str]:
    """The instance id of each node of the cluster."""
    members = cloud.summary("nodepool/core")["members"]
    return {each["name"]: each["instanceId"] for each in members}
