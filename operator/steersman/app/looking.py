"""The rounds of looking at each configured system, and where what they see is left."""

from collections.abc import Callable, Mapping
from typing import Any

from steersman.app.outside import Outside
from steersman.engine import wants
from steersman.engine.heard import Heard
from steersman.engine.keeper import Keeper
from steersman.informers.compute import ComputeInformer
from steersman.informers.elasticsearch import ElasticsearchInformer
from steersman.informers.fleet import FleetInformer
from steersman.informers.rounds import Rounds
from steersman.model.kind import Kinds
from steersman.model.observed import ProbeTarget
from steersman.model.ports import Clock, Compute, Elasticsearch, Fleet
from steersman.settings import Settings


class Looking:
    """`rounds` by system; each is an endless task."""

    def __init__(
        self,
        settings: Settings,
        outside: Outside,
        kinds: Kinds,
        keeper: Keeper,
        heard: Heard,
        clock: Clock,
    ) -> None:
        self._settings, self._kinds, self._keeper = settings, kinds, keeper
        self._heard, self._clock = heard, clock
        self.rounds: Mapping[str, Rounds] = self._made(outside)

    def poke(self, system: str) -> None:
        if system in self.rounds:
            self.rounds[system].poke()

    def publish(self, source: str) -> Callable[[Any], None]:
        """Where an informer leaves its snapshots. A node that nobody has looked at yet is not
        left waiting for the next round."""

        def publish(snapshot: Any) -> None:
            self._keeper.observe(source, snapshot, self._clock.now())
            seen = self._keeper.world.elasticsearch.probes
            if self._probe_targets() - seen.keys():
                self.poke("elasticsearch")

        return publish

    def _made(self, outside: Outside) -> Mapping[str, Rounds]:
        rounds = {"elasticsearch": self._elasticsearch(outside.elasticsearch)}
        if outside.compute is not None:
            rounds["compute"] = self._compute(outside.compute)
        if outside.fleet is not None:
            rounds["fleet"] = self._fleet(outside.fleet)
        return rounds

    def _compute(self, compute: Compute) -> Rounds:
        informer = ComputeInformer(
            compute,
            self._clock,
            lambda: wants.awaited_operations(self._keeper.world),
            self.publish("compute"),
        )
        interval = self._interval("compute", self._settings.compute_interval_seconds)
        return Rounds("compute", informer.read, interval, self._heard)

    def _fleet(self, fleet: Fleet) -> Rounds:
        informer = FleetInformer(fleet, self._clock, self.publish("fleet"))
        interval = self._interval("fleet", self._settings.fleet_interval_seconds)
        return Rounds("fleet", informer.read, interval, self._heard)

    def _elasticsearch(self, elasticsearch: Elasticsearch) -> Rounds:
        informer = ElasticsearchInformer(
            elasticsearch, self._clock, self._probe_targets, self.publish("elasticsearch")
        )

        def interval() -> float:
            if informer.qualifying:
                return self._settings.elasticsearch_qualify_interval_seconds
            return self._settings.elasticsearch_interval_seconds

        return Rounds("elasticsearch", informer.read, interval, self._heard)

    def _interval(self, system: str, at_rest: float) -> Callable[[], float]:
        """Read often while an effect is awaited there, gently otherwise."""
        often = self._settings.pending_interval_seconds
        return lambda: often if wants.awaited(self._keeper.world, system) else at_rest

    def _probe_targets(self) -> frozenset[ProbeTarget]:
        found = wants.probe_targets(self._keeper.world, self._kinds)
        self._keeper.blame(found.failed)
        return frozenset().union(*found.said.values())
