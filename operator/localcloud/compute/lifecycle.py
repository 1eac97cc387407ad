"""The power of instances: booted, stopped, reset by a request; crashed, hung, preempted by fate."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from localcloud.compute.errors import Failure, not_ready
from localcloud.compute.instances import Instances
from localcloud.compute.kernel import Kernel
from localcloud.compute.operations import SYSTEM, Operations
from localcloud.compute.resources import BootedInstance, Instance, Operation

SERIAL_OUTPUT_CHARS_MAX = 1_000_000
PREEMPTED = "compute.instances.preempted"
HOST_ERROR = "compute.instances.hostError"

_STARTING = ("PROVISIONING", "STAGING")
_BOOTS_FROM = {"insert": _STARTING, "start": _STARTING, "reset": ("RUNNING",)}


class Lifecycle:
    def __init__(self, kernel: Kernel, operations: Operations, instances: Instances) -> None:
        self._kernel = kernel
        self._operations = operations
        self._instances = instances
        self._verbs: Mapping[str, Callable[[Instance], Operation]] = {
            "reset": self._reset,
            "start": self._start,
            "stop": self._stop,
        }

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset(self._verbs)

    def act(self, verb: str, zone: str, reference: str, request_id: str = "") -> Operation:
        def effect() -> Operation:
            return self._verbs[verb](self._instances.editable(zone, reference))

        return self._instances.once(verb, zone, reference, request_id, None, effect)

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

    def hang(self, name: str) -> None:
        """Still RUNNING to the API, but nothing in it answers until it boots again."""
        instance = self._running(name)
        self._instances.put(_say(replace(instance, hung=True), "kernel: soft lockup"))

    def preempt(self, name: str) -> None:
        instance = self._running(name)
        self._instances.put(replace(instance, status="STOPPING"))
        takes = self._kernel.timings.stop_seconds
        self._operations.begin(PREEMPTED, instance, takes, user=SYSTEM)

    def stage(self, number: str) -> None:
        instance = self._instances.by_id(number)
        if instance and instance.status == "PROVISIONING":
            self._instances.put(replace(instance, status="STAGING"))

    def complete(self, operation: Operation, at: float) -> None:
        """The effect of an operation that ends. What has come between, wins."""
        instance = self._instances.by_id(operation.target_id)
        if instance is None:
            return
        if operation.type == "delete":
            self._instances.remove(instance)
        elif operation.failure:
            self._give_up(operation.type, instance, at)
        elif instance.status in _BOOTS_FROM.get(operation.type, ()):
            self._boot(instance, at)
        elif operation.type in ("stop", PREEMPTED) and _stopping(instance):
            self._end(operation.type, instance, at)

    def _start(self, instance: Instance) -> Operation:
        if instance.status == "STOPPING":
            raise not_ready(instance.path)
        failure: Failure | None = None
        if instance.status == "TERMINATED":
            instance = replace(instance, status="PROVISIONING")
            self._instances.put(instance)
            failure = self._instances.refusal(instance)
        timings = self._kernel.timings
        takes = timings.refuse_seconds if failure else timings.start_seconds
        operation = self._operations.begin("start", instance, takes, failure=failure)
        self._kernel.schedule(timings.provision_seconds, "stage", operation.name)
        return operation

    def _stop(self, instance: Instance) -> Operation:
        if instance.status != "TERMINATED":
            self._instances.put(replace(instance, status="STOPPING"))
        return self._operations.begin("stop", instance, self._kernel.timings.stop_seconds)

    def _reset(self, instance: Instance) -> Operation:
        if instance.status != "RUNNING":
            raise not_ready(instance.path)
        return self._operations.begin("reset", instance, self._kernel.timings.reset_seconds)

    def _boot(self, instance: Instance, at: float) -> None:
        address = instance.nat_ip
        if instance.external and address is None:
            address = self._kernel.external_address()
        booted = replace(
            instance,
            status="RUNNING",
            started=at,
            nat_ip=address,
            boots=instance.boots + 1,
            hung=False,
        )
        self._instances.put(_say(booted, f"{booted.name} login: (boot {booted.boots})"))

    def _halt(self, instance: Instance, at: float) -> None:
        self._instances.put(
            replace(instance, status="TERMINATED", stopped=at, nat_ip=None, hung=False)
        )

    def _end(self, kind: str, instance: Instance, at: float) -> None:
        """A preempted instance that asked for it is deleted rather than kept."""
        scheduling = instance.echoed.get("scheduling", {})
        if kind == PREEMPTED and scheduling.get("instanceTerminationAction") == "DELETE":
            self._instances.remove(instance)
        else:
            self._halt(instance, at)

    def _give_up(self, kind: str, instance: Instance, at: float) -> None:
        if kind == "insert":
            self._instances.remove(instance)
        elif kind == "start" and instance.status in _STARTING:
            self._halt(instance, at)

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
    return replace(instance, serial_output=output[-SERIAL_OUTPUT_CHARS_MAX:])
