"""The wiring of one operator: every part gets what it needs, and nothing else."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import getpid

from steersman.app.looking import Looking
from steersman.app.outside import Outside
from steersman.app.terms import first_world, silence_seconds
from steersman.engine import wants
from steersman.engine.acceptance.claims import HOME, UNIT
from steersman.engine.acceptance.reader import Reader
from steersman.engine.clerk import Clerk
from steersman.engine.controller import Controller, Parts, Task
from steersman.engine.decide import Rules
from steersman.engine.doubt.holds import HoldBook
from steersman.engine.heard import Heard
from steersman.engine.home.events import Recorder
from steersman.engine.home.fenced import FencedStore
from steersman.engine.home.records import Records
from steersman.engine.intake import Intake
from steersman.engine.keepalive import KeepAliver
from steersman.engine.keeper import Keeper
from steersman.engine.leader import Leader
from steersman.engine.queries import WorldQueries
from steersman.engine.reconcile import Effects, Reconciler
from steersman.engine.workqueue import WorkQueue
from steersman.informers.fleet_watch import FleetWatch
from steersman.informers.keys import KeysInformer
from steersman.kinds import KINDS
from steersman.model.kind import KeepAlive, Ports
from steersman.model.mirror import relisting
from steersman.model.ports import Clock, Fence, Random, Store
from steersman.model.queries import Queries
from steersman.model.resource import Key
from steersman.settings import Settings
from steersman.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Operator:
    """A daemon, wired and not yet started."""

    controller: Controller
    queries: Queries
    keeper: Keeper


def assemble(
    settings: Settings,
    outside: Outside,
    clock: Clock,
    random: Random,
    metrics: Metrics,
    servers: Callable[[Queries], Mapping[str, Task]] = lambda _queries: {},
) -> Operator:
    """Wire an operator. `servers` adds endless tasks that answer queries."""
    return _Assembly(settings, outside, clock, random, metrics).operator(servers)


class _Assembly:
    """The wiring, one part a method; parts that know each other meet through attributes here."""

    def __init__(
        self,
        settings: Settings,
        outside: Outside,
        clock: Clock,
        random: Random,
        metrics: Metrics,
    ) -> None:
        self._settings, self._outside = settings, outside
        self._clock, self._random, self._metrics = clock, random, metrics
        self._keys = outside.unit or outside.home
        self._heard = Heard(clock, silence_seconds(settings))
        self._queue: WorkQueue[Key] = WorkQueue(settings.room, metrics.queue)
        self._keeper = Keeper(first_world(settings, outside.unset), KINDS, self._queue.add)
        self._rules = Rules(KINDS, settings.actions_per_hour)
        self._records = Records(outside.home, self._fence, KINDS)
        identity = settings.identity or f"{socket.gethostname()}-{getpid()}"
        self._recorder = Recorder(outside.home, self._fence, identity, settings.events_kept)
        self._fenced_home = FencedStore(outside.home, self._fence)
        self._relist = relisting(clock, random, settings.relist_interval_seconds)
        self._intake = self._make_intake()
        self._looking = Looking(settings, outside, KINDS, self._keeper, self._heard, clock)
        self._controller: Controller | None = None
        self._leader = self._make_leader(identity) if settings.mode == "act" else None
        metrics.prepare(KINDS, settings.workers)

    def operator(self, servers: Callable[[Queries], Mapping[str, Task]]) -> Operator:
        queries = WorldQueries(
            self._keeper,
            self._rules,
            self._queue,
            self._outside.home,
            self._heard,
            self._sources(),
            self._metrics,
            self._clock,
            self._intake.suppose,
            self._leader,
        )
        self._controller = Controller(
            self._parts(servers(queries)),
            workers=self._settings.workers,
            resync_seconds=self._settings.resync_interval_seconds,
            stop_grace_seconds=self._settings.stop_grace_seconds,
        )
        return Operator(self._controller, queries, self._keeper)

    def _parts(self, servers: Mapping[str, Task]) -> Parts:
        return Parts(
            keeper=self._keeper,
            queue=self._queue,
            reconciler=self._make_reconciler(),
            intake=self._intake,
            clerk=self._make_clerk(),
            holds=HoldBook(self._fenced_home, self._keeper, self._recorder, self._clock),
            records=self._records,
            recorder=self._recorder,
            leader=self._leader,
            metrics=self._metrics,
            clock=self._clock,
            random=self._random,
            heard=self._heard,
            tasks={**self._source_tasks(), **servers},
        )

    def _source_tasks(self) -> Mapping[str, Task]:
        documents = {
            f"documents {role}": lambda role=role: self._intake.follow_documents(role)
            for role in self._stores()
        }
        informers = {
            f"informer {name}": rounds.run for name, rounds in self._looking.rounds.items()
        }
        role = UNIT if self._outside.unit else HOME
        keys = KeysInformer(
            self._keys,
            self._clock,
            self._looking.publish("keys"),
            self._heard,
            lambda prefix, seen: self._intake.rewinds.follow(role, prefix, seen),
            self._relist,
        )
        keeper = KeepAliver(self._keys, self._clock, self._keepalives, self._beaten)
        return {
            **documents,
            **informers,
            **self._fleet_watch(),
            "records": self._intake.follow_records,
            "statuses": self._intake.follow_statuses,
            "informer keys": keys.run,
            "keep-alives": keeper.run,
        }

    def _fleet_watch(self) -> Mapping[str, Task]:
        """fleet speaks only etcd's v2 API: its keys are in the unit store, or nowhere near."""
        if self._outside.unit is None or self._outside.fleet is None:
            return {}
        fleet = self._looking.rounds["fleet"]
        return {"watch fleet": FleetWatch(self._outside.unit, fleet.poke).run}

    def _stores(self) -> Mapping[str, Store]:
        unit = {UNIT: self._outside.unit} if self._outside.unit else {}
        return {HOME: self._outside.home, **unit}

    def _sources(self) -> tuple[str, ...]:
        return (*self._stores(), *self._looking.rounds, "keys")

    def _make_intake(self) -> Intake:
        return Intake(
            self._stores(),
            self._keeper,
            Reader(KINDS),
            self._records,
            self._recorder,
            self._clock,
            self._heard,
            self._vacant,
            self._relist,
        )

    def _make_clerk(self) -> Clerk:
        return Clerk(
            self._fenced_home, self._keeper, KINDS, self._recorder, self._clock, self._relist
        )

    def _make_leader(self, identity: str) -> Leader:
        return Leader(
            self._outside.home,
            self._clock,
            self._random,
            self._settings,
            identity,
            lambda: self._made_controller().begin_term(),
            lambda: self._made_controller().end_term(),
        )

    def _make_reconciler(self) -> Reconciler:
        ports = Ports(
            home=self._fenced_home,
            keys=self._keys,
            random=self._random,
            compute=self._outside.compute,
            fleet=self._outside.fleet,
        )
        effects = Effects(
            drivers={name: kind.driver(ports) for name, kind in KINDS.items()},
            records=self._records,
            recorder=self._recorder,
            metrics=self._metrics,
            allowance=self._leader.allowance if self._leader else lambda: None,
            poke=self._looking.poke,
            enter=self._queue.enter,
            accept_again=self._intake.again,
        )
        return Reconciler(self._keeper, self._rules, effects, self._clock, self._random)

    def _made_controller(self) -> Controller:
        assert self._controller is not None
        return self._controller

    def _vacant(self) -> None:
        if self._leader is not None:
            self._leader.vacant()

    def _fence(self) -> Fence | None:
        return self._leader.fence if self._leader else None

    def _keepalives(self) -> tuple[KeepAlive, ...]:
        if self._leader is None or not self._leader.keeps_beating:
            return ()
        found = wants.keepalives(self._keeper.world, KINDS, self._clock.now())
        self._keeper.blame(found.failed)
        return tuple(each for kept in found.said.values() for each in kept)

    def _beaten(self, result: str) -> None:
        self._metrics.keepalives.labels(result=result).inc()
