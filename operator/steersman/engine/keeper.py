"""The keeper holds the one current World; each change makes a new one and wakes whom it touches."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from steersman.engine.ledger import Ledger
from steersman.engine.pending import settle
from steersman.model.kind import Kinds
from steersman.model.memory import Memory
from steersman.model.observed import Snapshot
from steersman.model.outcome import Pending
from steersman.model.plan import Target
from steersman.model.resource import Key
from steersman.model.status import Status
from steersman.model.topology import Topology
from steersman.model.world import World

TOPOLOGY_SOURCES = ("compute", "fleet")


class Keeper:
    """Not a lock and not a cache: all changes happen here, between two awaits of whoever makes
    them, so whoever reads `world` reads one consistent picture."""

    def __init__(self, world: World, kinds: Kinds, wake: Callable[[Key], None]) -> None:
        self.world = world
        self.ledger = Ledger()
        self._kinds = kinds
        self._wake = wake

    def observe(self, source: str, snapshot: Snapshot, now: datetime) -> None:
        """A new snapshot; who watches its source is woken if it shows a change, or if steps may
        have waited for it because the one before was too old."""
        before = self.world.snapshot(source)
        changed = before.content() != snapshot.content()
        was_stale = not self.world.fresh(source, now)
        self._change(**{source: snapshot})
        if changed and source in TOPOLOGY_SOURCES:
            self._change(topology=Topology.of(self.world.compute, self.world.fleet))
        if changed or was_stale:
            self._refresh_facts()
            self._wake_watchers(source)
        self.wake_settled(now)

    def accept(self, **changes: Any) -> None:
        """What is in force changed: resources and all that comes with them."""
        before = self.world
        self._change(**changes)
        self._refresh_facts()
        for key, resource in self.world.resources.items():
            if before.resources.get(key) != resource:
                self._wake(key)
        for key, conditions in self.world.acceptance.items():
            if before.acceptance.get(key) != conditions:
                self._wake(key)

    def lead(self, *, leading: bool, **records: Any) -> None:
        """Leading began, with the records as home has them, or ended."""
        self._change(leading=leading, **records)
        self.wake_all()

    def know(self, **records: Any) -> None:
        """What home records, as another daemon left it."""
        self._change(**records)

    def remember(self, key: Key, memory: Memory) -> None:
        self._change(memory={**self.world.memory, key: memory})

    def expect(self, pending: Pending) -> None:
        self._change(pending={**self.world.pending, pending.target: pending})

    def forget(self, target: Target) -> None:
        left = {at: each for at, each in self.world.pending.items() if at != target}
        self._change(pending=left)

    def report(self, key: Key, status: Status) -> None:
        """The status of a key; whoever reads it is woken when its readiness changed."""
        before = self.world.statuses.get(key)
        self._change(statuses={**self.world.statuses, key: status})
        for type_ in ("Ready", "Established"):
            if (before is not None and before.holds(type_)) != status.holds(type_):
                self._wake_referrers(key)

    def wake_all(self) -> None:
        for key in self.world.resources:
            self._wake(key)

    def wake_settled(self, now: datetime) -> None:
        for each in self.world.pending.values():
            if settle(each, self.world, self.ledger, now) is not None:
                self._wake(each.key)

    def _change(self, **changes: Any) -> None:
        self.world = replace(self.world, **changes)

    def _wake_watchers(self, source: str) -> None:
        """Whose kind watches the source, and those whose steps they guard."""
        watch = {key for key in self.world.resources if source in self._kinds[key.kind].watches}
        guarded = {key for key, by in self.world.referrers.items() if not watch.isdisjoint(by)}
        for key in sorted(watch | guarded):
            self._wake(key)

    def _wake_referrers(self, key: Key) -> None:
        for other in self.world.referrers.get(key, ()):
            self._wake(other)

    def _refresh_facts(self) -> None:
        before = self.world.facts
        facts = dict(self._facts())
        if facts == before:
            return
        self._change(facts=facts)
        for key in facts.keys() | before.keys():
            if facts.get(key) != before.get(key):
                self._wake_referrers(key)

    def _facts(self) -> Iterable[tuple[Key, Mapping[str, str]]]:
        everything = {**self.world.released, **self.world.resources}
        for key, resource in everything.items():
            facts = self._kinds[key.kind].facts(resource, self.world)
            if facts:
                yield key, facts
