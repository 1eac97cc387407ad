"""Requests that Compute Engine refuses before anything happens, with the reason it gives."""

from typing import Any

import pytest

from localcloud.compute.errors import ApiError
from localcloud.compute.fingerprints import EMPTY
from tests.localcloud.compute.world import IMAGE, ZONE, World, body


def disk(**params: Any) -> list[dict[str, Any]]:
    return [{"boot": True, "initializeParams": {"sourceImage": IMAGE, **params}}]


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        pytest.param({"name": "Core_1"}, 400, "regex", id="a name with capitals"),
        pytest.param({"name": None}, 400, "'resource.name' not specified", id="no name"),
        pytest.param({"machineType": None}, 400, "machineType", id="no machine type"),
        pytest.param({"machineType": "g1-small"}, 400, "malformed", id="a bare machine type"),
        pytest.param(
            {"machineType": "zones/us-central1-a/machineTypes/g1-small"},
            400,
            "another zone",
            id="a machine type of another zone",
        ),
        pytest.param(
            {"machineType": f"zones/{ZONE}/machineTypes/g9-huge"},
            400,
            "does not exist in zone",
            id="a machine type that nobody offers",
        ),
        pytest.param({"disks": []}, 400, "disks", id="no disk"),
        pytest.param({"disks": [{}]}, 400, "boot disk", id="a first disk that does not boot"),
        pytest.param(
            {"disks": disk() + disk(diskName="core1")}, 400, "twice", id="two disks of one name"
        ),
        pytest.param(
            {"disks": disk(sourceImage="projects/coreos-cloud/global/images/none")},
            404,
            "'projects/coreos-cloud/global/images/none' was not found",
            id="an image that its project does not have",
        ),
        pytest.param(
            {"disks": disk(sourceImage="global/images/none")},
            404,
            "'projects/-/global/images/none' was not found",
            id="an image that nobody has, of one's own project",
        ),
        pytest.param(
            {"disks": disk(sourceImage="projects/debian-cloud/zones/-/imageFamilyViews/none")},
            404,
            "imageFamilyViews/none' was not found",
            id="a family that its project does not have",
        ),
        pytest.param(
            {"disks": disk(diskSizeGb="5")}, 400, "image size", id="a disk smaller than its image"
        ),
        pytest.param(
            {"disks": disk(diskSizeGb="big")}, 400, "whole number", id="a size that is no number"
        ),
        pytest.param({"networkInterfaces": []}, 400, "interface", id="no network interface"),
        pytest.param(
            {"networkInterfaces": [{"network": "global/networks/none"}]},
            400,
            "cannot be found",
            id="an unknown network",
        ),
        pytest.param(
            {"networkInterfaces": [{"network": "global/firewalls/default"}]},
            400,
            "cannot be found",
            id="a firewall in the place of a network",
        ),
        pytest.param(
            {"networkInterfaces": [{"networkIP": "10.0.0.1"}]},
            400,
            "range",
            id="an address of another network",
        ),
        pytest.param({"labels": {"Role": "x"}}, 400, "label key", id="a label with capitals"),
        pytest.param({"labels": {"role": 1}}, 400, "label value", id="a label that is no text"),
        pytest.param({"labels": "role=core"}, 400, "dict", id="labels that are no object"),
        pytest.param({"scheduling": "SPOT"}, 400, "scheduling", id="scheduling that is no object"),
        pytest.param({"tags": {"items": ["A"]}}, 400, "regex", id="a tag with capitals"),
        pytest.param(
            {"metadata": {"items": [{"key": "user data"}]}}, 400, "regex", id="a metadata key"
        ),
        pytest.param(
            {"metadata": {"items": [{"key": "user-data", "value": "x" * (256 * 1024 + 1)}]}},
            400,
            "too large",
            id="user data over 256 KiB",
        ),
        pytest.param(
            {"metadata": {"items": [{"key": k, "value": "x" * 256 * 1024} for k in "abc"]}},
            400,
            "too large",
            id="metadata over 512 KiB",
        ),
        pytest.param(
            {"metadata": {"items": [{"key": "a", "value": k} for k in "ab"]}},
            400,
            "duplicate keys",
            id="a metadata key twice",
        ),
        pytest.param(
            {"disks": disk(diskSizeGb="70000")}, 400, "at most", id="a disk larger than there are"
        ),
        pytest.param({"disks": disk(diskType="pd-gold")}, 400, "type", id="an unknown disk type"),
        pytest.param(
            {"disks": disk(diskType="zones/us-central1-a/diskTypes/pd-ssd")},
            400,
            "type",
            id="a disk type of another zone",
        ),
        pytest.param(
            {"networkInterfaces": [{"subnetwork": "regions/us-central1/subnetworks/default"}]},
            400,
            "cannot be found in region",
            id="a subnetwork of another region",
        ),
        pytest.param(
            {"networkInterfaces": [{"accessConfigs": [{"type": "DIRECT_IPV6"}]}]},
            400,
            "ONE_TO_ONE_NAT",
            id="another way to the internet",
        ),
        pytest.param(
            {"scheduling": {"onHostMaintenance": "PRAY"}},
            400,
            "MIGRATE, TERMINATE",
            id="an unknown word for maintenance",
        ),
    ],
)
def test_an_insert_is_refused_for(
    changes: dict[str, Any], status: int, message: str, world: World
) -> None:
    with pytest.raises(ApiError, match=message) as refused:
        world.compute.instances.insert(ZONE, {**body(), **changes})
    assert refused.value.status == status
    assert (world.compute.state.instances, world.compute.state.disks) == ({}, {})


@pytest.mark.parametrize("wrong", [None, [], "core1"])
def test_a_body_that_is_no_object_is_refused(wrong: object, world: World) -> None:
    with pytest.raises(ApiError, match="object"):
        world.compute.instances.insert(ZONE, wrong)


def test_an_unknown_zone_is_an_invalid_value(world: World) -> None:
    with pytest.raises(ApiError, match="Unknown zone") as refused:
        world.compute.instances.insert("mars-north1-a", body())
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "image",
    [
        "projects/debian-cloud/global/images/debian-12-bookworm-v20240815",
        "projects/debian-cloud/global/images/family/debian-12",
        "projects/debian-cloud/zones/-/imageFamilyViews/debian-12",
        f"projects/debian-cloud/zones/{ZONE}/imageFamilyViews/debian-12",
    ],
)
def test_an_image_may_be_named_by_its_family(image: str, world: World) -> None:
    world.insert(disks=disk(sourceImage=image))
    (made,) = world.compute.state.disks.values()
    assert made.image == "projects/debian-cloud/global/images/debian-12-bookworm-v20240815"


@pytest.mark.parametrize(
    "machine_type",
    [
        f"zones/{ZONE}/machineTypes/g1-small",
        f"projects/p/zones/{ZONE}/machineTypes/g1-small",
        f"https://www.googleapis.com/compute/v1/projects/p/zones/{ZONE}/machineTypes/g1-small",
        f"https://compute.googleapis.com/compute/v1/projects/p/zones/{ZONE}/machineTypes/g1-small",
    ],
)
def test_a_resource_may_be_named_in_full_or_in_part(machine_type: str, world: World) -> None:
    assert world.insert(machineType=machine_type).machine_type == "g1-small"


@pytest.mark.parametrize(
    ("verb", "wanted", "fingerprint"),
    [
        pytest.param("setLabels", {"labels": {"role": "core"}}, "labelFingerprint", id="labels"),
        pytest.param("setTags", {"items": ["core"]}, "fingerprint", id="tags"),
        pytest.param(
            "setMetadata", {"items": [{"key": "a", "value": "b"}]}, "fingerprint", id="metadata"
        ),
    ],
)
def test_an_edit_needs_the_fingerprint_of_what_it_replaces(
    verb: str, wanted: dict[str, Any], fingerprint: str, world: World
) -> None:
    before = world.insert()
    for stale in ({}, {fingerprint: "AAAAAAAAAAA="}):
        with pytest.raises(ApiError) as refused:
            world.compute.act(verb, ZONE, "core1", wanted | stale)
        assert (refused.value.status, refused.value.reason) == (412, "conditionNotMet")
    assert world.get() == before
    world.compute.act(verb, ZONE, "core1", wanted | {fingerprint: EMPTY})
    assert world.get() != before
    with pytest.raises(ApiError):  # the fingerprint has moved on
        world.compute.act(verb, ZONE, "core1", wanted | {fingerprint: EMPTY})


def test_metadata_is_replaced_as_a_whole(world: World) -> None:
    world.insert()
    wanted = {"items": [{"key": "a", "value": "b"}], "fingerprint": EMPTY}
    world.compute.act("setMetadata", ZONE, "core1", wanted)
    assert world.get().metadata == {"a": "b"}


@pytest.mark.parametrize(
    ("stopped", "machine_type", "code"),
    [
        pytest.param(True, "n1-standard-2", None, id="a stopped instance is resized"),
        pytest.param(False, "g1-small", "RESOURCE_NOT_READY", id="a running one is not"),
    ],
)
def test_resizing(stopped: bool, machine_type: str, code: str | None, world: World) -> None:
    world.insert()
    if stopped:
        world.compute.act("stop", ZONE, "core1")
        world.advance()
    wanted = {"machineType": f"zones/{ZONE}/machineTypes/n1-standard-2"}
    operation = world.compute.act("setMachineType", ZONE, "core1", wanted)
    world.advance()
    assert world.get().machine_type == machine_type
    assert (operation.failure.code if operation.failure else None) == code
