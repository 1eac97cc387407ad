"""Events: what happened, in order and bounded, under /steersman/events/ in home."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

import structlog
from pydantic import ValidationError

from steersman.engine.acceptance.claims import Accepted
from steersman.engine.home.happened import Told, executed_lately
from steersman.model.edits import UNKNOWN, author_of, changes
from steersman.model.errors import OutsideError, SteersmanError
from steersman.model.outcome import Outcome
from steersman.model.plan import Step
from steersman.model.ports import Fence, Store
from steersman.model.resource import Key
from steersman.model.status import Condition
from steersman.model.teardown import DELETED

EVENTS = "/steersman/events/"
NONE = "(none)"
UNWRITTEN_MAX = 1000  # while home does not answer; then the oldest are lost first
RETRY_SECONDS = 2.0
DOCUMENTS_TOLD_MAX = 20
# Of one event: names and values may be as long as a document, and home takes 1.5 MiB at once, in
# which any character may take twelve bytes.
MESSAGE_CHARACTERS_MAX = 20_000
FIELDS_MAX = 20
FIELD_CHARACTERS_MAX = 400
GOOD = frozenset({"Ready", "Accepted", "Established"})  # conditions that should be True
ORDINARY = frozenset({"Drifted", DELETED})  # and those that may be either

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Event:
    """`outcome` is ok, error, or None for what is no step, or whose answer was lost; `actor` None
    is the daemon that records it. `before` and `after` hold what changed, by path."""

    at: datetime
    key: Key
    reason: str
    message: str
    warning: bool = False
    action: str | None = None
    effect: str | None = None
    target: str | None = None
    outcome: str | None = None
    reconcile_id: str | None = None
    plan_id: str | None = None
    actor: str | None = None
    before: Mapping[str, str] | None = None
    after: Mapping[str, str] | None = None


def unreadable(path: str, why: str, at: datetime) -> Event:
    """A record of ours in home, `path` is its key, keeps something from being done."""
    message = f"{path} cannot be read: {why}; what it is about is held"
    name = path.removeprefix("/steersman/")
    return Event(at, Key("record", name), "RecordUnreadable", message, warning=True)


def executed(
    step: Step, at: datetime, error: OutsideError | None, reconcile_id: str, plan_id: str
) -> Event:
    """A step was executed: its call was answered, refused, or its answer was lost."""
    lost = error is not None and error.applied is None
    failure = f"; {error}" if error else ""
    return Event(
        at,
        step.key,
        step.reason,
        step.message + failure,
        warning=error is not None,
        action=step.action.name,
        effect=str(step.effect),
        target=str(step.target),
        outcome=None if lost else "error" if error else "ok",
        reconcile_id=reconcile_id,
        plan_id=plan_id,
        before={each.path: each.observed for each in step.differences} or None,
        after={each.path: each.desired for each in step.differences} or None,
    )


def documented(key: Key, before: Accepted | None, now: Accepted, at: datetime) -> Event:
    """A document is in force: a new one, or another version of it."""
    actor, place = author_of(now.document), f"{now.store} store"
    if before is None:
        message = f"{place}, revision {now.revision}, by {actor}"
        return Event(at, key, "DocumentCreated", message, actor=actor)
    old, new = changes(before.document, now.document)
    told = ", ".join(
        f"{path} {old.get(path, NONE)} -> {new.get(path, NONE)}" for path in {**old, **new}
    )
    revisions = f"{place}, revision {before.revision} -> {now.revision}"
    message = f"{revisions}, by {actor}: {told or 'says the same'}"
    return Event(at, key, "DocumentChanged", message, actor=actor, before=old, after=new)


def released(key: Key, record: Accepted, at: datetime) -> Event:
    """A document is gone. etcd does not tell who removed it."""
    place = f"{record.store} store, after revision {record.revision}"
    message = f"{place}, by {UNKNOWN}: the document is gone, nothing of it is touched any more"
    return Event(at, key, "DocumentReleased", message, actor=UNKNOWN)


def taken_up(key: Key, record: Accepted, at: datetime) -> Event:
    """A document that was gone is there again."""
    actor = author_of(record.document)
    message = f"{record.store} store, revision {record.revision}, by {actor}: it is there again"
    return Event(at, key, "DocumentTakenUp", message, actor=actor)


def bounded(told: Sequence[Event]) -> Iterator[Event]:
    """Of very many documents at once the first, and how many more there are."""
    yield from told[:DOCUMENTS_TOLD_MAX]
    more = told[DOCUMENTS_TOLD_MAX:]
    if more:
        message = f"{len(more)} more documents at once"
        yield replace(more[0], key=Key("document", "more"), message=message)


def failed_later(outcome: Outcome, error: OutsideError) -> Event:
    """What a step asked for was accepted, and failed afterwards."""
    target = str(outcome.target)
    message = f"{outcome.action}: {error}"
    return Event(outcome.at, outcome.key, error.code, message, warning=True, target=target)


def changed(key: Key, condition: Condition, at: datetime) -> Event:
    """A condition of a resource is not as before."""
    good = condition.type in GOOD
    bad = condition.type not in ORDINARY and (condition.status == "True") != good
    message = f"{condition.type}={condition.status}: {condition.message}".removesuffix(": ")
    return Event(at, key, condition.reason, message, warning=bad)


class Recorder:
    """Takes events without waiting and writes them in order; keeps the last `kept` in home."""

    def __init__(
        self, home: Store, fence: Callable[[], Fence | None], identity: str, kept: int
    ) -> None:
        self._home, self._fence, self._identity, self._kept = home, fence, identity, kept
        self._unwritten: deque[tuple[str, Event]] = deque(maxlen=UNWRITTEN_MAX)
        self._written: deque[tuple[str, int]] = deque()
        self._last = (0, 0)  # milliseconds and sequence number of the last event
        self._arrived = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()

    def record(self, event: Event) -> None:
        level = log.warning if event.warning else log.info
        level("event", key=str(event.key), action=event.action, reason=event.reason,
              target=event.target, message=event.message, outcome=event.outcome)  # fmt: skip
        # Named once: written again after a lost answer, it is still one event.
        self._unwritten.append((self._next_key(event.at), event))
        self._arrived.set()

    async def load(self, now: datetime) -> Mapping[str, tuple[datetime, ...]]:
        """Learn what is there, so that it stays bounded and in order over restarts. Returns when
        steps of each kind were executed lately, by whomever."""
        listing = await self._home.list(EVENTS)
        self._written = deque(sorted((item.key, item.revision) for item in listing.items))
        if self._written:
            self._last = max(self._last, _numbers(self._written[-1][0]))
        self._arrived.set()  # what was left over from an earlier term
        waiting = (
            Told(kind=each.key.kind, action=each.action, time=each.at)
            for _, each in self._unwritten
        )
        return executed_lately((*_steps(item.value for item in listing.items), *waiting), now)

    async def run(self) -> None:
        """Until cancelled; while home does not answer, or we do not lead, events wait here."""
        while True:
            await self._arrived.wait()
            try:
                await self.flush()
                self._arrived.clear()
            except SteersmanError as error:
                log.warning("writing events failed", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def flush(self) -> None:
        """Write what waits. SteersmanError: the rest waits on."""
        async with self._one_at_a_time:
            fence = self._fence()
            while self._unwritten and fence is not None:
                key, event = named = self._unwritten[0]
                value = json.dumps(self._view(event, key), separators=(",", ":")).encode()
                revision = await self._home.put(key, value, fence=fence)
                if self._unwritten and self._unwritten[0] is named:
                    self._unwritten.popleft()
                self._written.append((key, revision))
                await self._trim(fence)

    async def _trim(self, fence: Fence) -> None:
        while len(self._written) > self._kept:
            key, revision = self._written[0]
            await self._home.compare_and_delete(key, revision, fence=fence)
            self._written.popleft()

    def _next_key(self, at: datetime) -> str:
        """Later than every event before, even if the clock of who wrote those runs ahead."""
        before, sequence = self._last
        self._last = (max(int(at.timestamp() * 1000), before), sequence + 1)
        return EVENTS + "{:014d}-{:010d}".format(*self._last)

    def _view(self, event: Event, key: str) -> dict[str, Any]:
        return {
            "time": event.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "id": key.removeprefix(EVENTS),
            "kind": event.key.kind,
            "name": event.key.name,
            "type": "Warning" if event.warning else "Normal",
            "action": event.action,
            "effect": event.effect,
            "target": event.target,
            "reason": event.reason,
            "message": _cut(event.message, MESSAGE_CHARACTERS_MAX),
            "outcome": event.outcome,
            "planId": event.plan_id,
            "actor": event.actor or self._identity,
            "before": _shown(event.before),
            "after": _shown(event.after),
            "reconcileId": event.reconcile_id,
        }


def _shown(fields: Mapping[str, str] | None) -> Mapping[str, str] | None:
    if fields is None:
        return None
    return {
        _cut(path, FIELD_CHARACTERS_MAX): _cut(text, FIELD_CHARACTERS_MAX)
        for path, text in islice(fields.items(), FIELDS_MAX)
    }


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\u2026"


def _numbers(key: str) -> tuple[int, int]:
    milliseconds, _, sequence = key.removeprefix(EVENTS).partition("-")
    try:
        return int(milliseconds), int(sequence)
    except ValueError:  # somebody else's key
        return 0, 0


def _steps(values: Iterable[bytes]) -> Iterable[Told]:
    """What can be read of them: an event that cannot is no reason not to lead."""
    for value in values:
        try:
            yield Told.model_validate_json(value)
        except ValidationError:
            log.warning("stored event cannot be read")
