"""Firewalls: the four that a new project has, and what is made of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from localcloud.compute import quotas
from localcloud.compute.bodies import network
from localcloud.compute.bodies.fields import Fields
from localcloud.compute.bodies.firewall import ANYWHERE, Rule, check_unchanged, rule
from localcloud.compute.errors import already_exists, not_found
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.operations import CALLER, Operations, Write
from localcloud.compute.resources import Firewall, Operation

_DEFAULT_PRIORITY = 65_534
_ICMP = {"IPProtocol": "icmp"}
_DEFAULTS = (
    ("default-allow-icmp", "Allow ICMP from anywhere", ANYWHERE, [_ICMP]),
    (
        "default-allow-internal",
        "Allow internal traffic on the default network",
        ["10.128.0.0/9"],
        [
            {"IPProtocol": "tcp", "ports": ["0-65535"]},
            {"IPProtocol": "udp", "ports": ["0-65535"]},
            _ICMP,
        ],
    ),
    (
        "default-allow-rdp",
        "Allow RDP from anywhere",
        ANYWHERE,
        [{"IPProtocol": "tcp", "ports": ["3389"]}],
    ),
    (
        "default-allow-ssh",
        "Allow SSH from anywhere",
        ANYWHERE,
        [{"IPProtocol": "tcp", "ports": ["22"]}],
    ),
)


class Firewalls:
    def __init__(self, kernel: Kernel, operations: Operations) -> None:
        self._kernel = kernel
        self._operations = operations

    def create_defaults(self) -> None:
        for name, description, sources, allowed in _DEFAULTS:
            body: dict[str, Any] = {
                "allowed": allowed,
                "description": description,
                "priority": _DEFAULT_PRIORITY,
                "sourceRanges": sources,
            }
            self._create(name, "default", rule(Fields(body), {}))

    def get(self, reference: str) -> Firewall:
        firewall = self._find(reference)
        if firewall is None:
            raise not_found(_path(reference))
        return firewall

    def newest(self) -> Firewall:
        if not self._kernel.state.firewalls:
            raise not_found(_path("-"))
        return list(self._kernel.state.firewalls.values())[-1]

    def insert(self, body: object, request_id: str = "") -> Operation:
        write = Write("insert", "global/firewalls", body, request_id)
        return self._operations.once(write, lambda: self._insert(body))

    def patch(
        self, reference: str, body: object, request_id: str = "", user: str = CALLER
    ) -> Operation:
        """Merges: a field that is not given stays."""
        write = Write("patch", _path(reference), body, request_id)
        return self._once(
            write, reference, lambda firewall: self._change(firewall, body, firewall.rule), user
        )

    def update(self, reference: str, body: object, request_id: str = "") -> Operation:
        """Replaces: a field that is not given has its default again."""
        write = Write("update", _path(reference), body, request_id)
        return self._once(write, reference, lambda firewall: self._change(firewall, body, {}))

    def delete(self, reference: str, request_id: str = "") -> Operation:
        """Listed until the operation is done."""
        write = Write("delete", _path(reference), None, request_id)
        return self._once(write, reference, lambda _: None)

    def complete(self, operation: Operation) -> None:
        if operation.type == "delete" and operation.failure is None:
            self._kernel.state.firewalls.pop(operation.target_id, None)

    def _once(
        self,
        write: Write,
        reference: str,
        change: Callable[[Firewall], None],
        user: str = CALLER,
    ) -> Operation:
        def effect() -> Operation:
            firewall = self.get(reference)
            change(firewall)
            return self._begin(write.verb, firewall, user)

        return self._operations.once(write, effect)

    def _insert(self, body: object) -> Operation:
        fields = Fields(body)
        name = fields.name("name")
        if self._find(name):
            raise already_exists(_path(name))
        made, within = rule(fields, {}), network.name(fields)
        quotas.check_one_more(self._kernel.state, "FIREWALLS")
        return self._begin("insert", self._create(name, within, made))

    def _create(self, name: str, within: str, made: Rule) -> Firewall:
        """`within` is its network."""
        firewall = Firewall(self._kernel.new_id(), name, self._kernel.now(), made, within)
        self._kernel.state.firewalls[firewall.id] = firewall
        return firewall

    def _change(self, firewall: Firewall, body: object, base: Rule) -> None:
        fields = Fields(body)
        current = firewall.rule["direction"]
        check_unchanged(fields, "direction", fields.text("direction", current), current)
        if "network" in fields:
            check_unchanged(fields, "network", network.name(fields), firewall.network)
        changed = replace(firewall, rule=rule(fields, {"direction": current, **base}))
        self._kernel.state.firewalls[firewall.id] = changed

    def _begin(self, verb: str, firewall: Firewall, user: str = CALLER) -> Operation:
        takes = self._kernel.timings.edit_seconds
        return self._operations.begin(verb, firewall, takes, user=user)

    def _find(self, reference: str) -> Firewall | None:
        firewalls = self._kernel.state.firewalls.values()
        return next((one for one in firewalls if reference in (one.name, one.id)), None)


def _path(name: str) -> str:
    return f"global/firewalls/{name}"
