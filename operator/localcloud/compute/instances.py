"""Instances as records: made, found, edited, deleted. Their power is in lifecycle.py."""

from collections.abc import Callable
from dataclasses import replace

from localcloud.compute import edits, quotas
from localcloud.compute.catalog import ZONES
from localcloud.compute.disks import Disks
from localcloud.compute.errors import (
    Failure,
    already_exists,
    invalid,
    not_found,
    not_ready,
    protected,
    stocked_out,
)
from localcloud.compute.kernel import Kernel
from localcloud.compute.links import zonal
from localcloud.compute.operations import CALLER, Operations
from localcloud.compute.requests import InstanceRequest, instance_request
from localcloud.compute.resources import Instance, Operation


class Instances:
    def __init__(self, kernel: Kernel, operations: Operations, disks: Disks) -> None:
        self._kernel = kernel
        self._operations = operations
        self._disks = disks

    def get(self, zone: str, reference: str) -> Instance:
        """By name or by numeric id."""
        check_zone(zone)
        instance = self._find(zone, reference)
        if instance is None:
            raise not_found(zonal(zone, "instances", reference))
        return instance

    def by_id(self, number: str) -> Instance | None:
        return self._kernel.state.instances.get(number)

    def by_name(self, name: str) -> Instance:
        """In whatever zone it is: faults name their victim so."""
        for instance in self._kernel.state.instances.values():
            if instance.name == name:
                return instance
        raise not_found(zonal("-", "instances", name))

    def editable(self, zone: str, reference: str) -> Instance:
        instance = self.get(zone, reference)
        if instance.deleting:
            raise not_ready(instance.path)
        return instance

    def listed(self) -> tuple[Instance, ...]:
        """What a list shows, which may lag behind what a get shows."""
        state = self._kernel.state
        if self._kernel.now() < state.faults.stale_until:
            return state.faults.stale_instances
        return tuple(state.instances.values())

    def put(self, instance: Instance) -> None:
        self._kernel.state.instances[instance.id] = instance

    def insert(self, zone: str, body: object, request_id: str = "") -> Operation:
        check_zone(zone)
        return self._operations.once(
            "insert", f"zones/{zone}/instances", request_id, body, lambda: self._insert(zone, body)
        )

    def delete(
        self, zone: str, reference: str, request_id: str = "", user: str = CALLER
    ) -> Operation:
        def effect() -> Operation:
            instance = self.editable(zone, reference)
            if instance.deletion_protection:
                raise protected()
            self.put(replace(instance, status="STOPPING", deleting=True))
            takes = self._kernel.timings.delete_seconds
            return self._operations.begin("delete", instance, takes, user=user)

        return self.once("delete", zone, reference, request_id, None, effect)

    def edit(
        self, verb: str, zone: str, reference: str, body: object, request_id: str = ""
    ) -> Operation:
        """One of the verbs of edits.py."""

        def effect() -> Operation:
            instance = self.editable(zone, reference)
            failure = edits.failure(verb, instance)
            if failure is None:
                self.put(edits.EDITS[verb](instance, body))
            takes = self._kernel.timings.edit_seconds
            return self._operations.begin(verb, instance, takes, failure=failure)

        return self.once(verb, zone, reference, request_id, body, effect)

    def once(
        self,
        verb: str,
        zone: str,
        reference: str,
        request_id: str,
        body: object,
        effect: Callable[[], Operation],
    ) -> Operation:
        path = zonal(zone, "instances", reference)
        return self._operations.once(verb, path, request_id, body, effect)

    def remove(self, instance: Instance) -> None:
        self._disks.release(instance)
        del self._kernel.state.instances[instance.id]

    def refusal(self, instance: Instance) -> Failure | None:
        """Why the zone will not run this instance, which counts as running already."""
        now = self._kernel.now()
        for stockout in self._kernel.state.faults.stockouts:
            wanted = stockout.machine_type in (None, instance.machine_type)
            if wanted and stockout.zone == instance.zone and now < stockout.until:
                return stocked_out(instance.zone)
        return quotas.breach(self._kernel.state, instance.zone)

    def _insert(self, zone: str, body: object) -> Operation:
        wanted = instance_request(body, zone)
        if self._find(zone, wanted.name):
            raise already_exists(zonal(zone, "instances", wanted.name))
        self._disks.check(zone, wanted.disks)
        instance = self._create(zone, wanted)
        failure = self.refusal(instance)
        timings = self._kernel.timings
        takes = timings.refuse_seconds if failure else timings.insert_seconds
        operation = self._operations.begin("insert", instance, takes, failure=failure)
        self._kernel.schedule(timings.provision_seconds, "stage", operation.name)
        return operation

    def _create(self, zone: str, wanted: InstanceRequest) -> Instance:
        address = self._kernel.internal_address(wanted.address)
        instance = Instance(
            id=self._kernel.new_id(),
            name=wanted.name,
            zone=zone,
            created=self._kernel.now(),
            machine_type=wanted.machine_type,
            ip=address,
            disks=self._disks.attach(zone, wanted.name, wanted.disks),
            metadata=wanted.metadata,
            labels=wanted.labels,
            tags=wanted.tags,
            network=wanted.network,
            external=wanted.external,
            deletion_protection=wanted.deletion_protection,
            echoed=wanted.echoed,
        )
        self.put(instance)
        return instance

    def _find(self, zone: str, reference: str) -> Instance | None:
        if reference.isdigit():
            instance = self.by_id(reference)
            return instance if instance and instance.zone == zone else None
        instances = self._kernel.state.instances.values()
        return next((one for one in instances if (one.zone, one.name) == (zone, reference)), None)


def check_zone(zone: str) -> None:
    if zone not in ZONES:
        raise invalid("zone", zone, "Unknown zone.")
