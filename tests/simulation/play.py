"""Plays a script on a stage under the eyes of the checker."""

import asyncio
import math
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from tests.simulation.checker import Checker, Report
from tests.simulation.convergence import differences
from tests.simulation.freezing import FreezingLoop
from tests.simulation.happenings import Happenings
from tests.simulation.journal import Journal
from tests.simulation.script import Script
from tests.simulation.stage import Stage
from tests.simulation.truth import REQUESTS, Truth
from tests.simulation.wanted import Wanted

CONVERGE_SECONDS = 3600.0  # backoffs and restart windows are up to 10 min, the rate has an hour
LOOK_SECONDS = 5.0
SETTLED_SECONDS = 60.0  # converged for so long, everything has been told as well
QUIET_SECONDS = 600.0
SPARE_SECONDS = 3600.0  # of virtual time, before a story counts as stuck


def play(script: Script, until: float = math.inf) -> Report:
    """With the first thing that went wrong by then, if anything did."""
    limit = script.seconds + CONVERGE_SECONDS + QUIET_SECONDS + SPARE_SECONDS
    checker, loop = Checker(), FreezingLoop(limit)
    loop.spins = lambda: checker.complain("time goes on", "the same passes come again and again")
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(_played(script, checker, until))


async def _played(script: Script, checker: Checker, until: float) -> Report:
    show = _Show(script, checker, until)
    with _logged_to(checker), show.stage.turning():
        await _first(show.run(), checker.over.wait())
        for daemon in show.stage.daemons.values():
            await daemon.retire()
    return checker.report()


async def _first(*coroutines: Coroutine[Any, Any, object]) -> None:
    """Until one of them ends; the others are cancelled."""
    tasks = [asyncio.create_task(each) for each in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
    await asyncio.wait(tasks)
    for each in done:
        each.result()


@contextmanager
def _logged_to(checker: Checker) -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, checker.log])
    try:
        yield
    finally:
        structlog.configure(**before)


class _Show:
    def __init__(self, script: Script, checker: Checker, until: float) -> None:
        self._script, self._checker, self._until = script, checker, until
        self._journal = Journal()
        self.stage = Stage(script.seed, script.names, (self._journal, checker))
        self._wanted, self._truth = Wanted(), Truth(self.stage)
        self._happenings = Happenings(self.stage, self._truth, self._wanted)
        checker.begin(self._truth, self._wanted)
        self.stage.looks.append(self._look)

    async def run(self) -> None:
        for path, text in self._script.documents.items():
            self._happenings.people.put(path, text)
        for daemon in self.stage.daemons.values():
            daemon.start()
        for happening in self._script.happenings:
            await self._happenings.until(happening.at)
            self._happenings.happen(happening)
        await self._happenings.until(self._script.seconds)
        self._happenings.calm()
        if await self._converges():
            await self._rest()

    def _look(self) -> None:
        """It is no timer that ends the story: one more would put others in another order."""
        self._checker.look()
        if self._truth.now >= self._until:
            self._checker.over.set()
        for daemon in self.stage.daemons.values():
            if error := daemon.failure:
                self._checker.complain("no daemon ends by itself", repr(error))

    async def _converges(self) -> bool:
        settled, deadline = 0.0, self._truth.now + CONVERGE_SECONDS
        while settled < SETTLED_SECONDS:
            await asyncio.sleep(LOOK_SECONDS)
            self._happenings.people.answer()
            different = next(differences(self._truth, self._wanted), None)
            settled = 0.0 if different else settled + LOOK_SECONDS
            if different and self._truth.now > deadline:
                self._checker.complain("once faults stop everything converges", different)
                return False
        return True

    async def _rest(self) -> None:
        self._journal.take()
        revision = self.stage.home.revision
        await asyncio.sleep(QUIET_SECONDS)
        _, events = self.stage.home.changes("/", revision)
        told = (event.key for event in events if not event.key.startswith(REQUESTS))  # these expire
        writes = [*self._journal.take(), *(f"home {key}" for key in told)]
        if writes:
            self._checker.complain("at rest nothing is written", "; ".join(writes[:5]))
