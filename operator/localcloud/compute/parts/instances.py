"""Instances as records: made, found, edited, deleted. Their power is in lifecycle.py."""

from dataclasses import replace

from localcloud.compute import quotas
from localcloud.compute.bodies.instance import InstanceRequest, instance_request
from localcloud.compute.catalog import REGIONS, ZONES, check_zone
from localcloud.compute.errors import (
    Failure,
    already_exists,
    invalid,
    not_found,
    not_ready,
    protected,
    stocked_out,
)
from localcloud.compute.links import zonal
from localcloud.compute.parts.addresses import Addresses
from localcloud.compute.parts.disks import Disks
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.operations import CALLER, Operations, Write
from localcloud.compute.parts.pool import Pool
from localcloud.compute.resources import Instance, Operation


class Instances:
    def __init__(
        self,
        kernel: Kernel,
        operations: Operations,
        pool: Pool,
        disks: Disks,
        addresses: Addresses,
    ) -> None:
        self._kernel = kernel
        self._operations = operations
        self._pool = pool
        self._disks = disks
        self._addresses = addresses

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
        """In whatever zone it is, or by its id: faults name their victim so."""
        everywhere = self._kernel.state.instances.values()
        found = [instance for instance in everywhere if name in (instance.name, instance.id)]
        if not found:
            raise not_found(zonal("-", "instances", name))
        if len(found) > 1:
            ids = ", ".join(f"{one.id} in {one.zone}" for one in found)
            raise invalid("name", name, f"Several instances have it; give an id: {ids}.")
        return found[0]

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
        write = Write("insert", f"zones/{zone}/instances", body, request_id)
        return self._operations.once(write, lambda: self._insert(zone, body))

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

        write = Write("delete", zonal(zone, "instances", reference), None, request_id)
        return self._operations.once(write, effect)

    def remove(self, instance: Instance) -> None:
        self._disks.release(instance)
        del self._kernel.state.instances[instance.id]

    def refusal(self, instance: Instance) -> Failure | None:
        """Why the zone will not run this instance, which counts as running already."""
        if not self._has_room(instance.zone, instance.machine_type):
            zones = REGIONS[ZONES[instance.zone].region].zones
            others = [zone for zone in zones if self._has_room(zone, instance.machine_type)]
            return stocked_out(instance.zone, instance.machine_type, others)
        disks = [self._disks.get(instance.zone, one.disk) for one in instance.disks]
        needs = quotas.of_instance(instance, disks)
        return quotas.breach(self._kernel.state, instance.zone, needs)

    def external_address(self, instance: Instance) -> str | None:
        """Of one that boots: its own or any, if it wants one at all."""
        if instance.access is None or instance.nat_ip:
            return instance.nat_ip
        return instance.access.reserved or self._pool.external()

    def _has_room(self, zone: str, machine_type: str) -> bool:
        now = self._kernel.now()
        return not any(
            stockout.zone == zone
            and stockout.machine_type in (None, machine_type)
            and now < stockout.until
            for stockout in self._kernel.state.faults.stockouts
        )

    def _insert(self, zone: str, body: object) -> Operation:
        wanted = instance_request(body, zone)
        if self._find(zone, wanted.name):
            raise already_exists(zonal(zone, "instances", wanted.name))
        self._disks.check(zone, wanted.disks)
        if wanted.access and wanted.access.reserved:
            self._addresses.check_external(ZONES[zone].region, wanted.access.reserved)
        instance = self._create(zone, wanted)
        failure = self.refusal(instance)
        timings = self._kernel.timings
        takes = timings.refuse_seconds if failure else timings.insert_seconds
        operation = self._operations.begin("insert", instance, takes, failure=failure)
        self._kernel.schedule(timings.provision_seconds, "stage", operation.name)
        return operation

    def _create(self, zone: str, wanted: InstanceRequest) -> Instance:
        address = self._pool.internal(ZONES[zone].region, wanted.address)
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
            access=wanted.access,
            deletion_protection=wanted.deletion_protection,
            scheduling=wanted.scheduling,
            service_accounts=wanted.service_accounts,
            min_cpu_platform=wanted.min_cpu_platform,
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
