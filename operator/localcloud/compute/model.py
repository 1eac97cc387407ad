"""The model of Compute Engine: one project, and its agenda."""

import random
from ipaddress import IPv4Network
from typing import Any

from localcloud.clock import Clock
from localcloud.compute import state
from localcloud.compute.parts.addresses import Addresses
from localcloud.compute.parts.attachments import Attachments
from localcloud.compute.parts.disks import Disks
from localcloud.compute.parts.door import Door
from localcloud.compute.parts.editor import Editor
from localcloud.compute.parts.firewalls import Firewalls
from localcloud.compute.parts.instances import Instances
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.lifecycle import Lifecycle
from localcloud.compute.parts.mishaps import Mishaps
from localcloud.compute.parts.operations import Operations
from localcloud.compute.parts.pool import Pool
from localcloud.compute.resources import BootedInstance, Operation
from localcloud.compute.state import Due, State, Timings

HANGING_LOOK_SECONDS = 1.0  # how soon a deletion goes on when it hangs no longer


class Compute:
    """`network` holds the internal addresses; the defaults of `timings` are short on purpose."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        network: IPv4Network,
        timings: Timings | None = None,
    ) -> None:
        kernel = self._kernel = Kernel(clock, rng, network, timings or Timings())
        pool = Pool(kernel)
        self.door = Door(kernel)
        self.operations = Operations(kernel)
        self.disks = Disks(kernel, self.operations)
        self.addresses = Addresses(kernel, self.operations, pool)
        self.instances = Instances(kernel, self.operations, pool, self.disks, self.addresses)
        self.firewalls = Firewalls(kernel, self.operations)
        self._lifecycle = Lifecycle(kernel, self.operations, self.instances)
        attachments = Attachments(self.instances, self.disks, self.addresses)
        self._editor = Editor(kernel, self.operations, self.instances, attachments)
        self.mishaps = Mishaps(
            kernel, self.instances, self._lifecycle, self._editor, self.firewalls, pool
        )
        self.firewalls.create_defaults()

    @property
    def state(self) -> State:
        return self._kernel.state

    @property
    def network(self) -> IPv4Network:
        return self._kernel.network

    def now(self) -> float:
        return self._kernel.now()

    def act(
        self, verb: str, zone: str, instance: str, body: object = None, request_id: str = ""
    ) -> Operation:
        """start, stop and the like, or an edit with its body."""
        if verb in self._editor.verbs:
            return self._editor.edit(verb, zone, instance, body, request_id)
        return self._lifecycle.act(verb, zone, instance, request_id)

    def booted(self) -> tuple[BootedInstance, ...]:
        """The instances whose operating system is up: RUNNING and not hung."""
        return self._lifecycle.booted()

    # The agenda

    def tick(self) -> None:
        for due in self._kernel.pop_due():
            self._happen(due)
        self.operations.forget_expired()

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
            case "done" if self._hangs(operation):
                self._kernel.schedule(HANGING_LOOK_SECONDS, "done", operation.name)
            case "done":
                self._complete(operation, due.at)
                self.operations.finish(operation, due.at)

    def _hangs(self, operation: Operation) -> bool:
        hanging = self._kernel.now() < self._kernel.state.faults.deletions_hang_until
        return hanging and operation.type == "delete" and "/instances/" in operation.target

    def _complete(self, operation: Operation, at: float) -> None:
        match operation.target.split("/")[-2]:
            case "instances":
                self._lifecycle.complete(operation, at)
            case "disks":
                self.disks.complete(operation)
            case "addresses":
                self.addresses.complete(operation)
            case "firewalls":
                self.firewalls.complete(operation)
