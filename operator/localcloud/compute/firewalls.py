"""Firewalls: the four that a new project has, and what is made of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from localcloud.compute import quotas, requests
from localcloud.compute.errors import already_exists, not_found, quota_exceeded
from localcloud.compute.fields import Fields
from localcloud.compute.kernel import Kernel
from localcloud.compute.operations import Operations
from localcloud.compute.resources import Firewall, Operation
from localcloud.compute.rules import ANYWHERE, Rule, check_unchanged, rule

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

    def insert(self, body: object, request_id: str = "") -> Operation:
        return self._operations.once(
            "insert", "global/firewalls", request_id, body, lambda: self._insert(body)
        )

    def patch(self, reference: str, body: object, request_id: str = "") -> Operation:
        """Merges: a field that is not given stays."""
        return self._once(
            "patch",
            reference,
            request_id,
            body,
            lambda firewall: self._change(firewall, body, firewall.rule),
        )

    def update(self, reference: str, body: object, request_id: str = "") -> Operation:
        """Replaces: a field that is not given has its default again."""
        return self._once(
            "update", reference, request_id, body, lambda firewall: self._change(firewall, body, {})
        )

    def delete(self, reference: str, request_id: str = "") -> Operation:
        """Listed until the operation is done."""
        return self._once("delete", reference, request_id, None, lambda _: None)

    def complete(self, operation: Operation) -> None:
        if operation.type == "delete":
            self._kernel.state.firewalls.pop(operation.target_id, None)

    def _once(
        self,
        action: str,
        reference: str,
        request_id: str,
        body: object,
        change: Callable[[Firewall], None],
    ) -> Operation:
        def effect() -> Operation:
            firewall = self.get(reference)
            change(firewall)
            return self._begin(action, firewall)

        return self._operations.once(action, _path(reference), request_id, body, effect)

    def _insert(self, body: object) -> Operation:
        fields = Fields(body)
        name = fields.name("name")
        if self._find(name):
            raise already_exists(_path(name))
        made = rule(fields, {})
        network = requests.network(fields)
        self._check_quota()
        return self._begin("insert", self._create(name, network, made))

    def _create(self, name: str, network: str, made: Rule) -> Firewall:
        firewall = Firewall(self._kernel.new_id(), name, self._kernel.now(), made, network)
        self._kernel.state.firewalls[firewall.id] = firewall
        return firewall

    def _change(self, firewall: Firewall, body: object, base: Rule) -> None:
        fields = Fields(body)
        current = firewall.rule["direction"]
        check_unchanged(fields, "direction", fields.text("direction", current), current)
        if "network" in fields:
            check_unchanged(fields, "network", requests.network(fields), firewall.network)
        changed = replace(firewall, rule=rule(fields, {"direction": current, **base}))
        self._kernel.state.firewalls[firewall.id] = changed

    def _begin(self, action: str, firewall: Firewall) -> Operation:
        takes = self._kernel.timings.edit_seconds
        return self._operations.begin(action, firewall, takes)

    def _check_quota(self) -> None:
        for quota in quotas.of_project(self._kernel.state):
            if quota.metric == "FIREWALLS" and quota.usage >= quota.limit:
                raise quota_exceeded(quota.metric, quota.limit)

    def _find(self, reference: str) -> Firewall | None:
        firewalls = self._kernel.state.firewalls.values()
        return next((one for one in firewalls if reference in (one.name, one.id)), None)


def _path(name: str) -> str:
    return f"global/firewalls/{name}"
