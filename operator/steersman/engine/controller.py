"""The controller: starts every task of the engine in one group, and stops them in order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn

import structlog

from steersman.engine.clerk import Clerk
from steersman.engine.doubt.holds import HoldBook
from steersman.engine.heard import PASSES
from steersman.engine.home import events
from steersman.engine.home.events import Recorder
from steersman.engine.home.records import Recorded, Records, readable
from steersman.engine.intake import Intake
from steersman.engine.keeper import Keeper
from steersman.engine.leader import Leader
from steersman.engine.reconcile import Reconciler
from steersman.engine.retries import Retries
from steersman.engine.workqueue import WorkQueue
from steersman.model.errors import SteersmanError
from steersman.model.hearing import Hears
from steersman.model.ports import Clock, Random
from steersman.model.resource import Key
from steersman.telemetry.metrics import Metrics

log = structlog.get_logger()

Task = Callable[[], Awaitable[None]]


class StoppedError(SteersmanError):
    """Somebody asked us to stop: how the task group ends in the ordinary case."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the controller runs. `tasks` are endless: sources, informers, servers."""

    keeper: Keeper
    queue: WorkQueue[Key]
    reconciler: Reconciler
    intake: Intake
    clerk: Clerk
    holds: HoldBook
    records: Records
    recorder: Recorder
    leader: Leader | None  # None in mode observe
    metrics: Metrics
    clock: Clock
    random: Random
    heard: Hears  # told when a pass begins
    tasks: Mapping[str, Task]


class Controller:
    def __init__(
        self, parts: Parts, *, workers: int, resync_seconds: float, stop_grace_seconds: float
    ) -> None:
        self._parts = parts
        self._workers = workers
        self._resync_seconds = resync_seconds
        self._stop_grace_seconds = stop_grace_seconds
        self._retries = Retries(
            parts.keeper, parts.records, parts.recorder, parts.queue, parts.clock, parts.random
        )
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set, or a task ends: that is an error, and is raised."""
        try:
            async with asyncio.TaskGroup() as group:
                for name, task in self._tasks().items():
                    group.create_task(self._endless(name, task), name=name)
                await self._until(stop)
        except* StoppedError:
            log.info("stopped")

    async def begin_term(self) -> None:
        """The lease is ours: take over what home knows, then let steps run."""
        parts = self._parts
        known = await parts.records.load()
        written = await parts.records.statuses()
        executed = await parts.recorder.load(parts.clock.now())
        parts.keeper.ledger = replace(parts.keeper.ledger, executed=executed)
        parts.keeper.take_over(
            memory=known.memory,
            pending=known.pending,
            bootstraps=known.bootstraps,
            unreadable=known.unreadable,
            statuses=readable(written),
        )
        self._retries.resume()
        await parts.clerk.begin()
        await parts.holds.begin()
        await parts.intake.begin(known, written)
        self._tell_unreadable(known)
        parts.keeper.lead(leading=True)
        parts.metrics.leading.set(1)

    def _tell_unreadable(self, known: Recorded) -> None:
        now, recorder = self._parts.clock.now(), self._parts.recorder
        told = [events.unreadable(path, why, now) for path, why in known.unreadable.items()]
        for event in events.bounded(told):
            recorder.record(event)

    def end_term(self) -> None:
        """No step starts from here on."""
        self._parts.keeper.lead(leading=False)
        self._parts.metrics.leading.set(0)

    def _tasks(self) -> Mapping[str, Task]:
        workers = {f"worker {number}": self._work for number in range(self._workers)}
        leader = {"leader": self._parts.leader.run} if self._parts.leader else {}
        engine = {
            "intake": self._parts.intake.run,
            "requests": self._parts.clerk.follow,
            "clerk": self._parts.clerk.run,
            "holds": self._parts.holds.run,
            "events": self._parts.recorder.run,
            "resync": self._resync,
        }
        return {**self._parts.tasks, **engine, **leader, **workers}

    async def _endless(self, name: str, task: Task) -> None:
        await task()
        msg = f"{name} ended by itself"
        raise RuntimeError(msg)

    async def _until(self, stop: asyncio.Event) -> NoReturn:
        """Ends the task group around it in the only ordinary way: by an error."""
        await stop.wait()
        await self._stop()
        raise StoppedError("asked to stop")

    async def _stop(self) -> None:
        """Start nothing more, join the calls under way, write what is to be told, give the lease
        back. Whatever takes longer than the grace is left to the next daemon."""
        self._stopping = True
        self._parts.queue.close()
        try:
            async with asyncio.timeout(self._stop_grace_seconds):
                await self._idle.wait()
                await self._parts.recorder.flush()
        except (TimeoutError, SteersmanError) as error:
            told = str(error) or f"not done within {self._stop_grace_seconds:g} s"
            log.warning("stopping with work left", error=told)
        if self._parts.leader is not None:
            await self._parts.leader.resign()

    async def _resync(self) -> None:
        while True:
            await asyncio.sleep(self._resync_seconds)
            self._parts.keeper.wake_all()

    async def _work(self) -> None:
        while True:
            key = await self._parts.queue.get()
            try:
                if not self._stopping and not self._parts.keeper.world.taking_over:
                    await self._pass(key)
            finally:
                self._parts.queue.done(key)
            # a pass may wait for nothing: thousands in a row would hold up the lease and the watch
            await asyncio.sleep(0)

    async def _pass(self, key: Key) -> None:
        parts, started = self._parts, self._parts.clock.monotonic()
        reconcile_id = f"{parts.random.getrandbits(32):08x}"
        self._busy += 1
        self._idle.clear()
        parts.heard(PASSES, True)
        try:
            with structlog.contextvars.bound_contextvars(reconcile=reconcile_id):
                failure = await self._tried(key, reconcile_id)
        finally:
            self._busy -= 1
            if self._busy == 0:
                self._idle.set()
        seconds = parts.clock.monotonic() - started
        parts.metrics.passes.ended(key.kind, seconds, failure)

    async def _tried(self, key: Key, reconcile_id: str) -> Exception | None:
        """Why the pass failed; None: it did not."""
        try:
            again = await self._parts.reconciler.reconcile(key, reconcile_id)
            self._look_again(key, again)
            await self._retries.succeeded(key)
        except Exception as error:  # one key's failure is not another's
            self._parts.metrics.queue.retries.inc()
            await self._retries.failed(key, error)
            return error
        return None

    def _look_again(self, key: Key, again: datetime | None) -> None:
        if again is not None:
            wait = again - self._parts.clock.now()
            self._parts.queue.add_after(key, max(wait, timedelta()).total_seconds())
