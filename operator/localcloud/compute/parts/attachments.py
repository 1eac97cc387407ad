"""What an instance can get and lose while it exists: disks, and its way to the internet."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from localcloud.compute.bodies import network
from localcloud.compute.bodies.disk import attached_disk
from localcloud.compute.bodies.fields import Fields
from localcloud.compute.catalog import ZONES
from localcloud.compute.errors import invalid
from localcloud.compute.parts.addresses import Addresses
from localcloud.compute.parts.disks import Disks
from localcloud.compute.parts.edits import attachment
from localcloud.compute.parts.instances import Instances
from localcloud.compute.resources import Instance


class Attachments:
    """`verbs` change an instance and what it holds at the same time."""

    def __init__(self, instances: Instances, disks: Disks, addresses: Addresses) -> None:
        self._instances = instances
        self._disks = disks
        self._addresses = addresses
        self.verbs: Mapping[str, Callable[[Instance, object], Instance]] = {
            "addAccessConfig": self._add_access,
            "attachDisk": self._attach_disk,
            "deleteAccessConfig": self._delete_access,
            "detachDisk": self._detach_disk,
        }

    def _attach_disk(self, instance: Instance, body: object) -> Instance:
        wanted = attached_disk(body, instance.zone, instance.name, len(instance.disks))
        if wanted.device in {disk.device for disk in instance.disks}:
            raise invalid("resource.deviceName", wanted.device, "The name is in use.")
        self._disks.check(instance.zone, (wanted,))
        attached = self._disks.attach(instance.zone, instance.name, (wanted,))
        return replace(instance, disks=instance.disks + attached)

    def _detach_disk(self, instance: Instance, body: object) -> Instance:
        gone = attachment(instance, Fields(body))
        if gone.boot and instance.status != "TERMINATED":
            raise invalid("resource.deviceName", gone.device, "A boot disk is in use.")
        self._disks.detach(instance, gone)
        return replace(instance, disks=tuple(disk for disk in instance.disks if disk != gone))

    def _add_access(self, instance: Instance, body: object) -> Instance:
        """A running instance has its address at once."""
        if instance.access is not None:
            raise invalid("resource.accessConfigs", "2", "An instance has at most one.")
        access = network.access(Fields(body))
        if access.reserved:
            self._addresses.check_external(ZONES[instance.zone].region, access.reserved)
        changed = replace(instance, access=access)
        if changed.status != "RUNNING":
            return changed
        return replace(changed, nat_ip=self._instances.external_address(changed))

    def _delete_access(self, instance: Instance, body: object) -> Instance:
        fields = Fields(body)
        name = fields.required("accessConfig")
        if instance.access is None or instance.access.name != name:
            raise fields.invalid("accessConfig", name, f"'{instance.name}' has no such config.")
        return replace(instance, access=None, nat_ip=None)
