"""Leadership: one daemon at a time starts writes, and knows by its own clock until when it may."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
from pydantic import BaseModel, ValidationError

from steersman.model.errors import OutsideError, SteersmanError
from steersman.model.ports import Clock, Fence, Item, Store

LEADER_KEY = "/steersman/leader"
SCHEMA_KEY = "/steersman/schema"
SCHEMA_VERSION = 1

log = structlog.get_logger()


class ForeignHomeError(SteersmanError):
    """The home store belongs to another owner, or to a newer release."""


class Schema(BaseModel):
    """Whose home it is, and how its records are written."""

    version: int
    owner: str


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
        limits: Limits,
        identity: str,
        began: Callable[[], Awaitable[None]],
        ended: Callable[[], None],
    ) -> None:
        self._home, self._clock, self._limits, self._identity = home, clock, limits, identity
        self._began, self._ended = began, ended
        self._acknowledged = 0.0  # when the last acknowledged renewal was *sent*
        self._created = self._revision = 0  # of the lease's key, this term's or the last one's
        self._resigned = False
        self._vacant = asyncio.Event()
        self.fence: Fence | None = None
        self.keeps_beating = False  # the last leader keeps keys alive until it sees another

    async def run(self) -> None:
        """Until cancelled. Raises ForeignHomeError when this home is not ours to steer."""
        while True:
            self._vacant.clear()
            if not self._resigned and await self._campaign():
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

    async def resign(self) -> None:
        """Give the lease back for good: this daemon does not campaign again."""
        self._resigned = True
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
                taking_over = group.create_task(self._take_over(), name="begin of the term")
                await self._renew()
                self._step_down()  # calls under way may last as long as the lease: it runs out
                taking_over.cancel()
        except* SteersmanError as group_of_errors:
            for error in group_of_errors.exceptions:
                log.warning("leading failed", error=str(error))
        await self._release()

    async def _take_over(self) -> None:
        await self._began()
        self.keeps_beating = True
        log.info("leading", identity=self._identity)

    async def _release(self) -> None:
        """So that another daemon need not wait for the end of the lease."""
        fence, revision = self.fence, self._revision
        self._step_down()
        if fence is None:
            return
        try:
            await self._home.compare_and_delete(LEADER_KEY, revision, fence=fence)
        except SteersmanError as error:
            log.warning("releasing the lease failed", error=str(error))

    async def _campaign(self) -> bool:
        value = json.dumps({"identity": self._identity, "since": self._clock.now().isoformat()})
        sent = self._clock.monotonic()
        try:
            held = await self._home.get(LEADER_KEY)
            if held is not None:
                self.keeps_beating = self.keeps_beating and held.created == self._created
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
            log.warning("campaigning failed", error=str(error))
            await self._release()
            return False
        return True

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

    def _since_acknowledged(self) -> float:
        return self._clock.monotonic() - self._acknowledged

    def _step_down(self) -> None:
        if self.fence is not None:
            self.fence = None
            self._ended()


async def claim_home(home: Store, owner: str, fence: Fence) -> None:
    """Write whose home this is, or check it. ForeignHomeError when it is somebody else's."""
    known = await home.get(SCHEMA_KEY)
    if known is None:
        value = json.dumps({"version": SCHEMA_VERSION, "owner": owner}).encode()
        await home.create(SCHEMA_KEY, value, fence=fence)
        known = await home.get(SCHEMA_KEY)
    check_home(known, owner)


def schema_in(known: Item) -> Schema:
    """ForeignHomeError when it cannot be read."""
    try:
        return Schema.model_validate_json(known.value)
    except ValidationError as error:
        msg = f"{SCHEMA_KEY} cannot be read: {known.value[:80]!r}"
        raise ForeignHomeError(msg) from error


def check_home(known: Item | None, owner: str) -> None:
    """ForeignHomeError unless the home is new, or of this owner and of a schema we know."""
    if known is None:
        return
    record = schema_in(known)
    if record.owner != owner:
        msg = f"this home belongs to the owner {record.owner!r}, not to {owner!r}"
        raise ForeignHomeError(msg)
    if record.version > SCHEMA_VERSION:
        msg = f"this home has schema {record.version}; this release knows {SCHEMA_VERSION}"
        raise ForeignHomeError(msg)
