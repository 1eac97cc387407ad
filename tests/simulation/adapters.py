"""localcloud's models behind steersman's ports, on any event loop: no socket, no thread."""

import asyncio
import json
from collections.abc import Callable, Container, Mapping
from datetime import datetime
from typing import Any, TypeVar

from localcloud.cloud import Cloud
from localcloud.compute.errors import ApiError as ComputeError
from localcloud.compute.resources import Instance as ModelInstance
from localcloud.compute.resources import Operation as ModelOperation
from localcloud.elasticsearch import views
from localcloud.elasticsearch.node import Node
from localcloud.fleet.model import Fleet
from localcloud.fleet.records import ApiError as FleetError
from localcloud.fleet.records import UnitBody
from localcloud.seams import Option
from steersman.clients.elasticsearch import with_answers
from steersman.clients.gce_errors import classify, operation_error
from steersman.model.errors import ErrorClass, OutsideError, UnreachableError
from steersman.model.observed import (
    FleetUnit,
    Instance,
    Machine,
    Operation,
    Probe,
    ProbeTarget,
    UnitOption,
    UnitState,
)
from steersman.model.ports import FleetRead, InstanceList
from steersman.model.unitfile import fleet_hash
from tests.simulation.network import Line, ReplyLostError, Write

PROBE_TIMEOUT_SECONDS = 3.0

T = TypeVar("T")


class ModelCompute:
    """The port Compute over the model: errors by the wire's codes, as the client classifies."""

    def __init__(self, cloud: Cloud, line: Line) -> None:
        self._cloud, self._line = cloud, line

    async def list_instances(self) -> InstanceList:
        found = await self._ask(lambda: self._cloud.compute.instances.listed())
        return InstanceList(tuple(map(_instance, found)))

    async def get_instance(self, zone: str, instance: str) -> Instance | None:
        return await self._found(
            lambda: _instance(self._cloud.compute.instances.get(zone, instance))
        )

    async def get_operation(self, zone: str, name: str) -> Operation | None:
        scope = f"zones/{zone}"
        return await self._found(
            lambda: _operation(self._cloud.compute.operations.get(scope, name))
        )

    async def insert_instance(
        self, zone: str, body: Mapping[str, Any], *, request_id: str, timeout_seconds: float
    ) -> Operation:
        del timeout_seconds
        write = Write("compute", "insert", body["name"], json.dumps({"zone": zone, **body}))
        instances = self._cloud.compute.instances
        return await self._change(write, lambda: instances.insert(zone, body, request_id))

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
        return await self._change(write, lambda: instances.delete(zone, instance, request_id))

    async def close(self) -> None:
        pass

    async def _act(self, verb: str, zone: str, instance: str, request_id: str) -> Operation:
        write, compute = self._named(verb, zone, instance), self._cloud.compute
        return await self._change(
            write, lambda: compute.act(verb, zone, instance, None, request_id)
        )

    def _named(self, verb: str, zone: str, reference: str) -> Write:
        """`value` is what was typed; `target` the name of whom it reaches."""
        found = self._cloud.compute.instances.by_id(reference)
        name = found.name if found else reference
        return Write("compute", verb, name, f"{zone}/{reference}")

    async def _change(self, write: Write, request: Callable[[], ModelOperation]) -> Operation:
        def change() -> ModelOperation:
            operation = request()
            if self._cloud.compute.loses_reply():
                raise ReplyLostError
            return operation

        return _operation(await self._ask(change, write))

    async def _found(self, read: Callable[[], T]) -> T | None:
        try:
            return await self._ask(read)
        except OutsideError as error:
            if error.code == "notFound":
                return None
            raise

    async def _ask(self, request: Callable[[], T], write: Write | None = None) -> T:
        def answer() -> T:
            self._cloud.tick()
            try:
                self._cloud.compute.admit()
                return request()
            except ComputeError as error:
                kind = classify(error.reason, error.status)
                unknown = write is not None and kind is ErrorClass.TRANSIENT
                applied = None if unknown else False
                raise OutsideError(kind, error.reason, error.message, applied=applied) from error

        return await self._line.carry(answer, write)


class ModelFleet:
    """The port Fleet over the model."""

    def __init__(self, cloud: Cloud, line: Line) -> None:
        self._cloud, self._line = cloud, line

    async def read(self) -> FleetRead:
        return await self._ask(lambda: _fleet_read(self._cloud.fleet))

    async def put_unit(
        self, name: str, options: tuple[UnitOption, ...], state: str, *, timeout_seconds: float
    ) -> None:
        del timeout_seconds
        body = tuple(Option(each.section, each.name, each.value) for each in options)
        value = json.dumps([[each.section, each.name, each.value] for each in options])
        write = Write("fleet", f"put {state}", name, value)
        await self._put(write, UnitBody(name=name, desired=state, options=body))

    async def set_state(self, name: str, state: str, *, timeout_seconds: float) -> None:
        del timeout_seconds
        write = Write("fleet", state, name)
        await self._put(write, UnitBody(name=name, desired=state, options=()))

    async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
        """A unit that is not there is as good as deleted."""
        del timeout_seconds
        await self._ask(lambda: self._delete(name), Write("fleet", "delete", name))

    async def close(self) -> None:
        pass

    def _delete(self, name: str) -> None:
        if self._cloud.fleet.unit(name) is not None:
            self._cloud.fleet.delete_unit(name)

    async def _put(self, write: Write, body: UnitBody) -> None:
        def put() -> None:
            try:
                self._cloud.fleet.put_unit(write.target, body)
            except FleetError as error:
                raise OutsideError(ErrorClass.INVALID, str(error.status), str(error)) from error

        await self._ask(put, write)

    async def _ask(self, request: Callable[[], T], write: Write | None = None) -> T:
        def answer() -> T:
            self._cloud.tick()
            if not self._cloud.fleet.available:
                raise UnreachableError("no machine of the fleet has registered", applied=False)
            return request()

        return await self._line.carry(answer, write)


class ModelElasticsearch:
    """The port Elasticsearch: the bodies that a node would send, through the client's parser."""

    def __init__(
        self,
        cloud: Cloud,
        now: Callable[[], datetime],
        line: Line,
        silent: Container[str] = frozenset(),
    ) -> None:
        """Packets to the addresses in `silent` get lost on the way."""
        self._cloud, self._now, self._line, self._silent = cloud, now, line, silent

    async def probe(self, target: ProbeTarget) -> Probe:
        at = self._now()
        if target.ip in self._silent:
            await asyncio.sleep(PROBE_TIMEOUT_SECONDS)
            return Probe(target, at, "unreachable")
        try:
            return await self._line.carry(lambda: self._seen(target, at))
        except OutsideError:
            return Probe(target, at, "unreachable")

    def _seen(self, target: ProbeTarget, at: datetime) -> Probe:
        self._cloud.tick()
        node = self._node(target)
        if node is None:
            return Probe(target, at, "refused" if self._machine_runs(target.ip) else "unreachable")
        about = views.root(node)
        model = self._cloud.elasticsearch
        state = views.state(model, node, ())
        local = views.nodes_info(model, node, ["_local"], ())
        health = views.health(model, node, timed_out=False)
        seen = Probe(target, at, "open", about["status"])
        return with_answers(seen, about, state, local, health)

    async def close(self) -> None:
        pass

    def _node(self, target: ProbeTarget) -> Node | None:
        live = self._cloud.elasticsearch.live()
        return next((each for each in live if each.spec.ip == target.ip), None)

    def _machine_runs(self, ip: str) -> bool:
        return any(each.ip == ip for each in self._cloud.compute.booted())


def _fleet_read(fleet: Fleet) -> FleetRead:
    machines = tuple(Machine(each.id, each.ip, each.metadata) for each in fleet.machines())
    units = tuple(
        FleetUnit(
            each.name,
            options := _options(each.options),
            fleet_hash(options),
            each.desired,
            each.current,
            each.machine_id,
        )
        for each in fleet.units()
    )
    states = tuple(
        UnitState(each.name, each.hash, each.machine_id, each.load, each.active, each.sub)
        for each in fleet.states()
    )
    return FleetRead(machines, units, states, fleet.version)


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
    )


def _operation(operation: ModelOperation) -> Operation:
    failure = operation.failure if operation.done else None
    error = operation_error(failure.code, failure.message) if failure else None
    zone = operation.scope.rpartition("/")[2]
    return Operation(operation.name, zone, operation.done, operation.target_id, error)


def _options(options: tuple[Option, ...]) -> tuple[UnitOption, ...]:
    return tuple(UnitOption(each.section, each.name, each.value) for each in options)
