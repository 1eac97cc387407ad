"""What is told of the World whenever somebody scrapes; nothing of it is kept in between."""

from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.registry import Collector

from steersman.telemetry.scrape import documents, kinds, people, sources, steps
from steersman.telemetry.scrape.sight import Failed, Pulse, Sight

FAMILIES = (*documents.FAMILIES, *steps.FAMILIES, *people.FAMILIES, *sources.FAMILIES)

__all__ = ["Pulse", "Sight", "WorldCollector"]


class WorldCollector(Collector):
    """Tells of the last sight that it was given; before that, nothing."""

    def __init__(self, failed: Failed) -> None:
        self._failed = failed
        self.sight: Sight | None = None

    def collect(self) -> Iterable[Metric]:
        if self.sight is None:
            return
        for family in FAMILIES:
            yield family(self.sight)
        yield from steps.budgets(self.sight, self._failed)
        yield from kinds.families(self.sight, self._failed)
