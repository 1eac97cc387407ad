"""A town for daemons: one home store, one hall of lamps, one virtual clock; and the daemons."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from localcloud.etcd.model import EtcdModel
from localcloud.etcd.records import Event
from steersman.engine import wants
from steersman.engine.acceptance.reader import Reader
from steersman.engine.clerk import Clerk
from steersman.engine.controller import Controller, Parts
from steersman.engine.decide import Rules
from steersman.engine.doubt.holds import HoldBook
from steersman.engine.heard import Heard
from steersman.engine.home.events import EVENTS, Recorder
from steersman.engine.home.fenced import FencedStore
from steersman.engine.home.records import Records
from steersman.engine.intake import Intake
from steersman.engine.keeper import Keeper
from steersman.engine.leader import LEADER_KEY, Leader
from steersman.engine.queries import WorldQueries
from steersman.engine.reconcile import Effects, Reconciler
from steersman.engine.workqueue import WorkQueue
from steersman.informers.compute import ComputeInformer
from steersman.informers.rounds import Rounds
from steersman.model.kind import Ports
from steersman.model.mirror import relisting
from steersman.model.observed import ComputeSnapshot
from steersman.model.ports import Fence
from steersman.model.resource import Key
from steersman.model.world import World
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics
from tests.engine.hall import Hall
from tests.engine.toy import KINDS
from tests.simulation.adapters_store import ModelStore
from tests.simulation.network import Line, Way
from tests.support.virtual import START, LoopClock

OWNER = "tests"
STORE_LATENCY_SECONDS = 0.01
POLL_SECONDS = 0.02
PATIENCE_SECONDS = 120.0


class ModelClock:
    """The clock of the model of etcd: epoch seconds."""

    def __init__(self, clock: LoopClock) -> None:
        self._clock = clock

    def now(self) -> float:
        return START.timestamp() + self._clock.monotonic()


class Town:
    """Everything outside of the daemons."""

    def __init__(self) -> None:
        self.clock = LoopClock(asyncio.get_running_loop())
        self._model_clock = ModelClock(self.clock)
        self.etcd = EtcdModel(self._model_clock)
        self.hall = Hall(self.clock)

    def store(self, way: Way | None = None) -> ModelStore:
        line = Line("anybody", "etcd", way or Way(STORE_LATENCY_SECONDS))
        return ModelStore(self.etcd, self._model_clock, line=line)

    def desire(self, name: str, kind: str = "lamp", **spec: Any) -> None:
        """Somebody puts a document."""
        self.etcd.put(f"/desired/{kind}/{name}", json.dumps({"spec": spec}).encode())

    def json(self, key: str) -> Any:
        """The value of a key; None where there is none."""
        entry = self.etcd.get(key)
        return json.loads(entry.value) if entry else None

    def keys(self, prefix: str) -> list[str]:
        return [entry.key for entry in self.etcd.under(prefix)[1]]

    def events(self, action: str | None = None) -> list[Any]:
        found = [json.loads(entry.value) for entry in self.etcd.under(EVENTS)[1]]
        return [each for each in found if action in (None, each["action"])]

    def ready(self, name: str) -> bool:
        status = self.json(f"/status/lamp/{name}")
        return bool(status) and any(
            (each["type"], each["status"]) == ("Ready", "True") for each in status["conditions"]
        )

    def leader(self) -> str | None:
        held = self.json(LEADER_KEY)
        return str(held["identity"]) if held else None

    def usurp(self) -> None:
        """Another daemon leads now, whoever did before."""
        held = self.etcd.get(LEADER_KEY)
        if held is not None:
            self.etcd.delete(LEADER_KEY, held.modified)
        self.etcd.create(LEADER_KEY, json.dumps({"identity": "another"}).encode())

    def writes_after(self, revision: int) -> list[Event]:
        """What was written into home."""
        return self.etcd.changes("/", revision)[1]

    async def until(
        self, condition: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS
    ) -> None:
        """TimeoutError: it did not come true."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - polling costs nothing in virtual time
                await asyncio.sleep(POLL_SECONDS)


class Daemon:
    """An operator of lamps, wired as the real one is."""

    def __init__(self, town: Town, identity: str = "one", **changes: Any) -> None:
        settings = Settings(owner=OWNER, **changes)
        self.way = Way(STORE_LATENCY_SECONDS)  # to home
        self._clock, self._home = town.clock, town.store(self.way)
        self._metrics = Metrics()
        stale_seconds = 3 * settings.compute_interval_seconds
        silence = {"home": settings.store_silence_seconds, "compute": stale_seconds}
        self.heard = Heard(town.clock, silence)
        self.queue: WorkQueue[Key] = WorkQueue(settings.room, self._metrics.queue)
        stale_after = {"compute": timedelta(seconds=stale_seconds)}
        world = World(owner=OWNER, mode=settings.mode, stale_after=stale_after)
        self.keeper = Keeper(world, KINDS, self.queue.add)
        self._rules = Rules(KINDS, settings.actions_per_hour)
        self.records = Records(self._home, self.fence, KINDS)
        self.recorder = Recorder(self._home, self.fence, identity, settings.events_kept)
        self._relist = relisting(
            town.clock, random.Random(identity), settings.relist_interval_seconds
        )
        self.intake = Intake(
            {"home": self._home},
            self.keeper,
            Reader(KINDS),
            self.records,
            self.recorder,
            self._clock,
            self.heard,
            lambda: self.leader.vacant() if self.leader else None,
            self._relist,
        )
        self._rounds = self._make_rounds(town.hall, settings)
        self.leader = self._make_leader(settings, identity) if settings.mode == "act" else None
        self.controller = self._make_controller(town.hall, settings, identity)
        self.stop = asyncio.Event()

    @property
    def world(self) -> World:
        return self.keeper.world

    def fence(self) -> Fence | None:
        return self.leader.fence if self.leader else None

    def queries(self) -> WorldQueries:
        return WorldQueries(
            self.keeper,
            self._rules,
            self.queue,
            self._home,
            self.heard,
            ("home", "compute"),
            self._metrics,
            self._clock,
            self.intake.suppose,
            self.leader,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        """Until the block ends, when it is killed unless it ended by itself before."""
        task = asyncio.create_task(self.controller.run(self.stop), name="daemon")
        try:
            yield task
        finally:
            await self.kill(task)

    async def kill(self, task: "asyncio.Task[None]") -> None:
        """Like kill -9: nothing is tidied up."""
        task.cancel()
        await asyncio.wait([task])

    def _make_rounds(self, hall: Hall, settings: Settings) -> Rounds:
        def publish(snapshot: ComputeSnapshot) -> None:
            self.keeper.observe("compute", snapshot, self._clock.now())

        def interval() -> float:
            if wants.awaited(self.world, "compute"):
                return settings.pending_interval_seconds
            return settings.compute_interval_seconds

        informer = ComputeInformer(
            hall, self._clock, lambda: wants.awaited_operations(self.world), publish
        )
        return Rounds("compute", informer.read, interval, self.heard)

    def _make_leader(self, settings: Settings, identity: str) -> Leader:
        return Leader(
            self._home,
            self._clock,
            random.Random(identity),
            settings,
            identity,
            lambda: self.controller.begin_term(),
            lambda: self.controller.end_term(),
        )

    def _make_reconciler(self, hall: Hall, seed: str) -> Reconciler:
        ports = Ports(self._home, self._home, random.Random(seed), compute=hall)
        effects = Effects(
            drivers={name: kind.driver(ports) for name, kind in KINDS.items()},
            records=self.records,
            recorder=self.recorder,
            metrics=self._metrics,
            allowance=self.leader.allowance if self.leader else lambda: None,
            poke=lambda _system: self._rounds.poke(),
            enter=self.queue.enter,
            accept_again=self.intake.again,
        )
        return Reconciler(self.keeper, self._rules, effects, self._clock, ports.random)

    def _make_controller(self, hall: Hall, settings: Settings, seed: str) -> Controller:
        tasks: Mapping[str, Any] = {
            "documents home": lambda: self.intake.follow_documents("home"),
            "records": self.intake.follow_records,
            "statuses": self.intake.follow_statuses,
            "informer compute": self._rounds.run,
        }
        fenced = FencedStore(self._home, self.fence)
        parts = Parts(
            keeper=self.keeper,
            queue=self.queue,
            reconciler=self._make_reconciler(hall, seed),
            intake=self.intake,
            clerk=Clerk(fenced, self.keeper, KINDS, self.recorder, self._clock, self._relist),
            holds=HoldBook(fenced, self.keeper, self.recorder, self._clock),
            records=self.records,
            recorder=self.recorder,
            leader=self.leader,
            metrics=self._metrics,
            clock=self._clock,
            random=random.Random(seed),
            heard=self.heard,
            tasks=tasks,
        )
        return Controller(
            parts,
            workers=settings.workers,
            resync_seconds=settings.resync_interval_seconds,
            stop_grace_seconds=settings.stop_grace_seconds,
        )
