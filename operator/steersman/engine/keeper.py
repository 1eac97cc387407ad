"""The keeper holds the one current World; each change makes a new one and wakes whom it touches."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import structlog

from steersman.engine.apart import apart
from steersman.engine.doubt.plausible import judged
from steersman.engine.interests import Interests, differing, general, touched
from steersman.engine.ledger import Ledger
from steersman.engine.pending import settle
from steersman.engine.workqueue import Lane
from steersman.model.circuit import Breaker, Circuit
from steersman.model.kind import Kinds
from steersman.model.memory import Memory
from steersman.model.observed import Snapshot
from steersman.model.outcome import Pending
from steersman.model.plan import Target, Waiting
from steersman.model.requests import Requests
from steersman.model.resource import EMPTY, Key
from steersman.model.shared import Shared
from steersman.model.status import Status
from steersman.model.teardown import DELETED
from steersman.model.topology import Topology
from steersman.model.world import Rejected, World

log = structlog.get_logger()

ONCE = ("Established", DELETED)
TOPOLOGY_SOURCES = ("compute", "fleet")


class Wake(Protocol):
    """Has a key looked at; more or less urgently."""

    def __call__(self, key: Key, lane: Lane = ..., /) -> None: ...


class Keeper:
    """Not a lock and not a cache: all changes happen here, between two awaits of whoever makes
    them, so whoever reads `world` reads one consistent picture."""

    def __init__(self, world: World, kinds: Kinds, wake: Wake) -> None:
        self.world = world
        self.ledger = Ledger()
        self._kinds = kinds
        self._wake = wake
        self._interests = Interests(kinds)
        self._interests.update({}, world.resources)
        self._at_rest: set[Key] = set()  # as asked when they were last passed over
        self._waiting: dict[Key, tuple[Waiting, ...]] = {}  # what each was found to wait for
        self._blamed: set[Key] = set()  # of which a mistake was logged, as they get no pass

    def observe(self, source: str, snapshot: Snapshot, now: datetime) -> None:
        """A new snapshot. It wakes whom its changes concern; everybody who watches its source, if
        steps may have waited for it because the one before was too old."""
        before, was_stale = self.world, not self.world.fresh(source, now)
        changed = before.snapshot(source).content() != snapshot.content()
        self._change(**{source: snapshot})
        if changed and source in TOPOLOGY_SOURCES:
            self._change(topology=Topology.of(self.world.compute, self.world.fleet))
        self._doubt(source, before, now)
        if was_stale or general(source, before, self.world):
            self._observed(self._interests.watchers(source))
        elif changed:
            self._observed(self._concerned(source, before))
        self.wake_settled(now)

    def accept(self, **changes: Any) -> None:
        """What is in force changed: resources and all that comes with them."""
        before = self.world
        self._change(**changes)
        updated = self._interests.update(before.resources, self.world.resources)
        changed = updated.keys
        for key, error in updated.failed.items():
            _log_bug(key, error)
        for key in changed - self.world.resources.keys():
            self._waiting.pop(key, None)  # it has no step any more
        self._refresh_facts(changed | differing(before.released, self.world.released))
        said = differing(before.acceptance, self.world.acceptance)
        said |= differing(before.referrers, self.world.referrers)  # some wait for others to go
        for key in sorted((changed | said) & self.world.resources.keys()):
            self._wake(key)
        for key in sorted(changed | said):
            if _standing(key, before) != _standing(key, self.world):
                self._wake_referrers(key)  # they wait for it to come, or may no longer

    def lead(self, *, leading: bool, **records: Any) -> None:
        """Leading began, or ended; so did taking over."""
        self._change(leading=leading, taking_over=False, **records)
        self.wake_all()

    def take_over(self, **records: Any) -> None:
        """A term is about to begin: from here to `lead`, what home has recorded is the truth."""
        self._change(taking_over=True, **records)

    def know(self, **records: Any) -> None:
        """What home records, as another daemon left it, and what calls and watches have taught."""
        self._change(**records)

    def remember(self, key: Key, memory: Memory) -> None:
        self._change(memory=Shared.of(self.world.memory).put(key, memory))

    def expect(self, pending: Pending) -> None:
        self._change(pending={**self.world.pending, pending.target: pending})

    def forget(self, target: Target) -> None:
        left = {at: each for at, each in self.world.pending.items() if at != target}
        self._change(pending=left)
        self.wake_held("pending", target)

    def forget_all_of(self, key: Key) -> None:
        """It was taken down, and its document removed."""
        self._at_rest.discard(key)
        self._change(
            statuses=Shared.of(self.world.statuses).without(key),
            memory=Shared.of(self.world.memory).without(key),
        )

    def report(self, key: Key, status: Status) -> None:
        """The status of a key; whoever reads it is woken when its readiness changed."""
        before = self.world.statuses.get(key)
        (self._at_rest.add if _at_rest(status) else self._at_rest.discard)(key)
        if status == before:
            return
        self._change(statuses=Shared.of(self.world.statuses).put(key, status))
        for type_ in ("Ready", "Established"):
            if (before is not None and before.holds(type_)) != status.holds(type_):
                self._wake_referrers(key)
        if status.holds(DELETED):
            self._wake_referred(key)

    def hear(self, told: Mapping[Key, Status | None]) -> None:
        """What the leader says of resources; None: nothing any more. What it says as this daemon
        does teaches it nothing."""
        statuses = Shared.of(self.world.statuses)
        news = {key: said for key, said in told.items() if _teaches(said, statuses.get(key))}
        self._change(statuses=statuses.updated(news))
        for key in sorted(news):
            self._wake(key)
            self._wake_referrers(key)

    def switch(self, circuits: Mapping[Circuit, Breaker]) -> None:
        """Circuits were opened or closed; whoever waits for one is woken."""
        if circuits == self.world.circuits:
            return
        self._change(circuits=circuits)
        self.wake_held("breaker")

    def ask(self, requests: Requests, refused: tuple[Rejected, ...]) -> None:
        """What people ask for is not as before; whoever that concerns is woken."""
        before = self.world.requests
        self._change(requests=requests, refused=refused)
        changed = [
            each
            for at in differing(before, requests)
            for each in (before.get(at), requests.get(at))
            if each is not None
        ]
        for key in self.world.resources:
            if any(each.scope.includes(key) for each in changed):
                self._wake(key, Lane.EDIT)

    def wake_all(self) -> None:
        for key in self.world.resources:
            self._wake(key, Lane.RESYNC)

    def wake_edited(self, keys: Iterable[Key]) -> None:
        """A person waits for what comes of it."""
        for key in keys:
            self._wake(key, Lane.EDIT)

    def wait(self, key: Key, waiting: tuple[Waiting, ...]) -> None:
        """What a pass has found its steps to wait for. This comes before its status, which takes
        time to write: what they wait for may end meanwhile."""
        if waiting:
            self._waiting[key] = waiting
        else:
            self._waiting.pop(key, None)

    def wake_held(self, gate: str, target: Target | None = None) -> None:
        """Whose steps, or those on a target, wait at a gate that may let one through now."""
        named = None if target is None else str(target)
        for key, waiting in self._waiting.items():
            if any(each.gate == gate and named in (None, each.target) for each in waiting):
                self._wake(key)

    def wake_settled(self, now: datetime) -> None:
        for each in self.world.pending.values():
            if settle(each, self.world, self.ledger, now) is not None:
                self._wake(each.key)

    def blame(self, failed: Mapping[Key, Exception]) -> None:
        """A kind could not answer for these. Their passes ask it again, fail by the same mistake
        and tell it; of what has no pass any more it is logged, once."""
        self._blamed &= self.world.released.keys() | self.world.frozen
        for key, error in failed.items():
            if key in self.world.resources:
                self._wake(key)
            elif key not in self._blamed:
                self._blamed.add(key)
                _log_bug(key, error)

    def _change(self, **changes: Any) -> None:
        self.world = replace(self.world, **changes)

    def _doubt(self, source: str, before: World, now: datetime) -> None:
        """Begin, keep and end holds; what waited for one that ended may go on."""
        self.world = judged(source, before, self.world, now)
        for name in before.holds.keys() - self.world.holds.keys():
            self._observed(self._interests.watchers(before.holds[name].source))

    def _concerned(self, source: str, before: World) -> set[Key]:
        """Who is as asked is concerned by its own objects, who is not, by whatever changes."""
        restless = self._interests.watchers(source) - self._at_rest
        own = self._interests.concerned(source, touched(source, before, self.world))
        return restless | own

    def _observed(self, keys: set[Key]) -> None:
        """These saw a change: what they tell others may be another, and they plan again, as do
        those whose steps they guard."""
        self._refresh_facts(keys | (self.world.released.keys()))
        for key in sorted(keys | self._interests.guarded(keys, self.world.referrers)):
            self._wake(key)

    def _wake_referrers(self, key: Key) -> None:
        for other in self.world.referrers.get(key, ()):
            self._wake(other)

    def _wake_referred(self, key: Key) -> None:
        for other, by in self.world.referrers.items():
            if key in by:
                self._wake(other)

    def _refresh_facts(self, keys: Iterable[Key]) -> None:
        facts, changed = Shared.of(self.world.facts), []
        found = apart(keys, self._facts_of)
        for key, told in found.said.items():
            if told != facts.get(key, EMPTY):
                facts = facts.put(key, told) if told else facts.without(key)
                changed.append(key)
        self._change(facts=facts)
        self.blame(found.failed)
        for key in sorted(changed):
            self._wake_referrers(key)

    def _facts_of(self, key: Key) -> Mapping[str, str]:
        resource = self.world.resources.get(key) or self.world.released.get(key)
        return self._kinds[key.kind].facts(resource, self.world) if resource else EMPTY


def _standing(key: Key, world: World) -> tuple[bool, bool]:
    """Whether a document of it is in force, and whether anything is said of one."""
    return key in world.resources, key in world.acceptance


def _log_bug(key: Key, error: Exception) -> None:
    log.error("a kind has a bug", key=str(key), exc_info=error)


def _teaches(said: Status | None, own: Status | None) -> bool:
    """Everybody sees how a resource is; that it was so once, only who was there."""
    if said is None or own is None:
        return said is not own
    return any(said.holds(each) and not own.holds(each) for each in ONCE)


def _at_rest(status: Status) -> bool:
    return status.holds("Ready") and not status.holds("Drifted") and not status.waiting
