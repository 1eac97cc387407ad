"""What can be made to go wrong. Times are epoch seconds of the model's clock."""

from collections.abc import Iterator
from dataclasses import replace

from localcloud.compute import catalog, quotas
from localcloud.compute.bodies.firewall import ANYWHERE
from localcloud.compute.errors import invalid, not_found
from localcloud.compute.fingerprints import fingerprint
from localcloud.compute.links import zonal
from localcloud.compute.parts.editor import Editor
from localcloud.compute.parts.firewalls import Firewalls
from localcloud.compute.parts.instances import Instances
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.lifecycle import Lifecycle
from localcloud.compute.parts.pool import Pool
from localcloud.compute.resources import Instance
from localcloud.compute.state import Faults, Stockout
from localcloud.fault import Standing

SOMEBODY_ELSE = "somebody-else@local.example"

_EVERYTHING = [{"IPProtocol": "all"}]


class Mishaps:
    def __init__(
        self,
        kernel: Kernel,
        instances: Instances,
        lifecycle: Lifecycle,
        editor: Editor,
        firewalls: Firewalls,
        pool: Pool,
    ) -> None:
        self._kernel = kernel
        self._instances = instances
        self._lifecycle = lifecycle
        self._editor = editor
        self._firewalls = firewalls
        self._pool = pool

    @property
    def faults(self) -> Faults:
        return self._kernel.state.faults

    def clear(self) -> None:
        """Nothing new goes wrong; what has crashed, hangs or was edited stays so."""
        self._kernel.state.faults = Faults()

    def standing(self) -> Iterator[Standing]:
        now, faults = self._kernel.now(), self.faults
        for one in self._lasting():
            if one.until is not None and one.until > now:
                yield one
        for metric, limit in faults.quotas.items():
            yield Standing("quota", f"{metric} {limit:g}")
        counted = {
            "lost-reply": faults.replies_to_lose,
            "op-lost": faults.operations_to_lose,
            "op-error": faults.operations_to_fail,
            "boot-hang": faults.boots_to_hang,
        }
        yield from (Standing(word, left=left) for word, left in counted.items() if left)

    def _lasting(self) -> Iterator[Standing]:
        """Those that have an end, which may be over."""
        faults = self.faults
        yield Standing("rate-limit", until=faults.rate_limited_until)
        yield Standing("burst-503", until=faults.unavailable_until)
        yield Standing("latency", f"{faults.late_seconds:g}", until=faults.late_until)
        yield Standing("op-duration", f"{faults.slow_seconds:g}", until=faults.slow_until)
        yield Standing("delete-hang", until=faults.deletions_hang_until)
        yield Standing("stale-list", until=faults.stale_until)
        for zone, until in faults.unreachable.items():
            yield Standing("zone-unreachable", zone, until)
        for one in faults.stockouts:
            of = f"{one.zone} {one.machine_type}" if one.machine_type else one.zone
            yield Standing("stockout", of, one.until)

    # of an instance

    def crash(self, name: str) -> None:
        self._lifecycle.crash(name)

    def host_error(self, name: str) -> None:
        self._lifecycle.host_error(name)

    def hang(self, name: str) -> None:
        self._lifecycle.hang(name)

    def preempt(self, name: str) -> None:
        self._lifecycle.preempt(name)

    def vanish(self, name: str) -> None:
        """Somebody else deletes it, the ordinary way."""
        instance = self._instances.by_name(name)
        self._instances.delete(instance.zone, instance.id, user=SOMEBODY_ELSE)

    def edit_labels(self, name: str, key: str, value: str) -> None:
        """Somebody else sets one label, the ordinary way."""
        instance = self._instances.by_name(name)
        labels = {**instance.labels, key: value}
        body = {"labels": labels, "labelFingerprint": fingerprint(instance.labels)}
        self._editor.edit("setLabels", instance.zone, instance.id, body, user=SOMEBODY_ELSE)

    def change_nat_ip(self, name: str) -> None:
        """It has another address in the internet, without a stop between them."""
        instance = self._with_nat_ip(name)
        self._instances.put(replace(instance, nat_ip=self._pool.external()))

    # of a firewall

    def edit_firewall(self, name: str) -> None:
        """Somebody else opens one for everything, from anywhere, or disables one that denies."""
        firewall = self._firewalls.get(name) if name else self._firewalls.newest()
        body = {"allowed": _EVERYTHING, "sourceRanges": ANYWHERE, "sourceTags": []}
        if firewall.rule.get("denied"):
            body = {"disabled": True}
        self._firewalls.patch(firewall.name, body, user=SOMEBODY_ELSE)

    # of a zone

    def stockout(self, zone: str, machine_type: str | None, until: float) -> None:
        _check_zone(zone)
        if machine_type is not None and machine_type not in catalog.SHAPES:
            raise not_found(zonal(zone, "machineTypes", machine_type))
        now = self._kernel.now()
        standing = [one for one in self.faults.stockouts if one.until > now]
        self.faults.stockouts = [*standing, Stockout(zone, machine_type, until)]

    def zone_unreachable(self, zone: str, until: float) -> None:
        _check_zone(zone)
        self.faults.unreachable[zone] = until

    # of the API

    def quota(self, metric: str, limit: float) -> None:
        if metric not in quotas.METRICS:
            known = ", ".join(sorted(quotas.METRICS))
            raise invalid("metric", metric, f"Must be one of {known}.")
        self.faults.quotas[metric] = limit

    def rate_limit(self, until: float) -> None:
        self.faults.rate_limited_until = until

    def burst_503(self, until: float) -> None:
        self.faults.unavailable_until = until

    def late(self, seconds: float, until: float) -> None:
        """Answers leave so much later; the wait is the wall clock's, as a caller's timeout is."""
        self.faults.late_seconds, self.faults.late_until = seconds, until

    def slow(self, seconds: float, until: float) -> None:
        """Operations take so much longer."""
        self.faults.slow_seconds, self.faults.slow_until = seconds, until

    def hang_deletions(self, until: float) -> None:
        """Instances that are deleted stay STOPPING."""
        self.faults.deletions_hang_until = until

    def stale_list(self, until: float) -> None:
        """Lists of instances show what was there when this was turned on."""
        self.faults.stale_instances = tuple(self._kernel.state.instances.values())
        self.faults.stale_until = until

    def lose_replies(self, next_n: int) -> None:
        """The next writes are carried out, and nobody is told."""
        self.faults.replies_to_lose = next_n

    def lose_operations(self, next_n: int) -> None:
        """The next operations do their work, and are not found by anybody."""
        self.faults.operations_to_lose = next_n

    def fail_operations(self, next_n: int) -> None:
        """The next operations end in an error that has no status, and change nothing."""
        self.faults.operations_to_fail = next_n

    def hang_boots(self, next_n: int) -> None:
        """The next boots never come up: RUNNING, and nothing answers."""
        self.faults.boots_to_hang = next_n

    def _with_nat_ip(self, name: str) -> Instance:
        instance = self._instances.by_name(name)
        if instance.nat_ip is None:
            path = f"{instance.path}/accessConfigs/0"
            raise not_found(path)
        return instance


def _check_zone(zone: str) -> None:
    if zone not in catalog.ZONES:
        path = f"zones/{zone}"
        raise not_found(path)
