"""The body that inserts an instance, and its pieces that edits may replace."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.compute import catalog
from localcloud.compute.bodies import network
from localcloud.compute.bodies.disk import DiskRequest, instance_disks
from localcloud.compute.bodies.fields import NAME, Fields
from localcloud.compute.bodies.scheduling import scheduling
from localcloud.compute.links import parse
from localcloud.compute.resources import Access

METADATA_VALUE_BYTES_MAX = 256 * 1024
METADATA_BYTES_MAX = 512 * 1024

# Returned as they were given; nothing in the local cloud acts upon them.
ECHOED_FIELDS: Mapping[str, type[Any]] = {
    "advancedMachineFeatures": dict,
    "canIpForward": bool,
    "confidentialInstanceConfig": dict,
    "description": str,
    "hostname": str,
    "resourcePolicies": list,
    "shieldedInstanceConfig": dict,
}
_METADATA_KEY = re.compile(r"[a-zA-Z0-9_-]{1,128}")


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
    access: Access | None
    deletion_protection: bool
    scheduling: Mapping[str, Any]
    service_accounts: tuple[Mapping[str, Any], ...]
    min_cpu_platform: str
    echoed: Mapping[str, Any]


def instance_request(body: object, zone: str) -> InstanceRequest:
    fields = Fields(body)
    name = fields.name("name")
    interface = network.interface(fields)
    return InstanceRequest(
        name=name,
        machine_type=machine_type(fields, zone),
        disks=instance_disks(fields, zone, name),
        metadata=metadata_items(fields.child("metadata")),
        labels=fields.labels("labels"),
        tags=tag_items(fields.child("tags")),
        network=network.of_interface(interface, zone),
        address=interface.text("networkIP"),
        access=network.access_of(interface),
        deletion_protection=fields.flag("deletionProtection"),
        scheduling=scheduling(fields.child("scheduling")),
        service_accounts=tuple(map(service_account, fields.children("serviceAccounts"))),
        min_cpu_platform=fields.text("minCpuPlatform"),
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


def service_account(fields: Fields) -> Mapping[str, Any]:
    return {"email": fields.text("email", "default"), "scopes": list(fields.texts("scopes"))}


def metadata_items(fields: Fields) -> dict[str, str]:
    bodies = fields.children("items")
    items = {item.required("key"): item.text("value") for item in bodies}
    if len(items) < len(bodies):
        raise fields.invalid("items", ", ".join(items), "Metadata has duplicate keys.")
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
