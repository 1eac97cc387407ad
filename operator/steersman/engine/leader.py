"""Leadership: one daemon at a time starts writes, and knows by its own clock until when it may."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

import structlog

from steersman.engine import backoff
from steersman.engine.home.owner import ForeignHomeError, claim_home
from steersman.engine.leading import Leading, endless
from steersman.model.errors import OutsideError, SteersmanError
from steersman.model.ports import Clock, Fence, Item, Random, Store
from steersman.model.views import JSON

LEADER_KEY = "/steersman/leader"
# After a term that could not begin: others may lead meanwhile.
REST_BASE_SECONDS = 2.0
REST_CAP_SECONDS = 60.0
WRITE_LOOK_SECONDS = 15.0
NO_REVISION = 1  # of any key: the first write of a store makes its second one

log = structlog.get_logger()


class Limits(Protocol):
    """The settings that leadership needs."""

    @property
    def owner(self) -> str: ...
    @property
    def lease_seconds(self) -> int: ...
    @property
    def renew_deadline_seconds(self) -> float: ...
    @property
    def lease_retry_seconds(self) -> float: ...
    @property
    def lease_margin_seconds(self) -> float: ...
    @property
    def call_timeout_seconds(self) -> float: ...
    @property
    def call_least_seconds(self) -> float: ...


class Leader:
    """Campaigns, renews, steps down. `began` is awaited with the lease held, before any step may
    run; `ended` is called the moment that steps may no longer start."""

    def __init__(
        self,
        home: Store,
        clock: Clock,
        random: Random,
        limits: Limits,
        identity: str,
        began: Callable[[], Awaitable[None]],
        ended: Callable[[], None],
    ) -> None:
        self._home, self._clock, self._random = home, clock, random
        self._limits, self._identity = limits, identity
        self._began, self._ended = began, ended
        self._acknowledged = 0.0  # when the last acknowledged renewal was *sent*
        self._created = self._revision = 0  # of the lease's key, this term's or the last one's
        self._resigned = False
        self._failures = 0  # of terms that did not begin, in a row
        self._rests_until = 0.0
        self._leading = Leading()
        self._vacant = asyncio.Event()
        self._campaigning = asyncio.Lock()
        self.fence: Fence | None = None
        self.keeps_beating = False  # the last leader keeps keys alive until it sees another

    async def run(self) -> None:
        """Until cancelled. Raises ForeignHomeError when this home is not ours to steer."""
        while True:
            self._vacant.clear()
            if await self._campaign():
                await self._lead()
            await self._vacancy()

    def allowance(self) -> float | None:
        """Seconds that an outside call may take if it is sent now; None: none may be sent."""
        if self.fence is None:
            return None
        ends = self._acknowledged + self._limits.lease_seconds
        left = ends - self._limits.lease_margin_seconds - self._clock.monotonic()
        if left < self._limits.call_least_seconds:
            return None
        return min(left, self._limits.call_timeout_seconds)

    def vacant(self) -> None:
        """Whoever led gave the lease back, or lost it: no need to wait for the next try."""
        self._vacant.set()

    def check(self) -> JSON:
        """Whether somebody leads, and, if it is this daemon, can write."""
        return self._leading.check(self._clock.monotonic(), self._limits.lease_seconds)

    async def resign(self) -> None:
        """Give the lease back for good: this daemon does not campaign again."""
        self._resigned = True
        async with self._campaigning:  # what is under way may win the lease yet
            await self._release()

    async def _vacancy(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.lease_retry_seconds):
                await self._vacant.wait()

    async def _lead(self) -> None:
        """One term. The lease is renewed while the records are taken over, too: of a large home
        that takes longer than a lease lasts."""
        try:
            async with asyncio.TaskGroup() as group:
                term = group.create_task(self._term(), name="term")
                await self._renew()
                self._step_down()  # calls under way may last as long as the lease: it runs out
                term.cancel()
        except* SteersmanError as group_of_errors:
            for error in group_of_errors.exceptions:
                self._tell("leading failed", str(error))
        await self._release()

    async def _term(self) -> None:
        await self._take_over()
        await self._look_for_refusals()

    async def _take_over(self) -> None:
        await self._began()
        self.keeps_beating = True
        self._failures = 0
        self._leading = Leading(self._clock.monotonic(), ours=True)
        log.info("leading", identity=self._identity)

    async def _look_for_refusals(self) -> None:
        """A lease is renewed even where nothing can be written: for want of space, or of
        permission. What is asked for here changes nothing, and is refused as a write would be."""
        while True:
            await asyncio.sleep(WRITE_LOOK_SECONDS)
            try:
                await self._home.compare_and_swap(LEADER_KEY, b"", NO_REVISION, fence=self.fence)
            except SteersmanError as error:
                self._tell("home takes no writes", str(error))
                continue
            if self._leading.why:
                log.info("home takes writes again")
                self._leading = replace(self._leading, why="")

    async def _release(self) -> None:
        """So that another daemon need not wait for the end of the lease. This one does not try
        again at once: it would see nothing but its own release."""
        fence, revision = self.fence, self._revision
        self._step_down()
        if fence is None:
            return
        self._failures += 1
        draw = self._random.random()
        rest = backoff.delay(self._failures, REST_BASE_SECONDS, REST_CAP_SECONDS, draw)
        self._rests_until = self._clock.monotonic() + self._limits.lease_retry_seconds + rest
        try:
            await self._home.compare_and_delete(LEADER_KEY, revision, fence=fence)
        except SteersmanError as error:
            log.warning("releasing the lease failed", error=str(error))

    async def _campaign(self) -> bool:
        async with self._campaigning:
            return not self._resigned and await self._run_for_it()

    async def _run_for_it(self) -> bool:
        value = json.dumps({"identity": self._identity, "since": self._clock.now().isoformat()})
        sent = self._clock.monotonic()
        try:
            held = await self._home.get(LEADER_KEY)
            if held is not None:
                self._see(held)
            if held is not None or self._clock.monotonic() < self._rests_until:
                return False
            revision = await self._home.create(
                LEADER_KEY, value.encode(), ttl_seconds=self._limits.lease_seconds
            )
            if revision is None:
                return False
            self._acknowledged, self._created, self._revision = sent, revision, revision
            self.fence = Fence(LEADER_KEY, revision)
            await claim_home(self._home, self._limits.owner, self.fence)
        except ForeignHomeError:
            await self._release()
            raise
        except SteersmanError as error:
            self._tell("campaigning failed", str(error))
            await self._release()
            return False
        return True

    def _see(self, held: Item) -> None:
        """Another daemon has the lease, or this one had it a moment ago."""
        ours = held.created == self._created
        self.keeps_beating = self.keeps_beating and ours
        why = endless(held)
        if why:
            self._tell("nobody can lead", why)
        elif not ours:
            self._leading = Leading(self._clock.monotonic())

    def _tell(self, event: str, why: str) -> None:
        """Of one reason once, however often it is met."""
        if why != self._leading.why:
            log.warning(event, error=why)
        self._leading = replace(self._leading, why=why)

    async def _renew(self) -> None:
        """Returns when the lease is lost, or could not be renewed in time."""
        while self.fence and self._since_acknowledged() < self._limits.renew_deadline_seconds:
            await asyncio.sleep(self._limits.lease_retry_seconds)
            sent = self._clock.monotonic()
            left = max(self._limits.renew_deadline_seconds - self._since_acknowledged(), 0)
            try:
                async with asyncio.timeout(left):
                    revision = await self._home.refresh(
                        LEADER_KEY, self._limits.lease_seconds, self._revision
                    )
            except TimeoutError:
                log.warning("renewing the lease failed", error=f"no answer within {left:.1f} s")
                continue
            except OutsideError as error:
                log.warning("renewing the lease failed", error=str(error))
                continue
            if revision is None:
                log.warning("the lease is lost")
                return
            self._acknowledged, self._revision = sent, revision
            if self._leading.ours:
                self._leading = replace(self._leading, seen_at=sent)

    def _since_acknowledged(self) -> float:
        return self._clock.monotonic() - self._acknowledged

    def _step_down(self) -> None:
        if self.fence is not None:
            self.fence = None
            self._leading = replace(self._leading, ours=False)
            self._ended()
