"""Queries: the World, as the API and the commands show it. Everything here only reads."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import generate_latest

from steersman.engine.accept import Acceptance
from steersman.engine.decide import Decision, Rules, decide
from steersman.engine.events import EVENTS
from steersman.engine.keeper import Keeper
from steersman.engine.supposing import keyed, world_with
from steersman.engine.workqueue import WorkQueue
from steersman.model.plan import plan_id
from steersman.model.ports import Clock, Store
from steersman.model.resource import DESIRED, Key
from steersman.model.views import (
    JSON,
    listing_view,
    resource_view,
    step_view,
    time_view,
)
from steersman.model.world import World
from steersman.telemetry.metrics import Metrics

OBSERVED = ("compute", "fleet", "keys", "elasticsearch")
STUCK = timedelta(minutes=2)  # keys that wait so long without a pass: the daemon hangs
PASSES = "passes"


class Heard:
    """When each source last answered, and when a worker last began a pass."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._up: dict[str, bool] = {}
        self._at: dict[str, datetime] = {}

    def __call__(self, source: str, up: bool) -> None:
        self._up[source] = up
        if up:
            self._at[source] = self._clock.now()

    def check(self, source: str) -> JSON:
        at = self._at.get(source)
        age = (self._clock.now() - at).total_seconds() if at else None
        ok = self._up.get(source, False)
        said = "" if ok else "does not answer" if at else "not heard of yet"
        return {"name": source, "ok": ok, "ageSeconds": age, "message": said}


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
            return resource_view(world.resources[key], world.statuses.get(key))
        items = [
            resource_view(resource, world.statuses.get(key))
            for key, resource in sorted(world.resources.items())
            if wanted in (None, key.kind)
        ]
        rejected = [(each.path, each.message) for each in (*world.rejected, *world.refused)]
        return listing_view(items, rejected, sorted(world.released))

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
        decisions = {key: self._decide(key, world) for key in sorted(world.resources)}
        judged_steps = [judged for each in decisions.values() for judged in each.steps]
        known = all(decision.drift.known for decision in decisions.values())
        return {
            "planId": plan_id(judged.step for judged in judged_steps),
            "complete": known,
            "observedAt": {
                source: time_view(world.snapshot(source).observed_at) for source in OBSERVED
            },
            "steps": [step_view(judged.step, judged.verdicts) for judged in judged_steps],
        }

    def why(self, kind: str, name: str) -> list[JSON]:
        key = Key(self._kind_name(kind) or kind, name)
        decision = self._decide(key, self._keeper.world)
        return [step_view(judged.step, judged.verdicts) for judged in decision.steps]

    async def events(self) -> list[JSON]:
        listing = await self._home.list(EVENTS)
        return [json.loads(item.value) for item in sorted(listing.items, key=lambda it: it.key)]

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
        self._metrics.show(self._keeper.world, self._clock.now())
        self._metrics.queue.show(len(self._queue), self._queue.working_seconds())
        for source in self._sources:
            up = self._heard.check(source)["ok"]
            self._metrics.source_up.labels(source=source).set(up)
        return generate_latest(self._metrics.registry)

    def _decide(self, key: Key, world: World) -> Decision:
        return decide(key, world, self._keeper.ledger, self._rules, self._clock.now())

    def _kind_name(self, text: str | None) -> str | None:
        """The full name of a kind, which people may shorten."""
        short = {kind.short: name for name, kind in self._rules.kinds.items()}
        return short.get(text.lower(), text.lower()) if text else None
