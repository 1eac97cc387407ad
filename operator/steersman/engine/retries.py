"""Retries: when a key is passed over again whose pass failed; a restart forgets none of it."""

from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from steersman.engine import backoff
from steersman.engine.home.events import Event, Recorder
from steersman.engine.home.records import Records, forgotten
from steersman.engine.keeper import Keeper
from steersman.engine.workqueue import WorkQueue
from steersman.model.errors import FencedError, OutsideError, SteersmanError
from steersman.model.memory import Backoff, Memory
from steersman.model.ports import Clock, Random
from steersman.model.resource import Key
from steersman.model.status import same, unsure

INTERNAL_ERROR = "InternalError"
PASS = "pass"  # noqa: S105 - the place of a pass among the backoffs of steps

log = structlog.get_logger()


def mistake(error: Exception) -> str:
    """Its words may hold what is secret: they are in the daemon's log, and nowhere else."""
    return f"our own mistake: {type(error).__name__}; the log of the daemon tells where"


@dataclass(frozen=True, slots=True)
class Retries:
    """What failed for want of home or of the lease comes back as soon as anything wakes it. What
    failed otherwise is our own mistake, and fails again: it waits for its time or for an edit,
    and that is in memory, so that a daemon that crashes over it does not begin anew each time."""

    keeper: Keeper
    records: Records
    recorder: Recorder
    queue: WorkQueue[Key]
    clock: Clock
    random: Random

    def resume(self) -> None:
        """A term begins: who failed under another leader waits on. Its clock may have been
        another, so nobody waits for longer than the cap."""
        for key, memory in self.keeper.world.memory.items():
            waiting = memory.backoff.get(PASS)
            left = (waiting.until - self.clock.now()).total_seconds() if waiting else 0
            if left > 0:
                self.queue.retry_after(key, min(left, backoff.PASS_CAP_SECONDS))

    async def failed(self, key: Key, error: Exception) -> None:
        expected = isinstance(error, OutsideError | FencedError)
        log.warning("pass failed", key=str(key), error=str(error), exc_info=not expected)
        again = self._again(key, type(error).__name__)
        seconds = (again.until - self.clock.now()).total_seconds()
        before = self.keeper.world.memory_of(key)
        memory = replace(before, backoff={**before.backoff, PASS: again})
        self.keeper.remember(key, memory)
        if expected:
            self.queue.add_after(key, seconds)
        else:
            self.queue.retry_after(key, seconds)
            await self._write(key, memory)
            await self._tell(key, error)

    async def succeeded(self, key: Key) -> None:
        before = self.keeper.world.memory_of(key)
        if PASS in before.backoff:
            left = {name: each for name, each in before.backoff.items() if name != PASS}
            memory = replace(before, backoff=left)
            self.keeper.remember(key, memory)
            await self._write(key, memory)

    def _again(self, key: Key, reason: str) -> Backoff:
        before = self.keeper.world.memory_of(key).backoff.get(PASS)
        failures = (before.failures if before else 0) + 1
        base, cap = backoff.PASS_BASE_SECONDS, backoff.PASS_CAP_SECONDS
        seconds = backoff.delay(failures, base, cap, self.random.random())
        now = self.clock.now()
        return Backoff(failures, now + timedelta(seconds=seconds), reason, now)

    async def _tell(self, key: Key, error: Exception) -> None:
        """What was told of the resource before may be wrong by now, and nobody can tell."""
        world, now = self.keeper.world, self.clock.now()
        resource, before = world.resources.get(key), world.statuses.get(key)
        status = unsure(before, INTERNAL_ERROR, mistake(error), now)
        if resource is None or same(before, status):
            return
        if world.leading:
            try:
                await self.records.status(key, resource.source, status)
            except SteersmanError as failure:  # it is told with the next failure
                log.warning("writing the status failed", key=str(key), error=str(failure))
                return
            self.recorder.record(Event(now, key, INTERNAL_ERROR, mistake(error), warning=True))
        self.keeper.report(key, status)

    async def _write(self, key: Key, memory: Memory) -> None:
        """Only a leader writes; who cannot be told now is told with the next failure."""
        world = self.keeper.world
        if not world.leading or forgotten(key, world.unreadable):
            return
        try:
            await self.records.memory(key, memory)
        except SteersmanError as error:
            log.warning("writing memory failed", key=str(key), error=str(error))
