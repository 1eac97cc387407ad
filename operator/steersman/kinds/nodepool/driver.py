"""Executes a nodepool's steps against Compute Engine."""

import uuid
from collections.abc import Mapping
from typing import Any, assert_never

from steersman.kinds.nodepool.edits import UpdateInstance
from steersman.kinds.nodepool.observe import ORDINAL_LABEL
from steersman.kinds.nodepool.plan import CreateInstance, Generate, StartInstance
from steersman.kinds.nodepool.remember import SECRET
from steersman.kinds.nodepool.spec import Disk
from steersman.kinds.nodepool.teardown import DeleteInstance
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.observed import UID_LABEL
from steersman.model.outcome import Done, OperationDone
from steersman.model.plan import Step
from steersman.model.ports import Compute

NodePoolAction = Generate | CreateInstance | StartInstance | UpdateInstance | DeleteInstance


class NodePoolDriver:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def execute(self, step: Step, attempt: Attempt) -> Done:
        action = step.action
        assert isinstance(action, NodePoolAction)
        match action:
            case Generate():
                return self._generate(action)
            case CreateInstance():
                return await self._create(action, attempt)
            case StartInstance():
                return await self._start(action, attempt)
            case DeleteInstance():
                return await self._delete(action, attempt)
            case UpdateInstance():
                return await self._update(action, attempt)
            case _:
                assert_never(action)

    @property
    def _compute(self) -> Compute:
        if self._ports.compute is None:
            message = "no Compute Engine project is configured"
            raise OutsideError(ErrorClass.DENIED, "notConfigured", message)
        return self._ports.compute

    def _generate(self, action: Generate) -> Done:
        value = uuid.UUID(int=self._ports.random.getrandbits(128), version=4)
        return Done(attributes={f"{SECRET}{action.variable}": str(value)})

    async def _create(self, action: CreateInstance, attempt: Attempt) -> Done:
        try:
            operation = await self._compute.insert_instance(
                action.zone,
                body(action),
                request_id=attempt.id,
                timeout_seconds=attempt.timeout_seconds,
            )
        except OutsideError as error:
            if error.kind is ErrorClass.CONFLICT and await self._is_there(action):
                return Done()
            raise
        return Done(OperationDone(action.zone, operation.name, action.instance))

    async def _is_there(self, action: CreateInstance) -> bool:
        """Whether the name is taken by this very member: an earlier attempt made it."""
        found = await self._compute.get_instance(action.zone, action.instance)
        marks = (UID_LABEL, ORDINAL_LABEL)
        return found is not None and all(
            found.labels.get(mark) == action.labels[mark] for mark in marks
        )

    async def _start(self, action: StartInstance, attempt: Attempt) -> Done:
        operation = await self._compute.start_instance(
            action.zone,
            action.instance_id,
            request_id=attempt.id,
            timeout_seconds=attempt.timeout_seconds,
        )
        return Done(OperationDone(action.zone, operation.name, action.instance))

    async def _delete(self, action: DeleteInstance, attempt: Attempt) -> Done:
        operation = await self._compute.delete_instance(
            action.zone,
            action.instance_id,
            request_id=attempt.id,
            timeout_seconds=attempt.timeout_seconds,
        )
        return Done(OperationDone(action.zone, operation.name, action.instance))

    async def _update(self, action: UpdateInstance, attempt: Attempt) -> Done:
        operation = await self._compute.edit_instance(
            action.zone,
            action.instance_id,
            action.edit,
            request_id=attempt.id,
            timeout_seconds=attempt.timeout_seconds,
        )
        return Done(OperationDone(action.zone, operation.name, action.instance))


def body(action: CreateInstance) -> Mapping[str, Any]:
    """The API's Instance, complete."""
    spec = action.spec
    return {
        "name": action.instance,
        "machineType": f"zones/{action.zone}/machineTypes/{spec.machine_type}",
        "labels": dict(action.labels),
        "tags": {"items": list(spec.tags)},
        "metadata": {
            "items": [{"key": key, "value": value} for key, value in action.metadata.items()]
        },
        "disks": [_disk(action, disk) for disk in spec.disks],
        "networkInterfaces": [
            {
                "network": f"global/networks/{spec.network}",
                "accessConfigs": [{"name": "External NAT", "type": "ONE_TO_ONE_NAT"}],
            }
        ],
    }


def _disk(action: CreateInstance, disk: Disk) -> Mapping[str, Any]:
    image = {"sourceImage": action.spec.image.source} if disk.boot else {}
    made_with = {"diskSizeGb": str(disk.size_gb), "labels": dict(action.labels), **image}
    return {"boot": disk.boot, "autoDelete": True, "initializeParams": made_with}
