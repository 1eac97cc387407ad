"""Resources as the API writes them, for the project that asked; empty lists are left out."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from localcloud.compute.catalog import (
    REGIONS,
    ZONES,
    Image,
    MachineType,
    Network,
    Region,
    Zone,
)
from localcloud.compute.fingerprints import fingerprint
from localcloud.compute.links import BASE, in_project, link, zonal
from localcloud.compute.quotas import Quota
from localcloud.compute.resources import Attachment, Disk, Firewall, Instance, Operation

Body = dict[str, Any]

PACIFIC = timezone(timedelta(hours=-7))  # the API tells the time of California, not UTC
ALWAYS_THERE = datetime(2014, 1, 1, tzinfo=UTC).timestamp()
SCHEDULING = {
    "automaticRestart": True,
    "onHostMaintenance": "MIGRATE",
    "preemptible": False,
    "provisioningModel": "STANDARD",
}


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, PACIFIC).isoformat(timespec="milliseconds")


def instance(one: Instance, project: str) -> Body:
    tags: Body = {"fingerprint": fingerprint(one.tags)}
    body = {
        **_head("instance", one, project, one.created),
        **one.echoed,
        "zone": link(project, one.scope),
        "machineType": link(project, zonal(one.zone, "machineTypes", one.machine_type)),
        "status": one.status,
        "labels": dict(one.labels),
        "labelFingerprint": fingerprint(one.labels),
        "fingerprint": fingerprint([one.id, one.status, one.machine_type, dict(one.labels)]),
        "metadata": _metadata(one),
        "tags": {**tags, "items": list(one.tags)} if one.tags else tags,
        "networkInterfaces": [_interface(one, project)],
        "disks": [_attached(index, disk, one, project) for index, disk in enumerate(one.disks)],
        "scheduling": {**SCHEDULING, **one.echoed.get("scheduling", {})},
        "deletionProtection": one.deletion_protection,
        "startRestricted": False,
        "cpuPlatform": "Intel Haswell" if one.status == "RUNNING" else "Unknown CPU Platform",
        "lastStartTimestamp": one.started and stamp(one.started),
        "lastStopTimestamp": one.stopped and stamp(one.stopped),
    }
    return _without_empty(body)


def disk(one: Disk, project: str) -> Body:
    body = {
        **_head("disk", one, project, one.created),
        "zone": link(project, one.scope),
        "status": "DELETING" if one.deleting else "READY",
        "sizeGb": str(one.size_gb),
        "type": link(project, zonal(one.zone, "diskTypes", one.type)),
        "sourceImage": BASE + one.image,
        "labels": dict(one.labels),
        "labelFingerprint": fingerprint(one.labels),
        "users": [link(project, zonal(one.zone, "instances", one.user))] if one.user else [],
        "physicalBlockSizeBytes": "4096",
    }
    return _without_empty(body)


def firewall(one: Firewall, project: str) -> Body:
    head = _head("firewall", one, project, one.created)
    return {**head, "network": link(project, f"global/networks/{one.network}"), **one.rule}


def operation(one: Operation, project: str) -> Body:
    body = {
        **_head("operation", one, project, None),
        "operationType": one.type,
        "status": one.status,
        "progress": 100 if one.done else 0,
        "insertTime": stamp(one.inserted),
        "startTime": one.started and stamp(one.started),
        "endTime": one.ended and stamp(one.ended),
        "user": one.user,
        "targetLink": link(project, one.target),
        "targetId": one.target_id,
        "clientOperationId": one.request_id,
        **_place(one.scope, project),
        **_failure(one, project),
    }
    return _without_empty(body)


def zone(one: Zone, project: str) -> Body:
    region = link(project, f"regions/{one.region}")
    return {**_head("zone", one, project), "status": "UP", "region": region}


def region(one: Region, project: str) -> Body:
    zones = [link(project, f"zones/{name}") for name in one.zones]
    return {**_head("region", one, project), "status": "UP", "zones": zones}


def machine_type(one: MachineType, project: str) -> Body:
    shape = one.shape
    return {
        **_head("machineType", one, project),
        "zone": one.zone,
        "guestCpus": shape.cpus,
        "memoryMb": shape.memory_mb,
        "isSharedCpu": shape.shared_cpu,
        "maximumPersistentDisks": 16 if shape.shared_cpu else 128,
        "maximumPersistentDisksSizeGb": "3072" if shape.shared_cpu else "263168",
        "description": f"{shape.cpus} vCPU, {shape.memory_mb / 1024:.4g} GB RAM",
    }


def image(one: Image, project: str) -> Body:
    """An image belongs to its own project, which is also the one that is asked for it."""
    return {
        **_head("image", one, project, one.created),
        "family": one.family,
        "status": "READY",
        "sourceType": "RAW",
        "diskSizeGb": str(one.size_gb),
        "architecture": "X86_64",
    }


def network(one: Network, project: str) -> Body:
    subnetworks = [link(project, f"regions/{name}/subnetworks/default") for name in REGIONS]
    return {
        **_head("network", one, project),
        "description": one.description,
        "autoCreateSubnetworks": True,
        "subnetworks": subnetworks,
        "routingConfig": {"routingMode": "REGIONAL"},
    }


def serial_port(one: Instance, project: str, start: int) -> Body:
    """From `start` on; the reader comes back with what is said to be `next`."""
    output = one.serial_output
    return {
        "kind": "compute#serialPortOutput",
        "selfLink": link(project, f"{one.path}/serialPort"),
        "contents": output[start:],
        "start": str(min(start, len(output))),
        "next": str(len(output)),
    }


def quotas(all_of_them: tuple[Quota, ...]) -> list[Body]:
    return [
        {"metric": quota.metric, "limit": quota.limit, "usage": float(quota.usage)}
        for quota in all_of_them
    ]


RENDER: Mapping[str, Callable[[Any, str], Body]] = {
    "disks": disk,
    "firewalls": firewall,
    "images": image,
    "instances": instance,
    "machineTypes": machine_type,
    "networks": network,
    "operations": operation,
    "regions": region,
    "zones": zone,
}


def _head(kind: str, one: Any, project: str, created: float | None = ALWAYS_THERE) -> Body:
    path = f"{one.scope}/{kind}s/{one.name}".removeprefix("/")
    head = {
        "kind": f"compute#{kind}",
        "id": one.id,
        "name": one.name,
        "selfLink": link(project, path),
    }
    return head if created is None else {**head, "creationTimestamp": stamp(created)}


def _metadata(one: Instance) -> Body:
    items = [{"key": key, "value": value} for key, value in one.metadata.items()]
    body = {"kind": "compute#metadata", "fingerprint": fingerprint(one.metadata), "items": items}
    return _without_empty(body)


def _interface(one: Instance, project: str) -> Body:
    region = ZONES[one.zone].region
    access = {
        "kind": "compute#accessConfig",
        "type": "ONE_TO_ONE_NAT",
        "name": "External NAT",
        "networkTier": "PREMIUM",
        "natIP": one.nat_ip,
    }
    body = {
        "kind": "compute#networkInterface",
        "name": "nic0",
        "network": link(project, f"global/networks/{one.network}"),
        "subnetwork": link(project, f"regions/{region}/subnetworks/{one.network}"),
        "networkIP": one.ip,
        "fingerprint": fingerprint([one.ip, one.nat_ip]),
        "stackType": "IPV4_ONLY",
        "accessConfigs": [_without_empty(access)] if one.external else [],
    }
    return _without_empty(body)


def _attached(index: int, disk: Attachment, one: Instance, project: str) -> Body:
    return {
        "kind": "compute#attachedDisk",
        "index": index,
        "boot": disk.boot,
        "autoDelete": disk.auto_delete,
        "mode": "READ_ONLY" if disk.read_only else "READ_WRITE",
        "type": "PERSISTENT",
        "interface": "SCSI",
        "deviceName": disk.device,
        "source": link(project, zonal(one.zone, "disks", disk.disk)),
    }


def _place(scope: str, project: str) -> Body:
    """An operation says where it is, unless it is global."""
    kind = scope.split("/")[0]
    return {} if kind == "global" else {kind.removesuffix("s"): link(project, scope)}


def _failure(one: Operation, project: str) -> Body:
    if one.failure is None or not one.done:
        return {}
    message = in_project(one.failure.message, project)
    return {
        "error": {"errors": [{"code": one.failure.code, "message": message}]},
        "httpErrorStatusCode": one.failure.http_status,
        "httpErrorMessage": one.failure.http_message,
    }


def _without_empty(body: Body) -> Body:
    """The API leaves out what is empty; zero and false are said."""
    return {key: value for key, value in body.items() if value not in (None, "", [], {})}
