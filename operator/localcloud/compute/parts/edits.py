"""Edits of an instance in place: pure functions from what is there to what will be."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from localcloud.compute.bodies import labels
from localcloud.compute.bodies.fields import Fields
from localcloud.compute.bodies.instance import (
    ECHOED_FIELDS,
    machine_type,
    metadata_items,
    service_account,
    tag_items,
)
from localcloud.compute.bodies.scheduling import scheduling
from localcloud.compute.errors import Failure, must_be_stopped, not_ready, stale_fingerprint
from localcloud.compute.fingerprints import fingerprint
from localcloud.compute.resources import Attachment, Instance

_WHEN_STOPPED = ("setMachineType", "setMinCpuPlatform", "setServiceAccount")
_ECHOED_WHEN_STOPPED = (
    "advancedMachineFeatures",
    "confidentialInstanceConfig",
    "shieldedInstanceConfig",
)


def failure(verb: str, instance: Instance) -> Failure | None:
    """The edit is accepted and fails later, as that of a machine that is not stopped."""
    if verb in _WHEN_STOPPED and instance.status != "TERMINATED":
        return must_be_stopped(instance.path)
    return None


def _set_metadata(instance: Instance, body: object) -> Instance:
    """Replaces all items: what the caller leaves out is gone."""
    fields = Fields(body)
    _agree(fields.text("fingerprint"), instance.metadata, "metadata")
    return replace(instance, metadata=metadata_items(fields))


def _set_labels(instance: Instance, body: object) -> Instance:
    return replace(instance, labels=labels.changed(body, instance.labels))


def _set_tags(instance: Instance, body: object) -> Instance:
    fields = Fields(body)
    _agree(fields.text("fingerprint"), instance.tags, "tags")
    return replace(instance, tags=tag_items(fields))


def _set_machine_type(instance: Instance, body: object) -> Instance:
    return replace(instance, machine_type=machine_type(Fields(body), instance.zone))


def _set_deletion_protection(instance: Instance, body: object) -> Instance:
    return replace(
        instance, deletion_protection=Fields(body).flag("deletionProtection", default=True)
    )


def _set_scheduling(instance: Instance, body: object) -> Instance:
    return replace(instance, scheduling=scheduling(Fields(body)))


def _set_service_account(instance: Instance, body: object) -> Instance:
    """Without an address the instance has none any more."""
    fields = Fields(body)
    accounts = (service_account(fields),) if fields.text("email") else ()
    return replace(instance, service_accounts=accounts)


def _set_min_cpu_platform(instance: Instance, body: object) -> Instance:
    return replace(instance, min_cpu_platform=Fields(body).text("minCpuPlatform"))


def _set_disk_auto_delete(instance: Instance, body: object) -> Instance:
    fields = Fields(body)
    attached = attachment(instance, fields)
    changed = replace(attached, auto_delete=fields.flag("autoDelete"))
    disks = (changed if disk is attached else disk for disk in instance.disks)
    return replace(instance, disks=tuple(disks))


def _update(instance: Instance, body: object) -> Instance:
    """Replaces what can be changed in place. Of what was only ever echoed, and of what stands
    still while a machine runs, a body that does not name it changes nothing."""
    fields = Fields(body)
    if fields.text("fingerprint") != instance.fingerprint:
        raise stale_fingerprint("instance")
    if fields.name("name") != instance.name:
        raise fields.invalid("name", fields.text("name"), "The name of an instance cannot change.")
    wanted = replace(
        instance,
        machine_type=machine_type(fields, instance.zone),
        metadata=metadata_items(fields.child("metadata")),
        labels=fields.labels("labels"),
        tags=tag_items(fields.child("tags")),
        deletion_protection=fields.flag("deletionProtection"),
        scheduling=scheduling(fields.child("scheduling")),
        service_accounts=_accounts(fields, instance),
        min_cpu_platform=fields.text("minCpuPlatform", instance.min_cpu_platform),
        echoed={**instance.echoed, **fields.only(ECHOED_FIELDS)},
    )
    _check_in_place(instance, wanted, fields)
    return wanted


def _accounts(fields: Fields, instance: Instance) -> tuple[Mapping[str, Any], ...]:
    if "serviceAccounts" not in fields:
        return instance.service_accounts
    return tuple(map(service_account, fields.children("serviceAccounts")))


def _check_in_place(instance: Instance, wanted: Instance, fields: Fields) -> None:
    name = wanted.echoed.get("hostname")
    if name != instance.echoed.get("hostname"):
        raise fields.invalid("hostname", name, "The hostname of an instance cannot change.")
    if instance.status != "TERMINATED" and _of_the_machine(wanted) != _of_the_machine(instance):
        raise not_ready(instance.path)


def _of_the_machine(instance: Instance) -> list[Any]:
    """What it has from its start to its stop."""
    echoed = [instance.echoed.get(name) for name in _ECHOED_WHEN_STOPPED]
    return [instance.machine_type, instance.min_cpu_platform, instance.service_accounts, *echoed]


def attachment(instance: Instance, fields: Fields) -> Attachment:
    """The disk that a request means by its device name."""
    device = fields.required("deviceName")
    for disk in instance.disks:
        if disk.device == device:
            return disk
    raise fields.invalid("deviceName", device, f"No disk of '{instance.name}' has this name.")


def _agree(given: str, content: Mapping[str, str] | tuple[str, ...], what: str) -> None:
    if given != fingerprint(content):
        raise stale_fingerprint(what)


EDITS: Mapping[str, Callable[[Instance, object], Instance]] = {
    "setDeletionProtection": _set_deletion_protection,
    "setDiskAutoDelete": _set_disk_auto_delete,
    "setLabels": _set_labels,
    "setMachineType": _set_machine_type,
    "setMetadata": _set_metadata,
    "setMinCpuPlatform": _set_min_cpu_platform,
    "setScheduling": _set_scheduling,
    "setServiceAccount": _set_service_account,
    "setTags": _set_tags,
    "update": _update,
}
