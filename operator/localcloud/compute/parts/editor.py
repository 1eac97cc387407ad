"""Edits of instances in place, asked for by a verb."""

from collections.abc import Callable, Mapping

from localcloud.compute.links import zonal
from localcloud.compute.parts import edits
from localcloud.compute.parts.attachments import Attachments
from localcloud.compute.parts.instances import Instances
from localcloud.compute.parts.kernel import Kernel
from localcloud.compute.parts.operations import CALLER, Operations, Write
from localcloud.compute.resources import Instance, Operation


class Editor:
    def __init__(
        self,
        kernel: Kernel,
        operations: Operations,
        instances: Instances,
        attachments: Attachments,
    ) -> None:
        self._kernel = kernel
        self._operations = operations
        self._instances = instances
        self._changes: Mapping[str, Callable[[Instance, object], Instance]] = {
            **edits.EDITS,
            **attachments.verbs,
        }

    @property
    def verbs(self) -> frozenset[str]:
        return frozenset(self._changes)

    def edit(
        self,
        verb: str,
        zone: str,
        reference: str,
        body: object,
        request_id: str = "",
        user: str = CALLER,
    ) -> Operation:
        def effect() -> Operation:
            instance = self._instances.editable(zone, reference)
            failure = edits.failure(verb, instance)
            if failure is None:
                self._instances.put(self._changes[verb](instance, body))
            takes = self._kernel.timings.edit_seconds
            return self._operations.begin(verb, instance, takes, failure=failure, user=user)

        write = Write(verb, zonal(zone, "instances", reference), body, request_id)
        return self._operations.once(write, effect)
