"""localcloud's fleet behind the port: no socket, no thread."""

import json
from collections.abc import Callable
from typing import TypeVar

from localcloud.cloud import Cloud
from localcloud.fleet.model import Fleet
from localcloud.fleet.records import ApiError as FleetError
from localcloud.fleet.records import UnitBody
from localcloud.seams import Option
from steersman.clients.fleet.wire import failure
from steersman.clients.http import Answer
from steersman.model.errors import CorruptUnitError, ErrorClass, OutsideError, UnreachableError
from steersman.model.observed import FleetUnit, Machine, UnitOption, UnitState
from steersman.model.ports import FleetRead
from steersman.model.unitfile import fleet_hash
from tests.simulation.network import Line, Write

T = TypeVar("T")


class ModelFleet:
    """The port Fleet over the model."""

    def __init__(self, cloud: Cloud, line: Line) -> None:
        self._cloud, self._line = cloud, line

    async def read(self) -> FleetRead:
        return await self._ask(lambda: _fleet_read(self._cloud.fleet))

    async def create_unit(
        self, name: str, options: tuple[UnitOption, ...], *, timeout_seconds: float
    ) -> None:
        await self._ask(lambda: self._vacant(name))
        await self.put_unit(name, options, "inactive", timeout_seconds=timeout_seconds)

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

    def _vacant(self, name: str) -> None:
        try:
            taken = self._cloud.fleet.unit(name) is not None
        except FleetError as error:
            raise CorruptUnitError(name) from error
        if taken:
            raise OutsideError(ErrorClass.CONFLICT, "exists", f"{name} is there")

    def _delete(self, name: str) -> None:
        if self._cloud.fleet.unit(name) is not None:
            self._cloud.fleet.delete_unit(name)

    async def _put(self, write: Write, body: UnitBody) -> None:
        await self._ask(lambda: self._cloud.fleet.put_unit(write.target, body), write)

    async def _ask(self, request: Callable[[], T], write: Write | None = None) -> T:
        """What fleet refuses is told in the words of the client."""

        def answer() -> T:
            self._cloud.tick()
            if not self._cloud.fleet.available:
                raise UnreachableError("no machine of the fleet has registered", applied=False)
            try:
                self._cloud.fleet.reach()
                return request()
            except FleetError as error:
                doing = str(write or "reading")
                refused = Answer(error.status, str(error).encode())
                raise failure(refused, doing, write=write is not None) from error

        return await self._line.carry(answer, write)


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


def _options(options: tuple[Option, ...]) -> tuple[UnitOption, ...]:
    return tuple(UnitOption(each.section, each.name, each.value) for each in options)
