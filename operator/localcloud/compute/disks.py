"""Disks: made with their instance, and gone with it where autoDelete says so."""

from dataclasses import replace

from localcloud.compute.errors import already_exists, in_use, invalid, not_found, not_ready
from localcloud.compute.kernel import Kernel
from localcloud.compute.links import zonal
from localcloud.compute.operations import Operations
from localcloud.compute.requests import DiskRequest
from localcloud.compute.resources import Attachment, Disk, Instance, Operation


class Disks:
    def __init__(self, kernel: Kernel, operations: Operations) -> None:
        self._kernel = kernel
        self._operations = operations

    def get(self, zone: str, reference: str) -> Disk:
        disk = self._find(zone, reference)
        if disk is None:
            raise not_found(zonal(zone, "disks", reference))
        return disk

    def delete(self, zone: str, reference: str, request_id: str = "") -> Operation:
        path = zonal(zone, "disks", reference)
        return self._operations.once(
            "delete", path, request_id, None, lambda: self._delete(zone, reference)
        )

    def check(self, zone: str, wanted: tuple[DiskRequest, ...]) -> None:
        """Refuse what `attach` could not do, before anything is made."""
        for request in wanted:
            disk = self._find(zone, request.name)
            path = zonal(zone, "disks", request.name)
            if request.image is None:
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

    def release(self, instance: Instance) -> None:
        """The instance is gone: its disks go with it, or are free again."""
        for attachment in instance.disks:
            disk = self.get(instance.zone, attachment.disk)
            if attachment.auto_delete:
                del self._kernel.state.disks[disk.id]
            else:
                self._put(replace(disk, user=None))

    def complete(self, operation: Operation) -> None:
        if operation.type == "delete":
            del self._kernel.state.disks[operation.target_id]

    def _delete(self, zone: str, reference: str) -> Operation:
        disk = self.get(zone, reference)
        self._check_free(disk, disk.path)
        self._put(replace(disk, deleting=True))
        return self._operations.begin("delete", disk, self._kernel.timings.edit_seconds)

    def _attach(self, zone: str, instance: str, wanted: DiskRequest) -> Attachment:
        if wanted.image is None:
            disk = self.get(zone, wanted.name)
        else:
            disk = Disk(
                id=self._kernel.new_id(),
                name=wanted.name,
                zone=zone,
                created=self._kernel.now(),
                size_gb=wanted.size_gb,
                type=wanted.type,
                image=wanted.image.path,
                labels=wanted.labels,
            )
        self._put(replace(disk, user=instance))
        return Attachment(
            disk=wanted.name,
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
