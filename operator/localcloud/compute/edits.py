"""Edits of an instance in place: pure functions from what is there to what will be."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from localcloud.compute import requests
from localcloud.compute.errors import Failure, must_be_stopped, stale_fingerprint
from localcloud.compute.fields import Fields
from localcloud.compute.fingerprints import fingerprint
from localcloud.compute.resources import Instance


def failure(verb: str, instance: Instance) -> Failure | None:
    """The edit is accepted and fails later: a machine that is not stopped cannot be resized."""
    if verb == "setMachineType" and instance.status != "TERMINATED":
        return must_be_stopped(instance.path)
    return None


def _set_metadata(instance: Instance, body: object) -> Instance:
    """Replaces all items: what the caller leaves out is gone."""
    fields = Fields(body)
    _agree(fields.text("fingerprint"), instance.metadata, "metadata")
    return replace(instance, metadata=requests.metadata_items(fields))


def _set_labels(instance: Instance, body: object) -> Instance:
    fields = Fields(body)
    _agree(fields.text("labelFingerprint"), instance.labels, "labels")
    return replace(instance, labels=fields.labels("labels"))


def _set_tags(instance: Instance, body: object) -> Instance:
    fields = Fields(body)
    _agree(fields.text("fingerprint"), instance.tags, "tags")
    return replace(instance, tags=requests.tag_items(fields))


def _set_machine_type(instance: Instance, body: object) -> Instance:
    return replace(instance, machine_type=requests.machine_type(Fields(body), instance.zone))


def _set_deletion_protection(instance: Instance, body: object) -> Instance:
    return replace(
        instance, deletion_protection=Fields(body).flag("deletionProtection", default=True)
    )


def _agree(given: str, content: Mapping[str, str] | tuple[str, ...], what: str) -> None:
    if given != fingerprint(content):
        raise stale_fingerprint(what)


EDITS: Mapping[str, Callable[[Instance, object], Instance]] = {
    "setDeletionProtection": _set_deletion_protection,
    "setLabels": _set_labels,
    "setMachineType": _set_machine_type,
    "setMetadata": _set_metadata,
    "setTags": _set_tags,
}
