"""The stage of a simulation: the models on one virtual clock, the network, and the daemons."""

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from ipaddress import IPv4Network

from localcloud.cloud import FLEET_VERSION, Cloud
from localcloud.etcd.keys import ModelKeys
from localcloud.etcd.model import EtcdModel
from localcloud.seams import UnreachableError
from steersman.app import Operator, Outside, assemble
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics
from tests.simulation.adapters_compute import ModelCompute
from tests.simulation.adapters_elasticsearch import ModelElasticsearch
from tests.simulation.adapters_fleet import ModelFleet
from tests.simulation.adapters_store import ModelStore
from tests.simulation.freezing import FreezingLoop, Frost
from tests.simulation.network import Line, Way, Witness, Write
from tests.support.virtual import LoopClock

OWNER = "simulation"
NETWORK = IPv4Network("127.20.0.0/16")
LATENCY_SECONDS = {
    "home": 0.002,
    "unit": 0.002,
    "compute": 0.05,
    "fleet": 0.05,
    "elasticsearch": 0.05,
}
TURN_SECONDS = 1.0  # at least so often the cloud moves on
INTENTS = "/steersman/intents/"
DEATH_SECONDS = 60.0  # a dead daemon's tasks are gone by then, or they cannot be cancelled


class EpochClock:
    """localcloud's clock on the same virtual time."""

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class MachineKeys(ModelKeys):
    """What the machines read and write of the unit store, while they reach it."""

    cuts = 0

    def get(self, key: str) -> str | None:
        self._reach()
        return super().get(key)

    def leaves(self, directory: str) -> list[str] | None:
        self._reach()
        return super().leaves(directory)

    def put(self, key: str, value: str, ttl_seconds: float | None = None) -> None:
        self._reach()
        super().put(key, value, ttl_seconds)

    def remove(self, key: str) -> bool:
        self._reach()
        return super().remove(key)

    def _reach(self) -> None:
        if self.cuts:
            raise UnreachableError


class Daemon:
    """One daemon: its ways to the systems, its life, and what ends that."""

    def __init__(self, name: str, stage: "Stage") -> None:
        self.name = name
        self.ways = {system: Way(seconds) for system, seconds in LATENCY_SECONDS.items()}
        self.operator: Operator | None = None
        self._stage = stage
        self._lines: tuple[Line, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._doom: _Doom | None = None
        self._frost = Frost()
        self._suspension = 0.0
        self._retired = False

    @property
    def alive(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def frozen(self) -> bool:
        return self._frost.frozen

    def start(self) -> None:
        """Does nothing while it lives, nor once the story is over."""
        if self.alive or self._retired:
            return
        self._stop, self._doom, self._frost = asyncio.Event(), None, Frost()
        self.operator = self._stage.operator(self)
        self._task = asyncio.create_task(
            self.operator.controller.run(self._stop), name=self.name, context=self._frost.context()
        )

    def start_again(self) -> None:
        """A supervisor does: once it is dead, and not before."""
        if self._task is None:
            self.start()
        else:
            self._task.add_done_callback(lambda _task: self.start())

    def ask_to_stop(self) -> None:
        """As SIGTERM."""
        self._stop.set()

    async def stop(self) -> None:
        """As SIGTERM, until it is gone. Raises what it ended with, if not in good order."""
        self.ask_to_stop()
        await self.gone()
        if self.failure:
            raise self.failure

    @property
    def failure(self) -> BaseException | None:
        """What it ended with by itself."""
        task = self._task
        ended = task is not None and task.done() and not task.cancelled()
        return task.exception() if task is not None and ended else None

    async def kill(self) -> None:
        """As SIGKILL."""
        self.die()
        await self.gone()

    async def retire(self) -> None:
        """It dies, and nobody starts it again."""
        self._retired = True
        await self.kill()

    def die(self) -> None:
        """The world ends for it first, so that whatever it still does has no effect."""
        for line in self._lines:
            line.severed = True
        self._frost.thaw()
        if self._task is not None:
            self._task.cancel()

    async def gone(self) -> None:
        if self._task is not None:
            _, pending = await asyncio.wait({self._task}, timeout=DEATH_SECONDS)
            assert not pending, f"{self.name} cannot be cancelled"

    def doom(self, calls: int, *, writes: bool, delivered: bool) -> None:
        """It dies at its n-th call from now, or n-th write: as that leaves, or just before."""
        prefix = "" if writes else None
        self._doom = _Doom(calls, prefix, lambda: _soon(self.die) if delivered else self.die())

    def freeze_at_step(self) -> None:
        """As SIGSTOP, when its next intent has left."""
        self._doom = _Doom(1, INTENTS, strike=lambda: _soon(self._freeze))

    def suspend_at_step(self, seconds: float) -> None:
        """Its host stands still for so long, when its next intent has been answered: between two
        lines of code, so that nothing of it can time out."""
        self._suspension = seconds

    def thaw(self) -> None:
        """As SIGCONT."""
        self._doom, self._suspension = None, 0.0
        self._frost.thaw()

    def spare(self) -> None:
        """It will not die after all; one that is dead comes back."""
        self.thaw()
        self.start()

    def line(self, system: str) -> Line:
        """Of this life: the one before has lines of its own, for ever severed."""
        way, witnesses = self.ways[system], self._stage.witnesses
        line = Line(self.name, system, way, witnesses, self._sends, self._answered)
        self._lines = (*self._lines, line)
        return line

    def _freeze(self) -> None:
        self._frost.frozen = True

    def _answered(self, write: Write) -> None:
        loop = asyncio.get_running_loop()
        if self._suspension and write.target.startswith(INTENTS) and isinstance(loop, FreezingLoop):
            seconds, self._suspension = self._suspension, 0.0
            loop.skip(seconds)

    def _sends(self, write: Write | None) -> None:
        doom = self._doom
        if doom is None or not doom.counts(write):
            return
        doom.calls -= 1
        if doom.calls == 0:
            self._doom = None
            doom.strike()


@dataclass(slots=True)
class _Doom:
    """What strikes a daemon at one of its next calls: of all, or of those that change something
    under a prefix."""

    calls: int
    prefix: str | None
    strike: Callable[[], None]

    def counts(self, write: Write | None) -> bool:
        if self.prefix is None or write is None:
            return self.prefix is None
        return write.action != "refresh" and write.target.startswith(self.prefix)


def _soon(strike: Callable[[], None]) -> None:
    """When what runs now has sent its call, and waits."""
    asyncio.get_running_loop().call_soon(strike, context=Context())


class Stage:
    """Everything but the story. `witnesses` see every request of every daemon."""

    def __init__(
        self,
        seed: int,
        names: tuple[str, ...],
        witnesses: tuple[Witness, ...],
        fleet_version: str = FLEET_VERSION,
    ) -> None:
        self.clock = LoopClock(asyncio.get_running_loop())
        self.epoch = EpochClock(self.clock)
        self.random = random.Random(seed)
        self.home, self.unit = EtcdModel(self.epoch), EtcdModel(self.epoch)
        self.machine_keys = MachineKeys(self.unit)
        self.cloud = Cloud(self.epoch, seed, NETWORK, self.machine_keys, fleet_version)
        self.witnesses = witnesses
        self.looks: list[Callable[[], None]] = []  # called after every turn of the cloud
        self.silent: set[str] = set()  # addresses whose probes get lost
        self.removed_by_hand: set[str] = set()  # addresses whose registration a person removed
        self.approved: dict[str, float] = {}  # when a person approved a step on a target last
        self.was_rewound = False  # ever
        self.rewound_at: float | None = None  # when a backup of home came back, until acknowledged
        self.daemons: Mapping[str, Daemon] = {name: Daemon(name, self) for name in names}

    def operator(self, daemon: Daemon) -> Operator:
        elasticsearch = ModelElasticsearch(
            self.cloud, self.clock.now, daemon.line("elasticsearch"), self.silent
        )
        outside = Outside(
            home=ModelStore(self.home, self.epoch, line=daemon.line("home")),
            unit=ModelStore(self.unit, self.epoch, line=daemon.line("unit")),
            compute=ModelCompute(self.cloud, daemon.line("compute")),
            fleet=ModelFleet(self.cloud, daemon.line("fleet")),
            elasticsearch=elasticsearch,
        )
        settings = Settings(owner=OWNER, identity=daemon.name)
        draws = random.Random(self.random.getrandbits(32))
        return assemble(settings, outside, self.clock, draws, Metrics())

    def turn(self) -> float:
        """Let what is due happen in the cloud. How long nothing else will."""
        self.cloud.tick()
        for look in self.looks:
            look()
        due = self.cloud.next_due()
        wait = TURN_SECONDS if due is None else due - self.epoch.now()
        return min(max(wait, 0.001), TURN_SECONDS)

    async def turn_for_ever(self) -> None:
        while True:
            wait = self.turn()
            await asyncio.sleep(wait)

    @contextmanager
    def turning(self) -> Iterator[None]:
        task = asyncio.create_task(self.turn_for_ever(), name="cloud")
        try:
            yield
        finally:
            task.cancel()
