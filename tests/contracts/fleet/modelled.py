"""The fleet of the local cloud behind a socket, in a thread of its own and with a fast clock."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from math import inf
from random import Random
from typing import TypeVar

from aiohttp import web

from localcloud.clock import ScaledClock
from localcloud.fleet.model import Fleet
from localcloud.fleet.records import Timings
from localcloud.fleet.server import app
from localcloud.journal import Journal
from localcloud.seams import Machine, Option
from tests.contracts.fleet.machines import AGENT_TTL_SECONDS, NUMBERS, machine_id, metadata
from tests.localcloud.fleet.support import FakeHost

ANSWER_SECONDS = 30.0
T = TypeVar("T")
TIMINGS = Timings(
    respawn_seconds=2.0,
    agent_ttl_seconds=AGENT_TTL_SECONDS,
    machine_beat_seconds=AGENT_TTL_SECONDS / 2,
    machine_beat_patience_seconds=AGENT_TTL_SECONDS / 3,
    unit_beat_seconds=AGENT_TTL_SECONDS / 2,
)


class Host(FakeHost):
    """Runs everything for ever, but what is /bin/true."""

    fleet: Fleet

    def start(self, machine: Machine, unit: str, options: Sequence[Option]) -> bool:
        if Option("Service", "ExecStart", "/bin/true") not in options:
            return super().start(machine, unit, options)
        self.fleet.exited(machine.id, unit, 0)
        return True


class ModelMachines:
    """Its machines share one address, as in the local cloud: whoever serves answers."""

    speed = 20.0

    def __init__(self) -> None:
        self._host = Host()
        self._fleet = Fleet(ScaledClock(self.speed), Random(5), self._host, timings=TIMINGS)
        self._host.fleet = self._fleet
        self._up: set[int] = set()
        self._port: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def endpoints(self) -> str:
        return f"http://127.0.0.1:{self._port.result(ANSWER_SECONDS)}"

    def processes(self, unit: str) -> Mapping[int, str]:
        return self._do(lambda: self._processes(unit))

    def crash_unit(self, unit: str) -> None:
        self._do(lambda: self._fleet.mishaps.unit_crash(unit))

    def write_target_state(self, unit: str, word: str) -> None:
        self._do(lambda: self._fleet.mishaps.set_desired(unit, word))

    def boot(self, number: int) -> None:
        self._up.add(number)
        self._do(lambda: self._fleet.machine_up(_machine(number)))

    def crash(self, number: int) -> None:
        self._up.discard(number)
        self._do(lambda: self._lose(number))

    def stop_fleetd(self, number: int) -> None:
        self._do(lambda: self._fleet.mishaps.fleetd_stop(_machine(number).instance))

    def kill_fleetd(self, number: int) -> None:
        self._do(lambda: self._fleet.mishaps.fleetd_kill(_machine(number).instance))

    def part(self, number: int) -> None:
        self._do(lambda: self._fleet.mishaps.partition(_machine(number).instance, inf))

    def freeze_etcd(self) -> None:
        self._do(lambda: self._fleet.mishaps.freeze_etcd(inf))

    def mend(self) -> None:
        self._do(self._fleet.mishaps.clear)
        for number in set(NUMBERS) - self._up:
            self.boot(number)

    def close(self) -> None:
        self._do(self._stopping.set)
        self._thread.join(ANSWER_SECONDS)
        assert not self._thread.is_alive()

    def _processes(self, unit: str) -> Mapping[int, str]:
        self._fleet.tick()
        instances = {number: _machine(number).instance for number in NUMBERS}
        return {
            number: str(self._host.starts.count((instance, unit)))
            for number, instance in instances.items()
            if (instance, unit) in self._host.running
        }

    def _lose(self, number: int) -> None:
        machine = _machine(number)
        self._fleet.machine_down(machine.id)
        self._host.running = {each for each in self._host.running if each[0] != machine.instance}

    def _do(self, act: Callable[[], T]) -> T:
        """In the thread of the server: the model is not for several."""

        async def do() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(do(), self._loop).result(ANSWER_SECONDS)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._run())

    async def _run(self) -> None:
        runner = web.AppRunner(app(self._fleet, Journal()))
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self._port.set_result(int(runner.addresses[0][1]))
            await self._stopping.wait()
        finally:
            await runner.cleanup()


def _machine(number: int) -> Machine:
    instance, ip = f"m{number}", f"127.97.0.{number}"
    return Machine(machine_id(number), ip, instance, dict(metadata(number)))
