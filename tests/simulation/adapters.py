"""localcloud's models behind steersman's ports, on any event loop: no socket, no thread."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from localcloud.cloud import Cloud
from localcloud.compute.errors import ApiError as ComputeError
from localcloud.compute.resources import Instance as ModelInstance
from localcloud.compute.resources import Operation as ModelOperation
from localcloud.elasticsearch import views
from localcloud.elasticsearch.node import Node
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
from tests.simulation.journal import Journal, Write

LATENCY_SECONDS = 0.05

T = TypeVar("T")


class ModelCompute:
    """The port Compute over the model: errors by the wire's codes, as the client classifies."""

    def __init__(self, cloud: Cloud, journal: Journal) -> None:
        self._cloud, self._journal = cloud, journal

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
        instances = self._cloud.compute.instances
        return await self._write("insert", lambda: instances.insert(zone, body, request_id))

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
        instances = self._cloud.compute.instances
        return await self._write("delete", lambda: instances.delete(zone, instance, request_id))

    async def close(self) -> None:
        pass

    async def _act(self, verb: str, zone: str, instance: str, request_id: str) -> Operation:
        compute = self._cloud.compute
        return await self._write(verb, lambda: compute.act(verb, zone, instance, None, request_id))

    async def _write(self, verb: str, write: Callable[[], ModelOperation]) -> Operation:
        operation = await self._ask(write, write_verb=verb)
        self._journal.record(Write("compute", verb, operation.target.rpartition("/")[2]))
        if self._cloud.compute.loses_reply():
            raise UnreachableError("the reply got lost")
        return _operation(operation)

    async def _found(self, read: Callable[[], T]) -> T | None:
        try:
            return await self._ask(read)
        except OutsideError as error:
            if error.code == "notFound":
                return None
            raise

    async def _ask(self, request: Callable[[], T], write_verb: str = "") -> T:
        await asyncio.sleep(LATENCY_SECONDS)
        self._cloud.tick()
        try:
            self._cloud.compute.admit()
            return request()
        except ComputeError as error:
            kind = classify(error.reason, error.status)
            unknown = write_verb and kind is ErrorClass.TRANSIENT
            applied = None if unknown else False
            raise OutsideError(kind, error.reason, error.message, applied=applied) from error


class ModelFleet:
    """The port Fleet over the model."""

    def __init__(self, cloud: Cloud, journal: Journal) -> None:
        self._cloud, self._journal = cloud, journal

    async def read(self) -> FleetRead:
        await self._arrive()
        fleet = self._cloud.fleet
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

    async def put_unit(
        self, name: str, options: tuple[UnitOption, ...], state: str, *, timeout_seconds: float
    ) -> None:
        del timeout_seconds
        body = tuple(Option(each.section, each.name, each.value) for each in options)
        await self._put(name, UnitBody(name=name, desired=state, options=body), f"put {state}")

    async def set_state(self, name: str, state: str, *, timeout_seconds: float) -> None:
        del timeout_seconds
        await self._put(name, UnitBody(name=name, desired=state, options=()), state)

    async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
        del timeout_seconds
        await self._arrive()
        self._cloud.fleet.delete_unit(name)
        self._journal.record(Write("fleet", "delete", name))

    async def close(self) -> None:
        pass

    async def _put(self, name: str, body: UnitBody, action: str) -> None:
        await self._arrive()
        try:
            self._cloud.fleet.put_unit(name, body)
        except FleetError as error:
            raise OutsideError(ErrorClass.INVALID, str(error.status), str(error)) from error
        self._journal.record(Write("fleet", action, name))

    async def _arrive(self) -> None:
        await asyncio.sleep(LATENCY_SECONDS)
        self._cloud.tick()
        if not self._cloud.fleet.available:
            raise UnreachableError("no machine of the fleet has registered", applied=False)


class ModelElasticsearch:
    """The port Elasticsearch: the bodies that a node would send, through the client's parser."""

    def __init__(self, cloud: Cloud, now: Callable[[], datetime]) -> None:
        self._cloud, self._now = cloud, now

    async def probe(self, target: ProbeTarget) -> Probe:
        at = self._now()
        await asyncio.sleep(LATENCY_SECONDS)
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
