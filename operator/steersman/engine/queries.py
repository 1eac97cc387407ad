"""Queries: the World, as the API and the commands show it. Everything here only reads."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import inf
from typing import Any

import structlog

from steersman.engine.acceptance.accept import Acceptance
from steersman.engine.apart import apart
from steersman.engine.decide import Decision, Rules, decide
from steersman.engine.gates.limits import group_of
from steersman.engine.home.events import EVENTS
from steersman.engine.home.happened import happened
from steersman.engine.keeper import Keeper
from steersman.engine.retries import mistake
from steersman.engine.supposing import keyed, world_with
from steersman.engine.workqueue import WorkQueue
from steersman.model.errors import NotThereError
from steersman.model.plan import plan_id
from steersman.model.ports import Clock, Store
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
PASSES = "passes"

log = structlog.get_logger()


class Heard:
    """When each source last answered, and when a worker last began a pass. `silence_seconds` is
    for how long each may say nothing: one that hangs reports no error."""

    def __init__(self, clock: Clock, silence_seconds: Mapping[str, float]) -> None:
        self._clock, self._silence_seconds = clock, silence_seconds
        self._up: dict[str, bool] = {}
        self._at: dict[str, float] = {}

    def __call__(self, source: str, up: bool) -> None:
        self._up[source] = up
        if up:
            self._at[source] = self._clock.monotonic()

    def check(self, source: str) -> JSON:
        at = self._at.get(source)
        age = None if at is None else self._clock.monotonic() - at
        said = self._trouble(source, age)
        return {"name": source, "ok": not said, "ageSeconds": age, "message": said}

    def _trouble(self, source: str, age_seconds: float | None) -> str:
        """Empty: none."""
        if age_seconds is None:
            return "not heard of yet"
        if not self._up[source]:
            return "does not answer"
        limit = self._silence_seconds.get(source, inf)
        return f"has said nothing for {limit:g} s" if age_seconds > limit else ""


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
    ) -> None:
        self._keeper, self._rules, self._queue = keeper, rules, queue
        self._suppose = suppose
        self._home, self._heard, self._sources = home, heard, sources
        self._metrics, self._clock = metrics, clock

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
        return listing_view(items, rejected, unmanaged(world))

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
        found = apart(sorted(world.resources), lambda key: self._decide(key, world))
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
        key = Key(self._kind_name(kind) or kind, name)
        _there(key, self._keeper.world)
        decision = self._decide(key, self._keeper.world)
        return [step_view(judged.step, judged.verdicts) for judged in decision.steps]

    async def events(self) -> list[JSON]:
        listing = await self._home.list(EVENTS)
        found = happened(listing.items)
        if found.unreadable:
            log.warning("stored events cannot be read", keys=len(found.unreadable))
        return list(found.events)

    def alive(self) -> list[JSON]:
        """That this is answered shows that the loop turns; that passes are made is a check."""
        check = self._heard.check(PASSES)
        idle = len(self._queue) == 0
        recent = check["ageSeconds"] is not None and check["ageSeconds"] < STUCK.total_seconds()
        ok = idle or recent
        message = "" if ok else f"{len(self._queue)} keys wait and no pass was made lately"
        return [{**check, "ok": ok, "message": message}]

    def ready(self) -> list[JSON]:
        return [self._heard.check(source) for source in self._sources]

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

    def _decide(self, key: Key, world: World) -> Decision:
        return decide(key, world, self._keeper.ledger, self._rules, self._clock.now())

    def _kind_name(self, text: str | None) -> str | None:
        """The full name of a kind, which people may shorten."""
        short = {kind.short: name for name, kind in self._rules.kinds.items()}
        return short.get(text.lower(), text.lower()) if text else None


def _there(key: Key, world: World) -> Resource[Any]:
    found = world.resources.get(key)
    if found is None:
        raise NotThereError(key)
    return found
