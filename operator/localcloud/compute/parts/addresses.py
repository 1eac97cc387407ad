"""Addresses that a project keeps: reserved in a region or globally, and used by one instance."""

from collections.abc import Callable
from dataclasses import replace

from localcloud.compute import quotas
from localcloud.compute.bodies import labels, network
from localcloud.compute.bodies.fields import Fields
from localcloud.compute.catalog import check_region
from localcloud.compute.errors import already_exists, in_use, invalid, not_found
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.operations import Operations, Write
from localcloud.compute.parts.pool import Pool
from localcloud.compute.resources import Address, Operation

_TYPES = ("EXTERNAL", "INTERNAL")
_NAT_IP = "resource.networkInterfaces[0].accessConfigs[0].natIP"


class Addresses:
    """`region` is empty for what is global."""

    def __init__(self, kernel: Kernel, operations: Operations, pool: Pool) -> None:
        self._kernel = kernel
        self._operations = operations
        self._pool = pool

    def get(self, region: str, reference: str) -> Address:
        address = self._find(region, reference)
        if address is None:
            raise not_found(_path(region, reference))
        return address

    def user(self, address: Address) -> str | None:
        """The path of the instance that has it at the moment."""
        for instance in self._kernel.state.instances.values():
            if address.ip == (instance.ip if address.internal else instance.nat_ip):
                return instance.path
        return None

    def insert(self, region: str, body: object, request_id: str = "") -> Operation:
        write = Write("insert", _path(region, ""), body, request_id)
        return self._operations.once(write, lambda: self._insert(region, Fields(body)))

    def delete(self, region: str, reference: str, request_id: str = "") -> Operation:
        def effect(address: Address) -> None:
            user = self.user(address)
            if user is not None:
                raise in_use(address.path, user)

        write = Write("delete", _path(region, reference), None, request_id)
        return self._change(write, region, reference, effect)

    def set_labels(
        self, region: str, reference: str, body: object, request_id: str = ""
    ) -> Operation:
        def effect(address: Address) -> None:
            self._put(replace(address, labels=labels.changed(body, address.labels)))

        write = Write("setLabels", _path(region, reference), body, request_id)
        return self._change(write, region, reference, effect)

    def complete(self, operation: Operation) -> None:
        if operation.type == "delete" and operation.failure is None:
            self._kernel.state.addresses.pop(operation.target_id, None)

    def check_external(self, region: str, wanted: str) -> None:
        """An instance may use this address of the project in its region."""
        found = self._with_ip(wanted)
        if found is None or found.internal or found.region != region:
            why = (
                f"The specified external IP address '{wanted}' was not found in region '{region}'."
            )
            raise invalid(_NAT_IP, wanted, why)
        user = self.user(found)
        if user is not None:
            raise in_use(found.path, user)

    def _insert(self, region: str, fields: Fields) -> Operation:
        name = fields.name("name")
        if self._find(region, name):
            raise already_exists(_path(region, name))
        quotas.check_one_more(self._kernel.state, "STATIC_ADDRESSES", region)
        address = Address(
            id=self._kernel.new_id(),
            name=name,
            region=region,
            created=self._kernel.now(),
            ip=self._ip(region, fields),
            internal=_internal(region, fields),
            description=fields.text("description"),
            tier=network.tier(fields),
            labels=fields.labels("labels"),
        )
        self._put(address)
        return self._operations.begin("insert", address, self._kernel.timings.edit_seconds)

    def _ip(self, region: str, fields: Fields) -> str:
        """An address in the internet may be named when an instance has it: then it stays."""
        wanted = fields.text("address")
        if wanted and self._with_ip(wanted):
            raise fields.invalid("address", wanted, "The project keeps this address already.")
        if _internal(region, fields):
            return self._pool.internal(region, wanted)
        if wanted and not self._is_used(wanted):
            raise fields.invalid("address", wanted, "No instance of the project has this address.")
        return wanted or self._pool.external()

    def _is_used(self, ip: str) -> bool:
        return any(one.nat_ip == ip for one in self._kernel.state.instances.values())

    def _change(
        self, write: Write, region: str, reference: str, effect: Callable[[Address], None]
    ) -> Operation:
        def change() -> Operation:
            address = self.get(region, reference)
            effect(address)
            return self._operations.begin(write.verb, address, self._kernel.timings.edit_seconds)

        return self._operations.once(write, change)

    def _find(self, region: str, reference: str) -> Address | None:
        if region:
            check_region(region)
        for address in self._kernel.state.addresses.values():
            if address.region == region and reference in (address.name, address.id):
                return address
        return None

    def _with_ip(self, ip: str) -> Address | None:
        addresses = self._kernel.state.addresses.values()
        return next((address for address in addresses if address.ip == ip), None)

    def _put(self, address: Address) -> None:
        self._kernel.state.addresses[address.id] = address


def _internal(region: str, fields: Fields) -> bool:
    kind = fields.text("addressType", "EXTERNAL")
    if kind not in _TYPES or (kind == "INTERNAL" and not region):
        raise fields.invalid("addressType", kind, "Must be EXTERNAL, or INTERNAL in a region.")
    return kind == "INTERNAL"


def _path(region: str, name: str) -> str:
    scope = f"regions/{region}" if region else "global"
    return f"{scope}/addresses/{name}".removesuffix("/")
