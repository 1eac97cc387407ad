"""localcloud's Compute Engine behind the port: no socket, no thread."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, TypeVar

from localcloud.cloud import Cloud
from localcloud.compute.catalog import ZONES
from localcloud.compute.errors import ApiError as ComputeError
from localcloud.compute.fingerprints import fingerprint
from localcloud.compute.resources import Instance as ModelInstance
from localcloud.compute.resources import Operation as ModelOperation
from steersman.clients.gce.errors import classify
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.observed import Instance, Operation
from steersman.model.ports import Edit, InstanceList, Labels, Metadata, Tags
from tests.simulation.network import Line, ReplyLostError, Write

EDITS: Mapping[type[Edit], str] = {
    Labels: "setLabels",
    Tags: "setTags",
    Metadata: "setMetadata",
}

T = TypeVar("T")


class ModelCompute:
    """The port Compute over the model: errors by the wire's codes, as the client classifies."""

    def __init__(self, cloud: Cloud, line: Line) -> None:
        self._cloud, self._line = cloud, line

    async def list_instances(self) -> InstanceList:
        return await self._ask(self._listed)

    async def get_instance(self, zone: str, instance: str) -> Instance | None:
        return await self._found(
            zone, lambda: _instance(self._cloud.compute.instances.get(zone, instance))
        )

    async def get_operation(self, zone: str, name: str) -> Operation | None:
        scope = f"zones/{zone}"
        return await self._found(
            zone, lambda: _operation(self._cloud.compute.operations.get(scope, name))
        )

    async def insert_instance(
        self, zone: str, body: Mapping[str, Any], *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del timeout_seconds
        write = Write("compute", "insert", body["name"], json.dumps({"zone": zone, **body}))
        instances = self._cloud.compute.instances
        return await self._change(zone, write, lambda: instances.insert(zone, body, request_id))

    async def start_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del timeout_seconds
        return await self._act("start", zone, instance, request_id)

    async def reset_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del timeout_seconds
        return await self._act("reset", zone, instance, request_id)

    async def stop_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del timeout_seconds
        return await self._act("stop", zone, instance, request_id)

    async def delete_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del timeout_seconds
        write = self._named("delete", zone, instance)
        instances = self._cloud.compute.instances
        return await self._change(zone, write, lambda: instances.delete(zone, instance, request_id))

    async def edit_instance(
        self, zone: str, instance: str, edit: Edit, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del timeout_seconds
        compute = self._cloud.compute

        def change() -> ModelOperation:
            verb, body = _edit(edit, compute.instances.get(zone, instance))
            return compute.act(verb, zone, instance, body, request_id)

        return await self._change(zone, self._named(EDITS[type(edit)], zone, instance), change)

    async def close(self) -> None:
        pass

    async def _act(self, verb: str, zone: str, instance: str, request_id: str) -> Operation:
        write, compute = self._named(verb, zone, instance), self._cloud.compute
        return await self._change(
            zone, write, lambda: compute.act(verb, zone, instance, None, request_id)
        )

    def _listed(self) -> InstanceList:
        """As the aggregated list: a zone that does not answer is named, and nothing of it."""
        door, found = self._cloud.compute.door, self._cloud.compute.instances.listed()
        unreachable = frozenset(filter(door.unreachable, ZONES))
        there = (_instance(each) for each in found if each.zone not in unreachable)
        return InstanceList(tuple(there), unreachable)

    def _named(self, verb: str, zone: str, reference: str) -> Write:
        """`value` is what was typed; `target` the name of whom it reaches."""
        found = self._cloud.compute.instances.by_id(reference)
        name = found.name if found else reference
        return Write("compute", verb, name, f"{zone}/{reference}")

    async def _change(
        self, zone: str, write: Write, request: Callable[[], ModelOperation]
    ) -> Operation:
        def change() -> ModelOperation:
            operation = request()
            if self._cloud.compute.door.loses_reply():
                raise ReplyLostError
            return operation

        return _operation(await self._ask(change, zone, write))

    async def _found(self, zone: str, read: Callable[[], T]) -> T | None:
        try:
            return await self._ask(read, zone)
        except OutsideError as error:
            if error.code == "notFound":
                return None
            raise

    async def _ask(self, request: Callable[[], T], zone: str = "", write: Write | None = None) -> T:
        def answer() -> T:
            self._cloud.tick()
            try:
                self._cloud.compute.door.admit(zone)
                return request()
            except ComputeError as error:
                kind = classify(error.reason, error.status)
                unknown = write is not None and kind is ErrorClass.TRANSIENT
                applied = None if unknown else False
                raise OutsideError(kind, error.reason, error.message, applied=applied) from error

        return await self._line.carry(answer, write)


def _instance(instance: ModelInstance) -> Instance:
    return Instance(
        instance.id,
        instance.name,
        instance.zone,
        instance.status,
        instance.machine_type,
        instance.ip,
        dict(instance.labels),
        tuple(sorted(instance.tags)),
        labels_fingerprint=fingerprint(instance.labels),
        metadata_sha256={
            key: sha256(value.encode()).hexdigest() for key, value in instance.metadata.items()
        },
        tags_fingerprint=fingerprint(instance.tags),
    )


def _edit(edit: Edit, there: ModelInstance) -> tuple[str, Mapping[str, Any]]:
    """As the API calls it, and its body."""
    body: Mapping[str, Any]
    match edit:
        case Labels(labels=labels, fingerprint=seen):
            body = {"labels": dict(labels), "labelFingerprint": seen}
        case Tags(tags=tags, fingerprint=seen):
            body = {"items": list(tags), "fingerprint": seen}
        case Metadata(items=items):
            merged = {**there.metadata, **items}
            listed = [{"key": key, "value": value} for key, value in merged.items()]
            body = {"items": listed, "fingerprint": fingerprint(there.metadata)}
    return EDITS[type(edit)], body


def _operation(operation: ModelOperation) -> Operation:
    failure = operation.failure if operation.done else None
    error = OutsideError(classify(failure.code), failure.code, failure.message) if failure else None
    zone = operation.scope.rpartition("/")[2]
    return Operation(operation.name, zone, operation.done, operation.target_id, error)
