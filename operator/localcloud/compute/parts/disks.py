"""Disks: made alone or with their instance, and gone with it where autoDelete says so."""

from collections.abc import Callable
from dataclasses import replace

from localcloud.compute import quotas
from localcloud.compute.bodies import labels
from localcloud.compute.bodies.disk import DiskRequest, NewDisk, new_disk, size_of_resize
from localcloud.compute.catalog import check_zone
from localcloud.compute.errors import already_exists, in_use, invalid, not_found, not_ready
from localcloud.compute.links import zonal
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.operations import Operations, Write
from localcloud.compute.resources import Attachment, Disk, Instance, Operation


class Disks:
    def __init__(self, kernel: Kernel, operations: Operations) -> None:
        self._kernel = kernel
        self._operations = operations

    def get(self, zone: str, reference: str) -> Disk:
        check_zone(zone)
        disk = self._find(zone, reference)
        if disk is None:
            raise not_found(zonal(zone, "disks", reference))
        return disk

    def insert(
        self, zone: str, body: object, request_id: str = "", source_image: str = ""
    ) -> Operation:
        check_zone(zone)
        write = Write("insert", f"zones/{zone}/disks", body, request_id)
        return self._operations.once(
            write, lambda: self._insert(zone, new_disk(body, source_image, zone))
        )

    def delete(self, zone: str, reference: str, request_id: str = "") -> Operation:
        write = Write("delete", zonal(zone, "disks", reference), None, request_id)
        return self._operations.once(write, lambda: self._delete(self.get(zone, reference)))

    def resize(self, zone: str, reference: str, body: object, request_id: str = "") -> Operation:
        def grown(disk: Disk) -> Disk:
            return replace(disk, size_gb=size_of_resize(body, disk.size_gb))

        write = Write("resizeDisk", zonal(zone, "disks", reference), body, request_id)
        return self._edit(write, zone, reference, grown)

    def set_labels(
        self, zone: str, reference: str, body: object, request_id: str = ""
    ) -> Operation:
        def labelled(disk: Disk) -> Disk:
            return replace(disk, labels=labels.changed(body, disk.labels))

        write = Write("setLabels", zonal(zone, "disks", reference), body, request_id)
        return self._edit(write, zone, reference, labelled)

    def check(self, zone: str, wanted: tuple[DiskRequest, ...]) -> None:
        """Refuse what `attach` could not do, before anything is made."""
        for request in wanted:
            disk = self._find(zone, request.name)
            path = zonal(zone, "disks", request.name)
            if request.new is None:
                self._check_free(disk, path)
            elif disk is not None:
                raise already_exists(path)
        names = [request.name for request in wanted]
        if len(set(names)) < len(names):
            raise invalid("resource.disks", ", ".join(names), "A name is used twice.")

    def attach(
        self, zone: str, instance: str, wanted: tuple[DiskRequest, ...]
    ) -> tuple[Attachment, ...]:
        return tuple(self._attach(zone, instance, request) for request in wanted)

    def detach(self, instance: Instance, attachment: Attachment) -> None:
        disk = self.get(instance.zone, attachment.disk)
        self._put(replace(disk, user=None, detached=self._kernel.now()))

    def release(self, instance: Instance) -> None:
        """The instance is gone: its disks go with it, or are free again."""
        for attachment in instance.disks:
            if attachment.auto_delete:
                disk = self.get(instance.zone, attachment.disk)
                del self._kernel.state.disks[disk.id]
            else:
                self.detach(instance, attachment)

    def complete(self, operation: Operation) -> None:
        """A disk that was refused for a quota goes, as one that is deleted does."""
        if operation.type == ("insert" if operation.failure else "delete"):
            self._kernel.state.disks.pop(operation.target_id, None)

    def _insert(self, zone: str, wanted: NewDisk) -> Operation:
        if self._find(zone, wanted.name):
            raise already_exists(zonal(zone, "disks", wanted.name))
        disk = self._create(zone, wanted)
        failure = quotas.breach(self._kernel.state, zone, quotas.of_disk(disk))
        takes = self._kernel.timings.edit_seconds
        return self._operations.begin("insert", disk, takes, failure=failure)

    def _delete(self, disk: Disk) -> Operation:
        self._check_free(disk, disk.path)
        self._put(replace(disk, deleting=True))
        return self._operations.begin("delete", disk, self._kernel.timings.edit_seconds)

    def _edit(
        self, write: Write, zone: str, reference: str, change: Callable[[Disk], Disk]
    ) -> Operation:
        def effect() -> Operation:
            disk = self.get(zone, reference)
            if disk.deleting:
                raise not_ready(disk.path)
            self._put(change(disk))
            return self._operations.begin(write.verb, disk, self._kernel.timings.edit_seconds)

        return self._operations.once(write, effect)

    def _create(self, zone: str, wanted: NewDisk) -> Disk:
        disk = Disk(
            id=self._kernel.new_id(),
            name=wanted.name,
            zone=zone,
            created=self._kernel.now(),
            size_gb=wanted.size_gb,
            type=wanted.type,
            image=wanted.image.path if wanted.image else "",
            description=wanted.description,
            labels=wanted.labels,
        )
        self._put(disk)
        return disk

    def _attach(self, zone: str, instance: str, wanted: DiskRequest) -> Attachment:
        disk = self._create(zone, wanted.new) if wanted.new else self.get(zone, wanted.name)
        self._put(replace(disk, user=instance, attached=self._kernel.now()))
        return Attachment(
            disk=wanted.name,
            disk_id=disk.id,
            boot=wanted.boot,
            auto_delete=wanted.auto_delete,
            device=wanted.device,
            read_only=wanted.read_only,
        )

    def _check_free(self, disk: Disk | None, path: str) -> None:
        if disk is None:
            raise not_found(path)
        if disk.deleting:
            raise not_ready(path)
        if disk.user is not None:
            raise in_use(path, f"{disk.scope}/instances/{disk.user}")

    def _find(self, zone: str, reference: str) -> Disk | None:
        disks = self._kernel.state.disks.values()
        return next(
            (disk for disk in disks if disk.zone == zone and reference in (disk.name, disk.id)),
            None,
        )

    def _put(self, disk: Disk) -> None:
        self._kernel.state.disks[disk.id] = disk
