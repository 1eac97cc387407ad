"""Queries: the World, as the API and the commands show it. Everything here only reads."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from steersman.engine.acceptance.accept import Acceptance
from steersman.engine.apart import Told, apart
from steersman.engine.decide import Decision, Rules, decide
from steersman.engine.gates.limits import group_of
from steersman.engine.heard import PASSES, Heard
from steersman.engine.home.events import EVENTS
from steersman.engine.home.happened import Wanted, happened
from steersman.engine.keeper import Keeper
from steersman.engine.leader import Leader
from steersman.engine.ledger import Ledger
from steersman.engine.notices import notices
from steersman.engine.retries import mistake
from steersman.engine.supposing import keyed, world_with
from steersman.engine.workqueue import WorkQueue
from steersman.model.document import DocumentError
from steersman.model.duration import duration
from steersman.model.errors import NotThereError
from steersman.model.notice import UNREADY, Notice
from steersman.model.plan import plan_id
from steersman.model.ports import Clock, Store
from steersman.model.reference import kind_named, scope_of
from steersman.model.requests import Scope
from steersman.model.resource import DESIRED, Key, Resource
from steersman.model.unmanaged import unmanaged
from steersman.model.views import (
    JSON,
    listing_view,
    resource_view,
    step_view,
    time_view,
)
from steersman.model.world import World
from steersman.telemetry.metrics import Metrics
from steersman.telemetry.scrape import Pulse, Sight

OBSERVED = ("compute", "fleet", "keys", "elasticsearch")
STUCK = timedelta(minutes=2)  # keys that wait so long without a pass: the daemon hangs

log = structlog.get_logger()


class WorldQueries:
    """Implements the port Queries over the keeper's current World."""

    def __init__(
        self,
        keeper: Keeper,
        rules: Rules,
        queue: WorkQueue[Key],
        home: Store,
        heard: Heard,
        sources: tuple[str, ...],
        metrics: Metrics,
        clock: Clock,
        suppose: Callable[[Mapping[Key, bytes]], Acceptance],
        leader: Leader | None,
    ) -> None:
        self._keeper, self._rules, self._queue = keeper, rules, queue
        self._suppose = suppose
        self._home, self._heard, self._sources = home, heard, sources
        self._metrics, self._clock, self._leader = metrics, clock, leader

    def resources(self, kind: str | None = None, name: str | None = None) -> JSON:
        world = self._keeper.world
        wanted = self._kind_name(kind)
        if name is not None and wanted is not None:
            key = Key(wanted, name)
            return resource_view(_there(key, world), world.statuses.get(key))
        items = [
            resource_view(resource, world.statuses.get(key))
            for key, resource in sorted(world.resources.items())
            if wanted in (None, key.kind)
        ]
        rejected = [(each.path, each.message) for each in (*world.rejected, *world.refused)]
        rejected += [(path, f"cannot be read: {why}") for path, why in world.unreadable.items()]
        rejected += [(DESIRED, each.message) for each in world.rewound.values()]
        told = (*self._unready(), *notices(world, self._clock.now()))
        return listing_view(items, rejected, unmanaged(world), told)

    def plan(self) -> JSON:
        return self._plan(self._keeper.world)

    def plan_with(self, documents: list[Any]) -> JSON:
        new = keyed(documents, self._rules.kinds)
        world = world_with(self._suppose(new), self._keeper.world, self._rules.kinds)
        paths = {f"{DESIRED}{key}" for key in new}
        refused = [each for each in world.rejected if each.path in paths]
        told = [{"key": each.path, "message": each.message} for each in refused]
        return {**self._plan(world), "rejected": told}

    def _plan(self, world: World) -> JSON:
        found = self._decide_all(world)
        decisions = found.said.values()
        judged_steps = [judged for each in decisions for judged in each.steps]
        known = all(decision.drift.known for decision in decisions)
        return {
            "planId": plan_id(judged.step for judged in judged_steps),
            "complete": known and not found.failed,
            "observedAt": {
                source: time_view(world.snapshot(source).observed_at) for source in OBSERVED
            },
            "steps": [step_view(judged.step, judged.verdicts) for judged in judged_steps],
            "failed": [
                {"kind": key.kind, "name": key.name, "message": mistake(error)}
                for key, error in found.failed.items()
            ],
        }

    def why(self, kind: str, name: str) -> list[JSON]:
        key = Key(str(self._kind_name(kind)), name)
        _there(key, self._keeper.world)
        decision = self._decide(key, self._keeper.world, self._keeper.ledger)
        return [step_view(judged.step, judged.verdicts) for judged in decision.steps]

    async def events(self, since: str | None = None, ref: str | None = None) -> list[JSON]:
        oldest = self._clock.now() - duration(since) if since else None
        wanted = Wanted(scope_of(ref, self._rules.kinds) if ref else Scope(), oldest)
        listing = await self._home.list(EVENTS)
        found = happened(listing.items)
        if found.unreadable:
            log.warning("stored events cannot be read", keys=len(found.unreadable))
        return list(filter(wanted, found.events))

    def alive(self) -> list[JSON]:
        """That this is answered shows that the loop turns; that passes are made is a check."""
        check = self._heard.check(PASSES)
        idle = len(self._queue) == 0
        recent = check["ageSeconds"] is not None and check["ageSeconds"] < STUCK.total_seconds()
        ok = idle or recent
        message = "" if ok else f"{len(self._queue)} keys wait and no pass was made lately"
        return [{**check, "ok": ok, "message": message}]

    def ready(self) -> list[JSON]:
        """Who only observes does not need anybody to lead."""
        leader = [self._leader.check()] if self._leader else []
        return [*(self._heard.check(source) for source in self._sources), *leader]

    def _unready(self) -> Iterator[Notice]:
        for each in self.ready():
            if not each["ok"]:
                yield Notice(UNREADY, each["name"], f"{each['name']}: {each['message']}")

    def metrics(self) -> bytes:
        self._metrics.queue.show(len(self._queue), self._queue.working_seconds())
        return self._metrics.told(self._sight(self._keeper.world, self._clock.now()))

    def _sight(self, world: World, now: datetime) -> Sight:
        checks = {source: self._heard.check(source) for source in self._sources}
        pulses = {source: Pulse(each["ok"], each["ageSeconds"]) for source, each in checks.items()}
        kinds, ledger = self._rules.kinds, self._keeper.ledger
        return Sight.of(
            world, now, kinds, pulses, lambda key: group_of(key, world, ledger, kinds, now)
        )

    def _decide_all(self, world: World) -> Told[Decision]:
        """As one plan: whoever comes later waits for the turns of those before."""
        ledger = self._keeper.ledger

        def decided(key: Key) -> Decision:
            nonlocal ledger
            decision = self._decide(key, world, ledger)
            ledger = decision.ledger
            return decision

        return apart(sorted(world.resources), decided)

    def _decide(self, key: Key, world: World, ledger: Ledger) -> Decision:
        return decide(key, world, ledger, self._rules, self._clock.now())

    def _kind_name(self, text: str | None) -> str | None:
        """The full name of a kind, which people may shorten. NotThereError: there is none."""
        if text is None:
            return None
        try:
            return kind_named(text, self._rules.kinds)
        except DocumentError as error:
            name = f"the kind {text!r}"
            raise NotThereError(name) from error


def _there(key: Key, world: World) -> Resource[Any]:
    found = world.resources.get(key)
    if found is None:
        raise NotThereError(key)
    return found
