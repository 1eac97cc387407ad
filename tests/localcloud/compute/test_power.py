"""Suspension, maintenance, and the edits that want an instance to be stopped."""

from typing import Any

import pytest

from localcloud.compute.errors import ApiError
from localcloud.compute.fingerprints import EMPTY
from localcloud.compute.resources import Instance
from tests.localcloud.compute.world import ZONE, World

EXTERNAL: list[dict[str, Any]] = [{"accessConfigs": [{}]}]


def act(world: World, verb: str, body: Any = None) -> None:
    world.compute.act(verb, ZONE, "core1", body)
    world.advance()


def events(world: World) -> list[str]:
    operations = world.compute.state.operations.values()
    return [one.type for one in operations if one.name.startswith("systemevent-")]


def test_a_suspended_instance_resumes_with_the_same_internal_address(world: World) -> None:
    before = world.insert(networkInterfaces=EXTERNAL)
    world.compute.act("suspend", ZONE, "core1")
    assert world.get().status == "SUSPENDING"
    world.advance()
    assert (world.get().status, world.get().nat_ip) == ("SUSPENDED", None)
    assert world.compute.booted() == ()
    act(world, "resume")
    assert (world.get().status, world.get().ip) == ("RUNNING", before.ip)


def test_a_suspended_instance_can_be_stopped(world: World) -> None:
    world.insert()
    act(world, "suspend")
    act(world, "stop")
    assert world.get().status == "TERMINATED"


def test_a_resume_that_finds_no_room_leaves_the_instance_suspended(world: World) -> None:
    world.insert()
    act(world, "suspend")
    world.compute.mishaps.stockout(ZONE, None, world.until(100))
    act(world, "resume")
    assert world.get().status == "SUSPENDED"


@pytest.mark.parametrize(
    ("before", "verb"),
    [
        ("stop", "suspend"),
        ("stop", "resume"),
        ("suspend", "start"),
        ("stop", "simulateMaintenanceEvent"),
    ],
)
def test_not_ready_after(before: str, verb: str, world: World) -> None:
    world.insert()
    act(world, before)
    with pytest.raises(ApiError) as refused:
        act(world, verb)
    assert refused.value.reason == "resourceNotReady"


@pytest.mark.parametrize(
    ("scheduling", "status", "event"),
    [
        ({}, "RUNNING", "compute.instances.migrateOnHostMaintenance"),
        (
            {"onHostMaintenance": "TERMINATE"},
            "TERMINATED",
            "compute.instances.terminateOnHostMaintenance",
        ),
        (
            {"provisioningModel": "SPOT"},
            "TERMINATED",
            "compute.instances.terminateOnHostMaintenance",
        ),
    ],
    ids=["moves", "stops where it asked for it", "stops where it is a spot instance"],
)
def test_for_maintenance_an_instance(
    scheduling: dict[str, str], status: str, event: str, world: World
) -> None:
    world.insert(scheduling=scheduling)
    act(world, "simulateMaintenanceEvent")
    assert (world.get().status, events(world)) == (status, [event])


@pytest.mark.parametrize(
    ("verb", "body", "field", "value"),
    [
        (
            "setMachineType",
            {"machineType": f"zones/{ZONE}/machineTypes/f1-micro"},
            "machine_type",
            "f1-micro",
        ),
        (
            "setServiceAccount",
            {"email": "me", "scopes": ["a"]},
            "service_accounts",
            ({"email": "me", "scopes": ["a"]},),
        ),
        (
            "setMinCpuPlatform",
            {"minCpuPlatform": "Intel Skylake"},
            "min_cpu_platform",
            "Intel Skylake",
        ),
    ],
)
def test_only_a_stopped_instance_takes(
    verb: str, body: dict[str, Any], field: str, value: Any, world: World
) -> None:
    world.insert()
    operation = world.compute.act(verb, ZONE, "core1", body)
    assert operation.failure is not None
    assert operation.failure.code == "RESOURCE_NOT_READY"
    assert getattr(world.get(), field) != value
    act(world, "stop")
    act(world, verb, body)
    assert getattr(world.get(), field) == value


@pytest.mark.parametrize("given", [{"provisioningModel": "SPOT"}, {"preemptible": True}])
def test_what_is_preemptible_ends_at_maintenance(given: dict[str, Any], world: World) -> None:
    assert world.insert(scheduling=given).scheduling["onHostMaintenance"] == "TERMINATE"


def test_a_spot_instance_is_not_restarted_by_itself(world: World) -> None:
    scheduling = world.insert(scheduling={"provisioningModel": "SPOT"}).scheduling
    assert scheduling == {
        "automaticRestart": False,
        "onHostMaintenance": "TERMINATE",
        "preemptible": True,
        "provisioningModel": "SPOT",
    }


def test_an_update_replaces_what_can_change_in_place(world: World) -> None:
    before = world.insert(labels={"a": "b"}, tags={"items": ["t"]})
    body = {
        "name": "core1",
        "fingerprint": before.fingerprint,
        "machineType": f"zones/{ZONE}/machineTypes/{before.machine_type}",
        "labels": {"c": "d"},
        "deletionProtection": True,
    }
    act(world, "update", body)
    after = world.get()
    assert (after.labels, after.tags, after.deletion_protection) == ({"c": "d"}, (), True)
    with pytest.raises(ApiError) as refused:
        act(world, "update", body)
    assert refused.value.status == 412


def as_it_is(instance: Instance) -> dict[str, Any]:
    """The body of an update that changes little: metadata, labels and tags are gone after it."""
    return {
        "name": instance.name,
        "fingerprint": instance.fingerprint,
        "machineType": f"zones/{ZONE}/machineTypes/{instance.machine_type}",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"name": "other"}, "cannot change", id="another name"),
        pytest.param({"hostname": "a.example"}, "hostname .*cannot change", id="another hostname"),
        pytest.param({"fingerprint": None}, "fingerprint", id="no fingerprint"),
        pytest.param(
            {"machineType": f"zones/{ZONE}/machineTypes/f1-micro"},
            "not ready",
            id="another machine type while it runs",
        ),
        pytest.param(
            {"minCpuPlatform": "Intel Skylake"}, "not ready", id="another CPU while it runs"
        ),
        pytest.param(
            {"shieldedInstanceConfig": {"enableVtpm": True}},
            "not ready",
            id="another kind of machine while it runs",
        ),
        pytest.param(
            {"serviceAccounts": [{"email": "x"}]}, "not ready", id="another account while it runs"
        ),
    ],
)
def test_an_update_is_refused_for(changes: dict[str, Any], message: str, world: World) -> None:
    before = world.insert()
    body = as_it_is(before)
    with pytest.raises(ApiError, match=message):
        act(world, "update", {**body, **changes})
    assert world.get() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "ours"),
        ("canIpForward", True),
        ("resourcePolicies", ["regions/europe-west1/resourcePolicies/p"]),
    ],
)
def test_an_update_changes_what_nothing_acts_upon(field: str, value: Any, world: World) -> None:
    act(world, "update", {**as_it_is(world.insert()), field: value})
    assert world.get().echoed == {field: value}
    act(world, "update", as_it_is(world.get()))  # a body that does not name it leaves it
    assert world.get().echoed == {field: value}


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("setMetadata", {"items": [{"key": "a", "value": "b"}], "fingerprint": EMPTY}),
        ("setTags", {"items": ["core"], "fingerprint": EMPTY}),
        ("setLabels", {"labels": {"a": "b"}, "labelFingerprint": EMPTY}),
        ("setDeletionProtection", {"deletionProtection": True}),
        ("setScheduling", {"automaticRestart": False}),
    ],
)
def test_an_update_does_not_undo(verb: str, body: dict[str, Any], world: World) -> None:
    stale = as_it_is(world.insert())
    act(world, verb, body)
    edited = world.get()
    with pytest.raises(ApiError, match="fingerprint") as refused:
        act(world, "update", stale)
    assert (refused.value.status, refused.value.reason) == (412, "conditionNotMet")
    assert world.get() == edited


def test_an_instance_lies_in_the_subnetwork_of_its_region(world: World) -> None:
    addresses = [
        world.insert("a", "europe-west1-b").ip,
        world.insert("b", "us-central1-a").ip,
        world.insert("c", "europe-west1-c").ip,
    ]
    assert addresses == ["127.20.0.2", "127.20.64.2", "127.20.0.3"]
