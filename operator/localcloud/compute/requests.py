"""Bodies of inserts, read and checked: what somebody wants, before any of it exists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.compute import catalog
from localcloud.compute.catalog import Image
from localcloud.compute.errors import not_found
from localcloud.compute.fields import NAME, Fields
from localcloud.compute.links import leaf, parse

METADATA_VALUE_BYTES_MAX = 256 * 1024
METADATA_BYTES_MAX = 512 * 1024

# Returned as they were given; nothing in the local cloud acts upon them.
ECHOED_FIELDS: Mapping[str, type[Any]] = {
    "advancedMachineFeatures": dict,
    "canIpForward": bool,
    "confidentialInstanceConfig": dict,
    "description": str,
    "hostname": str,
    "minCpuPlatform": str,
    "resourcePolicies": list,
    "scheduling": dict,
    "serviceAccounts": list,
    "shieldedInstanceConfig": dict,
}
_METADATA_KEY = re.compile(r"[a-zA-Z0-9_-]{1,128}")


@dataclass(frozen=True, slots=True)
class DiskRequest:
    """A new disk made from `image`, or, without one, a disk that exists already."""

    name: str
    image: Image | None
    size_gb: int
    type: str
    labels: Mapping[str, str]
    boot: bool
    auto_delete: bool
    device: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class InstanceRequest:
    name: str
    machine_type: str
    disks: tuple[DiskRequest, ...]
    metadata: Mapping[str, str]
    labels: Mapping[str, str]
    tags: tuple[str, ...]
    network: str
    address: str  # empty: any
    external: bool
    deletion_protection: bool
    echoed: Mapping[str, Any]


def instance_request(body: object, zone: str) -> InstanceRequest:
    fields = Fields(body)
    name = fields.name("name")
    interface = _interface(fields)
    return InstanceRequest(
        name=name,
        machine_type=machine_type(fields, zone),
        disks=_disks(fields, zone, name),
        metadata=metadata_items(fields.child("metadata")),
        labels=fields.labels("labels"),
        tags=tag_items(fields.child("tags")),
        network=network(interface),
        address=interface.text("networkIP"),
        external=bool(interface.children("accessConfigs")),
        deletion_protection=fields.flag("deletionProtection"),
        echoed=fields.only(ECHOED_FIELDS),
    )


def machine_type(fields: Fields, zone: str) -> str:
    given = fields.required("machineType")
    reference = parse(given)
    prefix = f"zones/{zone}/machineTypes/"
    if reference is None or not reference.path.startswith(prefix):
        raise fields.invalid("machineType", given, "The URL is malformed or of another zone.")
    name = reference.path.removeprefix(prefix)
    if name not in catalog.SHAPES:
        raise fields.invalid(
            "machineType",
            given,
            f"Machine type with name '{name}' does not exist in zone '{zone}'.",
        )
    return name


def network(fields: Fields) -> str:
    given = fields.text("network", "global/networks/default")
    reference = parse(given)
    name = leaf(given)
    if reference is None or name not in catalog.NETWORKS:
        raise fields.invalid("network", given, "The referenced network resource cannot be found.")
    return name


def metadata_items(fields: Fields) -> dict[str, str]:
    items = {item.required("key"): item.text("value") for item in fields.children("items")}
    for key, value in items.items():
        if not _METADATA_KEY.fullmatch(key):
            raise fields.invalid(
                "items.key", key, "Must be a match of regex '[a-zA-Z0-9-_]{1,128}'"
            )
        if len(value.encode()) > METADATA_VALUE_BYTES_MAX:
            raise fields.invalid("items.value", key, "The value is too large.")
    if sum(len(key) + len(value.encode()) for key, value in items.items()) > METADATA_BYTES_MAX:
        raise fields.invalid("items", "...", "The metadata is too large.")
    return items


def tag_items(fields: Fields) -> tuple[str, ...]:
    tags = fields.texts("items")
    for tag in tags:
        if not re.fullmatch(NAME, tag):
            raise fields.invalid("items", tag, f"Must be a match of regex '{NAME}'")
    return tuple(sorted(set(tags)))


def _interface(fields: Fields) -> Fields:
    interfaces = fields.children("networkInterfaces")
    if len(interfaces) != 1:
        raise fields.invalid("networkInterfaces", len(interfaces), "One interface is expected.")
    return interfaces[0]


def _disks(fields: Fields, zone: str, instance: str) -> tuple[DiskRequest, ...]:
    bodies = fields.children("disks")
    if not bodies:
        raise fields.missing("disks")
    if not bodies[0].flag("boot"):
        raise fields.invalid("disks[0].boot", False, "The first disk is the boot disk.")
    return tuple(_disk(body, zone, instance, index) for index, body in enumerate(bodies))


def _disk(fields: Fields, zone: str, instance: str, index: int) -> DiskRequest:
    init = fields.child("initializeParams")
    default = instance if index == 0 else f"{instance}-{index}"
    image = None if "source" in fields else _image(init)
    return DiskRequest(
        name=_existing(fields, zone) if image is None else init.name("diskName", default),
        image=image,
        size_gb=_size(init, image),
        type=leaf(init.text("diskType", "pd-standard")),
        labels=init.labels("labels"),
        boot=fields.flag("boot"),
        auto_delete=fields.flag("autoDelete"),
        device=fields.text("deviceName", f"persistent-disk-{index}"),
        read_only=fields.text("mode", "READ_WRITE") == "READ_ONLY",
    )


def _existing(fields: Fields, zone: str) -> str:
    given = fields.text("source")
    reference = parse(given)
    if reference is None or not reference.path.startswith(f"zones/{zone}/disks/"):
        raise fields.invalid("source", given, "The URL is malformed or of another zone.")
    return leaf(reference.path)


def _image(init: Fields) -> Image:
    given = init.required("sourceImage")
    reference = parse(given)
    if reference is None or not reference.path.startswith("global/images/"):
        raise init.invalid("sourceImage", given, "The URL is malformed.")
    image = catalog.image(reference.project, reference.path)
    if image is None:
        raise not_found(reference.path, reference.project)
    return image


def _size(init: Fields, image: Image | None) -> int:
    smallest = image.size_gb if image else 1
    size = init.number("diskSizeGb", smallest)
    if size < smallest:
        raise init.invalid(
            "diskSizeGb",
            size,
            f"Requested disk size cannot be smaller than the image size ({smallest} GB)",
        )
    return size
