"""What tests of the contract ask the three machines, and how they wait for the answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from steersman.clients.fleet import FleetClient
from steersman.clients.http import Http
from steersman.model.errors import OutsideError
from steersman.model.observed import FleetUnit
from steersman.model.ports import DesiredState, FleetRead
from steersman.model.unitfile import parse
from tests.contracts.fleet.machines import NUMBERS, Machines, machine_id

ANSWER_SECONDS = 30.0  # fleetd waits for etcd a second for each key that it reads
SETTLED_SECONDS = 150.0  # for a real fleet on a busy machine
STEADY_SECONDS = 3.0  # the engine and the publishers of states have looked since
LOOK_SECONDS = 0.3  # of their time
BODY_BYTES_MAX = 1024 * 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    status: int
    body: Any  # None where there is none


class Cluster:
    def __init__(self, machines: Machines) -> None:
        self.machines = machines

    # questions

    def read(self) -> FleetRead:
        return self._client(lambda client: client.read())

    def unit(self, name: str) -> FleetUnit | None:
        return next((each for each in self.read().units if each.name == name), None)

    def current(self, name: str) -> str | None:
        unit = self.unit(name)
        return unit.current_state if unit else None

    def home(self, name: str) -> int | None:
        """The number of the machine that fleet chose."""
        unit = self.unit(name)
        return _number(unit.machine_id) if unit and unit.machine_id else None

    def states(self, name: str) -> dict[int, str]:
        """What machines say of it: `active/running`."""
        found = (each for each in self.read().states if each.name == name)
        return {_number(each.machine_id): f"{each.active}/{each.sub}" for each in found}

    def up(self) -> set[int]:
        return {_number(each.id) for each in self.read().machines}

    def process(self, name: str) -> str | None:
        """Of a unit that runs on one machine; None: it does not run."""
        (process,) = self.processes(name).values() or [None]
        return process

    def processes(self, name: str) -> Mapping[int, str]:
        return self.machines.processes(name)

    def ask(self, method: str, path: str, body: object = None, number: int = 1) -> Said:
        """One fleetd, what the client never asks."""
        return asyncio.run(self._ask(method, path, body, number))

    # changes

    def put(self, name: str, text: str, state: DesiredState = "launched") -> None:
        options = parse(text)
        self._client(
            lambda client: client.put_unit(name, options, state, timeout_seconds=ANSWER_SECONDS)
        )

    def set_state(self, name: str, state: DesiredState) -> None:
        self._client(lambda client: client.set_state(name, state, timeout_seconds=ANSWER_SECONDS))

    def delete(self, name: str) -> None:
        self._client(lambda client: client.delete_unit(name, timeout_seconds=ANSWER_SECONDS))

    def launch(self, name: str, text: str) -> str:
        """Its process, as soon as fleet says that it runs."""
        self.put(name, text)
        self.until(lambda: self.running(name))
        process = self.process(name)
        assert process is not None
        return process

    def restarted(self, name: str, before: str) -> bool:
        return self.running(name) and self.process(name) not in (None, before)

    def running(self, name: str) -> bool:
        told = self.states(name)
        return self.current(name) == "launched" and list(told.values()) == ["active/running"]

    def repair(self) -> None:
        """Three machines with nothing on them, whatever the test before has done."""
        self.machines.mend()
        self.until(lambda: self.up() == set(NUMBERS))
        for unit in self.read().units:
            self.delete(unit.name)
        self.until(lambda: not self.read().units and not self.read().states)

    # waiting

    def until(self, condition: Callable[[], bool], seconds: float = SETTLED_SECONDS) -> None:
        """Fails when the condition has not come true in time; who does not answer has not
        made it true."""
        deadline = time.monotonic() + seconds
        while not _true(condition):
            assert time.monotonic() < deadline, condition
            time.sleep(LOOK_SECONDS / self.machines.speed)

    def stays(self, condition: Callable[[], bool]) -> None:
        """For long enough that somebody would have changed it."""
        deadline = time.monotonic() + STEADY_SECONDS / self.machines.speed
        while time.monotonic() < deadline:
            assert condition()
            time.sleep(LOOK_SECONDS / self.machines.speed)

    def _client(self, act: Callable[[FleetClient], Awaitable[T]]) -> T:
        async def ask() -> T:
            client = FleetClient(self.machines.endpoints, read_timeout_seconds=ANSWER_SECONDS)
            try:
                return await act(client)
            finally:
                await client.close()

        return asyncio.run(ask())

    async def _ask(self, method: str, path: str, body: object, number: int) -> Said:
        endpoints = self.machines.endpoints.split(",")
        scheme, _, rest = endpoints[(number - 1) % len(endpoints)].partition("://")
        socket = rest if scheme == "unix" else None
        base = "http://fleet" if socket else f"http://{rest}"
        http = Http("fleet", body_bytes_max=BODY_BYTES_MAX, socket_path=socket)
        try:
            answer = await http.request(
                method, f"{base}/fleet/v1{path}", timeout_seconds=ANSWER_SECONDS, body=body
            )
            return Said(answer.status, answer.object() if answer.body else None)
        finally:
            await http.close()


def _number(id_: str) -> int:
    return next(number for number in NUMBERS if machine_id(number) == id_)


def _true(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except (OutsideError, OSError):
        return False
