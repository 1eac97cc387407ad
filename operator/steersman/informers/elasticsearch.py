"""The Elasticsearch informer: looks at every node that a kind wants to know about."""

import asyncio
from collections.abc import Callable

from steersman.model.observed import ElasticsearchSnapshot, Probe, ProbeTarget
from steersman.model.ports import Clock, Elasticsearch

PROBES_KEPT = 24  # of each target: two minutes of close looks, what giving a node up needs
PROBES_QUALIFYING = 5  # a node whose last looks were alike is looked at less often
PROBES_AT_ONCE = 16


class ElasticsearchInformer:
    """`targets` is the union of what the kinds ask for, worked out anew for each round."""

    def __init__(
        self,
        elasticsearch: Elasticsearch,
        clock: Clock,
        targets: Callable[[], frozenset[ProbeTarget]],
        publish: Callable[[ElasticsearchSnapshot], None],
    ) -> None:
        self._elasticsearch, self._clock = elasticsearch, clock
        self._targets, self._publish = targets, publish
        self._probes: dict[ProbeTarget, tuple[Probe, ...]] = {}

    @property
    def qualifying(self) -> bool:
        """Whether a node is being judged: it does not answer, or not yet as steadily as it will."""
        return any(
            len(probes) < PROBES_QUALIFYING
            or len({_sight(each) for each in probes[-PROBES_QUALIFYING:]}) > 1
            or probes[-1].transport != "open"
            for probes in self._probes.values()
        )

    async def read(self) -> None:
        """One round; what a node does not answer is in its probe."""
        started = self._clock.now()
        targets = sorted(self._targets(), key=str)
        limit = asyncio.Semaphore(PROBES_AT_ONCE)
        async with asyncio.TaskGroup() as group:
            looks = [group.create_task(self._look(each, limit), name=str(each)) for each in targets]
        found = [look.result() for look in looks]
        self._probes = {each.target: self._with(each) for each in found}
        self._publish(ElasticsearchSnapshot(started, dict(self._probes)))

    def _with(self, probe: Probe) -> tuple[Probe, ...]:
        """One that seems to come before others shows that the clock was set back: they are of
        no use any more."""
        earlier = self._probes.get(probe.target, ())
        return (*(each for each in earlier if each.at <= probe.at), probe)[-PROBES_KEPT:]

    async def _look(self, target: ProbeTarget, limit: asyncio.Semaphore) -> Probe:
        async with limit:
            return await self._elasticsearch.probe(target)


def _sight(probe: Probe) -> tuple[object, ...]:
    return (probe.transport, probe.http_status, probe.master, probe.cluster_name)
