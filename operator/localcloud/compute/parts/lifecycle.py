"""The power of instances: booted, stopped, reset by a request; crashed, hung, preempted by fate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from localcloud.compute.bodies.scheduling import DELETE
from localcloud.compute.errors import Failure, not_ready
from localcloud.compute.links import zonal
from localcloud.compute.parts.instances import Instances
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.operations import SYSTEM, Operations, Write
from localcloud.compute.resources import BootedInstance, Instance, Operation

SERIAL_OUTPUT_CHARS_MAX = 1_000_000
PREEMPTED = "compute.instances.preempted"
HOST_ERROR = "compute.instances.hostError"
RESTARTED = "compute.instances.automaticRestart"
MIGRATED = "compute.instances.migrateOnHostMaintenance"
TERMINATED_FOR_MAINTENANCE = "compute.instances.terminateOnHostMaintenance"

_STARTING = ("PROVISIONING", "STAGING")
_BOOTS_FROM: Mapping[str, Sequence[str]] = {
    "insert": _STARTING,
    "start": _STARTING,
    "resume": _STARTING,
    "reset": ("RUNNING",),
    RESTARTED: ("REPAIRING",),
}
_STOPS = ("stop", PREEMPTED, TERMINATED_FOR_MAINTENANCE)
_HUNG_BOOT = "Timed out waiting for device /dev/disk/by-label/ROOT. Dependency failed: emergency"


class Lifecycle:
    def __init__(self, kernel: Kernel, operations: Operations, instances: Instances) -> None:
        self._kernel = kernel
        self._operations = operations
        self._instances = instances
        self._verbs: Mapping[str, Callable[[Instance], Operation]] = {
            "performMaintenance": self._maintain,
            "reset": self._reset,
            "resume": self._resume,
            "simulateMaintenanceEvent": self._maintain,
            "start": self._start,
            "stop": self._stop,
            "suspend": self._suspend,
        }

    def act(self, verb: str, zone: str, reference: str, request_id: str = "") -> Operation:
        def effect() -> Operation:
            return self._verbs[verb](self._instances.editable(zone, reference))

        write = Write(verb, zonal(zone, "instances", reference), None, request_id)
        return self._operations.once(write, effect)

    def booted(self) -> tuple[BootedInstance, ...]:
        return tuple(
            BootedInstance(
                name=instance.name,
                id=instance.id,
                zone=instance.zone,
                ip=instance.ip,
                user_data=instance.metadata.get("user-data", ""),
                boots=instance.boots,
            )
            for instance in self._kernel.state.instances.values()
            if instance.status == "RUNNING" and not instance.hung
        )

    def crash(self, name: str) -> None:
        """The host dies and nobody restarts the instance."""
        instance = self._running(name)
        self._operations.begin(HOST_ERROR, instance, 0, user=SYSTEM)
        self._halt(instance, self._kernel.now())

    def host_error(self, name: str) -> None:
        """The host dies; an instance that asked for it is restarted on another one."""
        instance = self._running(name)
        if not instance.scheduling.get("automaticRestart", True):
            self.crash(name)
            return
        self._operations.begin(HOST_ERROR, instance, 0, user=SYSTEM)
        self._instances.put(replace(instance, status="REPAIRING", hung=False))
        takes = self._kernel.timings.repair_seconds
        self._operations.begin(RESTARTED, instance, takes, user=SYSTEM)

    def hang(self, name: str) -> None:
        """Still RUNNING to the API, but nothing in it answers until it boots again."""
        instance = self._running(name)
        self._instances.put(_say(replace(instance, hung=True), "kernel: soft lockup"))

    def preempt(self, name: str) -> None:
        self._take_away(self._running(name), PREEMPTED)

    def stage(self, number: str) -> None:
        instance = self._instances.by_id(number)
        if instance and instance.status == "PROVISIONING":
            self._instances.put(replace(instance, status="STAGING"))

    def complete(self, operation: Operation, at: float) -> None:
        """The effect of an operation that ends. What has come between, wins."""
        instance = self._instances.by_id(operation.target_id)
        if instance is None:
            return
        if operation.failure:
            self._give_up(operation.type, instance, at)
        elif operation.type == "delete":
            self._instances.remove(instance)
        elif instance.status in _BOOTS_FROM.get(operation.type, ()):
            self._boot(instance, at)
        elif operation.type in _STOPS and _stopping(instance):
            self._end(operation.type, instance, at)
        elif operation.type == "suspend" and instance.status == "SUSPENDING":
            self._halt(instance, at, "SUSPENDED")

    def _start(self, instance: Instance) -> Operation:
        if instance.status in ("STOPPING", "SUSPENDING", "SUSPENDED"):
            raise not_ready(instance.path)
        starts = instance.status == "TERMINATED"
        return self._power_on("start", instance, self._kernel.timings.start_seconds, starts)

    def _resume(self, instance: Instance) -> Operation:
        if instance.status != "SUSPENDED":
            raise not_ready(instance.path)
        return self._power_on("resume", instance, self._kernel.timings.resume_seconds)

    def _power_on(
        self, verb: str, instance: Instance, takes_seconds: float, starts: bool = True
    ) -> Operation:
        """`starts` is False for one that runs already: then there is nothing to do."""
        failure: Failure | None = None
        if starts:
            instance = replace(instance, status="PROVISIONING")
            self._instances.put(instance)
            failure = self._instances.refusal(instance)
        timings = self._kernel.timings
        takes = timings.refuse_seconds if failure else takes_seconds
        operation = self._operations.begin(verb, instance, takes, failure=failure)
        self._kernel.schedule(timings.provision_seconds, "stage", operation.name)
        return operation

    def _stop(self, instance: Instance) -> Operation:
        if instance.status != "TERMINATED":
            self._instances.put(replace(instance, status="STOPPING"))
        return self._operations.begin("stop", instance, self._kernel.timings.stop_seconds)

    def _suspend(self, instance: Instance) -> Operation:
        if instance.status != "RUNNING":
            raise not_ready(instance.path)
        self._instances.put(replace(instance, status="SUSPENDING"))
        return self._operations.begin("suspend", instance, self._kernel.timings.suspend_seconds)

    def _maintain(self, instance: Instance) -> Operation:
        """The host is needed: the instance moves to another one, or is stopped."""
        if instance.status != "RUNNING":
            raise not_ready(instance.path)
        takes = self._kernel.timings.migrate_seconds
        if instance.scheduling.get("onHostMaintenance") == "TERMINATE":
            self._take_away(instance, TERMINATED_FOR_MAINTENANCE)
        else:
            self._operations.begin(MIGRATED, instance, takes, user=SYSTEM)
        return self._operations.begin("simulateMaintenanceEvent", instance, takes)

    def _take_away(self, instance: Instance, event: str) -> None:
        self._instances.put(replace(instance, status="STOPPING"))
        takes = self._kernel.timings.stop_seconds
        self._operations.begin(event, instance, takes, user=SYSTEM)

    def _reset(self, instance: Instance) -> Operation:
        if instance.status != "RUNNING":
            raise not_ready(instance.path)
        return self._operations.begin("reset", instance, self._kernel.timings.reset_seconds)

    def _boot(self, instance: Instance, at: float) -> None:
        hangs = self._hangs()
        booted = replace(
            instance,
            status="RUNNING",
            started=at,
            nat_ip=self._instances.external_address(instance),
            boots=instance.boots + 1,
            hung=hangs,
        )
        line = _HUNG_BOOT if hangs else f"{booted.name} login: (boot {booted.boots})"
        self._instances.put(_say(booted, line))

    def _hangs(self) -> bool:
        """Whether this boot is one of those that a fault lets hang."""
        faults = self._kernel.state.faults
        hangs = faults.boots_to_hang > 0
        faults.boots_to_hang -= hangs
        return hangs

    def _halt(self, instance: Instance, at: float, status: str = "TERMINATED") -> None:
        self._instances.put(replace(instance, status=status, stopped=at, nat_ip=None, hung=False))

    def _end(self, kind: str, instance: Instance, at: float) -> None:
        """A preempted instance that asked for it is deleted rather than kept."""
        if kind == PREEMPTED and instance.scheduling.get("instanceTerminationAction") == DELETE:
            self._instances.remove(instance)
        else:
            self._halt(instance, at)

    def _give_up(self, kind: str, instance: Instance, at: float) -> None:
        if kind == "insert":
            self._instances.remove(instance)
        elif kind == "start" and instance.status in _STARTING:
            self._halt(instance, at)
        elif kind == "resume" and instance.status in _STARTING:
            self._halt(instance, at, "SUSPENDED")

    def _running(self, name: str) -> Instance:
        instance = self._instances.by_name(name)
        if instance.status != "RUNNING":
            raise not_ready(instance.path)
        return instance


def _stopping(instance: Instance) -> bool:
    """A deletion also shows as STOPPING, and must not be turned into a mere stop."""
    return instance.status == "STOPPING" and not instance.deleting


def _say(instance: Instance, line: str) -> Instance:
    output = f"{instance.serial_output}{line}\n"
    surplus = max(len(output) - SERIAL_OUTPUT_CHARS_MAX, 0)
    return replace(
        instance,
        serial_output=output[surplus:],
        serial_dropped=instance.serial_dropped + surplus,
    )
