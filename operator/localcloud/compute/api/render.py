"""Resources as the API writes them, for the project that asked; empty lists are left out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from localcloud.compute.catalog import ZONES
from localcloud.compute.fingerprints import fingerprint
from localcloud.compute.links import BASE, in_project, link, plural, zonal
from localcloud.compute.resources import (
    Access,
    Address,
    Attachment,
    Disk,
    Firewall,
    Instance,
    Operation,
)

Body = dict[str, Any]

PACIFIC = ZoneInfo("America/Los_Angeles")  # the API tells the time of California, not UTC
ALWAYS_THERE = datetime(2014, 1, 1, tzinfo=UTC).timestamp()
CPU_PLATFORM = "Intel Haswell"
NO_CPU_PLATFORM = "Unknown CPU Platform"


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, PACIFIC).isoformat(timespec="milliseconds")


def instance(one: Instance, disks: Mapping[str, Disk], project: str) -> Body:
    """`disks` by their ids: those that it holds are among them."""
    tags: Body = {"fingerprint": fingerprint(one.tags)}
    running = one.status == "RUNNING"
    body = {
        **head("instance", one, project, one.created),
        **one.echoed,
        "zone": link(project, one.scope),
        "machineType": link(project, zonal(one.zone, "machineTypes", one.machine_type)),
        "status": one.status,
        "labels": dict(one.labels),
        "labelFingerprint": fingerprint(one.labels),
        "fingerprint": one.fingerprint,
        "metadata": _metadata(one),
        "tags": {**tags, "items": list(one.tags)} if one.tags else tags,
        "networkInterfaces": [_interface(one, project)],
        "disks": [
            _attached(index, attachment, disks.get(attachment.disk_id), one.zone, project)
            for index, attachment in enumerate(one.disks)
        ],
        "scheduling": dict(one.scheduling),
        "serviceAccounts": [dict(account) for account in one.service_accounts],
        "deletionProtection": one.deletion_protection,
        "startRestricted": False,
        "minCpuPlatform": one.min_cpu_platform,
        "cpuPlatform": (one.min_cpu_platform or CPU_PLATFORM) if running else NO_CPU_PLATFORM,
        "lastStartTimestamp": one.started and stamp(one.started),
        **_stopped(one),
    }
    return without_empty(body)


def _stopped(one: Instance) -> Body:
    what = "lastSuspendedTimestamp" if one.status == "SUSPENDED" else "lastStopTimestamp"
    return {what: stamp(one.stopped)} if one.stopped else {}


def disk(one: Disk, project: str) -> Body:
    body = {
        **head("disk", one, project, one.created),
        "zone": link(project, one.scope),
        "status": "DELETING" if one.deleting else "READY",
        "sizeGb": str(one.size_gb),
        "type": link(project, zonal(one.zone, "diskTypes", one.type)),
        "sourceImage": one.image and BASE + one.image,
        "description": one.description,
        "lastAttachTimestamp": one.attached and stamp(one.attached),
        "lastDetachTimestamp": one.detached and stamp(one.detached),
        "labels": dict(one.labels),
        "labelFingerprint": fingerprint(one.labels),
        "users": [link(project, zonal(one.zone, "instances", one.user))] if one.user else [],
        "physicalBlockSizeBytes": "4096",
    }
    return without_empty(body)


def firewall(one: Firewall, project: str) -> Body:
    return {
        **head("firewall", one, project, one.created),
        "network": link(project, f"global/networks/{one.network}"),
        **one.rule,
    }


def operation(one: Operation, project: str) -> Body:
    body = {
        **head("operation", one, project, None),
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
        **place(one.scope, project),
        **_failure(one, project),
    }
    return without_empty(body)


def address(one: Address, user: str | None, project: str) -> Body:
    """`user` is the path of the instance that has it."""
    body = {
        **head("address", one, project, one.created),
        "address": one.ip,
        "addressType": "INTERNAL" if one.internal else "EXTERNAL",
        "description": one.description,
        "labels": dict(one.labels),
        "labelFingerprint": fingerprint(one.labels),
        "networkTier": one.tier,
        "status": "IN_USE" if user else "RESERVED",
        "users": [link(project, user)] if user else [],
        **_internal_only(one, project),
        **place(one.scope, project),
    }
    return without_empty(body)


def serial_port(one: Instance, project: str, port: int, start: int) -> Body:
    """From `start` on, or, where it is negative, so much of the end; the reader comes back with
    what is said to be `next`. Everything is said on the first port."""
    output, dropped = (one.serial_output, one.serial_dropped) if port == 1 else ("", 0)
    end = dropped + len(output)
    begin = max(min(end + start if start < 0 else start, end), dropped)
    return {
        "kind": "compute#serialPortOutput",
        "selfLink": link(project, f"{one.path}/serialPort"),
        "contents": output[begin - dropped :],
        "start": str(begin),
        "next": str(end),
    }


def head(kind: str, one: Any, project: str, created: float | None = ALWAYS_THERE) -> Body:
    """What every resource begins with."""
    path = f"{one.scope}/{plural(kind)}/{one.name}".removeprefix("/")
    body = {
        "kind": f"compute#{kind}",
        "id": one.id,
        "name": one.name,
        "selfLink": link(project, path),
    }
    return body if created is None else {**body, "creationTimestamp": stamp(created)}


def place(scope: str, project: str) -> Body:
    """A resource says where it is, unless it is global."""
    kind = scope.split("/")[0]
    return {} if kind == "global" else {kind.removesuffix("s"): link(project, scope)}


def without_empty(body: Body) -> Body:
    """The API leaves out what is empty; zero and false are said."""
    return {key: value for key, value in body.items() if value not in (None, "", [], {})}


def _internal_only(one: Address, project: str) -> Body:
    if not one.internal:
        return {}
    return {
        "purpose": "GCE_ENDPOINT",
        "subnetwork": link(project, f"{one.scope}/subnetworks/default"),
    }


def _metadata(one: Instance) -> Body:
    items = [{"key": key, "value": value} for key, value in one.metadata.items()]
    body = {"kind": "compute#metadata", "fingerprint": fingerprint(one.metadata), "items": items}
    return without_empty(body)


def _interface(one: Instance, project: str) -> Body:
    region = ZONES[one.zone].region
    body = {
        "kind": "compute#networkInterface",
        "name": "nic0",
        "network": link(project, f"global/networks/{one.network}"),
        "subnetwork": link(project, f"regions/{region}/subnetworks/{one.network}"),
        "networkIP": one.ip,
        "fingerprint": fingerprint([one.ip, one.nat_ip]),
        "stackType": "IPV4_ONLY",
        "accessConfigs": [_access(one.access, one.nat_ip)] if one.access else [],
    }
    return without_empty(body)


def _access(access: Access, nat_ip: str | None) -> Body:
    body = {
        "kind": "compute#accessConfig",
        "type": "ONE_TO_ONE_NAT",
        "name": access.name,
        "networkTier": access.tier,
        "natIP": nat_ip,
    }
    return without_empty(body)


def _attached(
    index: int, attachment: Attachment, disk: Disk | None, zone: str, project: str
) -> Body:
    """A list of the past may show an instance whose disk is gone."""
    body = {
        "kind": "compute#attachedDisk",
        "index": index,
        "boot": attachment.boot,
        "autoDelete": attachment.auto_delete,
        "mode": "READ_ONLY" if attachment.read_only else "READ_WRITE",
        "type": "PERSISTENT",
        "interface": "SCSI",
        "deviceName": attachment.device,
        "source": link(project, zonal(zone, "disks", attachment.disk)),
        "diskSizeGb": disk and str(disk.size_gb),
        "architecture": "X86_64",
    }
    return without_empty(body)


def _failure(one: Operation, project: str) -> Body:
    if one.failure is None or not one.done:
        return {}
    error = {
        "code": one.failure.code,
        "message": in_project(one.failure.message, project),
        "errorDetails": list(one.failure.details),
    }
    return {
        "error": {"errors": [without_empty(error)]},
        "httpErrorStatusCode": one.failure.http_status,
        "httpErrorMessage": one.failure.http_message,
    }
