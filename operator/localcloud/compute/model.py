"""The model of Compute Engine: one project, its agenda, and the faults that can be turned on."""

import random
from ipaddress import IPv4Network
from typing import Any

from localcloud.clock import Clock
from localcloud.compute import catalog, state
from localcloud.compute.disks import Disks
from localcloud.compute.edits import EDITS
from localcloud.compute.errors import invalid, not_found, rate_limited, unavailable
from localcloud.compute.firewalls import Firewalls
from localcloud.compute.instances import Instances, check_zone
from localcloud.compute.kernel import Kernel
from localcloud.compute.lifecycle import Lifecycle
from localcloud.compute.links import zonal
from localcloud.compute.operations import Operations
from localcloud.compute.quotas import GLOBAL_LIMITS, REGIONAL_LIMITS
from localcloud.compute.resources import BootedInstance, Operation
from localcloud.compute.state import Due, Faults, State, Stockout, Timings

SOMEBODY_ELSE = "somebody-else@local.example"


class Compute:
    """`network` holds the internal addresses; the defaults of `timings` are short on purpose."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        network: IPv4Network,
        timings: Timings | None = None,
    ) -> None:
        self._kernel = Kernel(clock, rng, network, timings or Timings())
        self.operations = Operations(self._kernel)
        self.disks = Disks(self._kernel, self.operations)
        self.instances = Instances(self._kernel, self.operations, self.disks)
        self.firewalls = Firewalls(self._kernel, self.operations)
        self._lifecycle = Lifecycle(self._kernel, self.operations, self.instances)
        self.firewalls.create_defaults()

    @property
    def state(self) -> State:
        return self._kernel.state

    @property
    def verbs(self) -> frozenset[str]:
        """What `act` can do to an instance."""
        return self._lifecycle.verbs | EDITS.keys()

    def now(self) -> float:
        return self._kernel.now()

    def act(
        self, verb: str, zone: str, instance: str, body: object = None, request_id: str = ""
    ) -> Operation:
        """start, stop, reset, or one of the set... verbs with its body."""
        if verb in EDITS:
            return self.instances.edit(verb, zone, instance, body, request_id)
        return self._lifecycle.act(verb, zone, instance, request_id)

    def booted(self) -> tuple[BootedInstance, ...]:
        """The instances whose operating system is up: RUNNING and not hung."""
        return self._lifecycle.booted()

    # The agenda

    def tick(self) -> None:
        for due in self._kernel.pop_due():
            self._happen(due)

    def next_due(self) -> float | None:
        return self._kernel.next_due()

    def dump(self) -> dict[str, Any]:
        return state.dump(self._kernel.state)

    def load(self, body: dict[str, Any]) -> None:
        self._kernel.state = state.load(body)

    def _happen(self, due: Due) -> None:
        operation = self.operations.named(due.operation)
        if operation is None:  # done before this was due, and forgotten since
            return
        match due.event:
            case "run":
                self.operations.run(operation, due.at)
            case "stage":
                self._lifecycle.stage(operation.target_id)
            case "done":
                self._complete(operation, due.at)
                self.operations.finish(operation, due.at)

    def _complete(self, operation: Operation, at: float) -> None:
        match operation.target.split("/")[-2]:
            case "instances":
                self._lifecycle.complete(operation, at)
            case "disks":
                self.disks.complete(operation)
            case "firewalls":
                self.firewalls.complete(operation)

    # Faults. Times are epoch seconds of the model's clock.

    @property
    def faults(self) -> Faults:
        return self._kernel.state.faults

    def clear_faults(self) -> None:
        """Nothing new goes wrong; what has crashed or hung stays so."""
        self._kernel.state.faults = Faults()

    def crash(self, name: str) -> None:
        self._lifecycle.crash(name)

    def hang(self, name: str) -> None:
        self._lifecycle.hang(name)

    def preempt(self, name: str) -> None:
        self._lifecycle.preempt(name)

    def vanish(self, name: str) -> None:
        """Somebody else deletes it, the ordinary way."""
        instance = self.instances.by_name(name)
        self.instances.delete(instance.zone, instance.id, user=SOMEBODY_ELSE)

    def stockout(self, zone: str, machine_type: str | None, until: float) -> None:
        check_zone(zone)
        if machine_type is not None and machine_type not in catalog.SHAPES:
            raise not_found(zonal(zone, "machineTypes", machine_type))
        now = self.now()
        standing = [one for one in self.faults.stockouts if one.until > now]
        self.faults.stockouts = [*standing, Stockout(zone, machine_type, until)]

    def quota(self, metric: str, limit: float) -> None:
        if metric not in REGIONAL_LIMITS | GLOBAL_LIMITS:
            raise invalid("metric", metric, "Unknown quota.")
        self.faults.quotas[metric] = limit

    def rate_limit(self, until: float) -> None:
        self.faults.rate_limited_until = until

    def burst_503(self, until: float) -> None:
        self.faults.unavailable_until = until

    def lost_reply(self, next_n: int) -> None:
        """The next writes are carried out, and nobody is told."""
        self.faults.replies_to_lose = next_n

    def stale_list(self, until: float) -> None:
        """Lists of instances show what was there when this was turned on."""
        self.faults.stale_instances = tuple(self.state.instances.values())
        self.faults.stale_until = until

    def admit(self) -> None:
        """Refuse the request at the door, whatever it asks, while a fault says so."""
        if self.now() < self.faults.unavailable_until:
            raise unavailable()
        if self.now() < self.faults.rate_limited_until:
            raise rate_limited()

    def loses_reply(self) -> bool:
        """Asked once after each write that was carried out."""
        losing = self.faults.replies_to_lose > 0
        self.faults.replies_to_lose -= losing
        return losing
