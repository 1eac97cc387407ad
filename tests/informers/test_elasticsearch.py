"""The Elasticsearch informer: a few looks at every node that somebody asks about."""

import asyncio
from dataclasses import replace

import pytest

from steersman.informers.elasticsearch import (
    PROBES_AT_ONCE,
    PROBES_KEPT,
    PROBES_QUALIFYING,
    ElasticsearchInformer,
)
from steersman.model.observed import ElasticsearchSnapshot, Probe, ProbeTarget
from tests.informers.stories import Board, HandClock, at

ONE, TWO = (ProbeTarget(f"10.0.0.{number}", 9200, 9300) for number in (1, 2))


class Nodes:
    """The port Elasticsearch."""

    def __init__(self, clock: HandClock) -> None:
        self.transport = "open"
        self.most_at_once = self._at_once = 0
        self._clock = clock

    async def probe(self, target: ProbeTarget) -> Probe:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(0)
        self._at_once -= 1
        return Probe(target, self._clock.now(), self.transport)

    async def close(self) -> None:
        pass


class Desk:
    def __init__(self, *targets: ProbeTarget) -> None:
        self.clock, self.board = HandClock(), Board[ElasticsearchSnapshot]()
        self.nodes = Nodes(self.clock)
        self.targets = frozenset(targets)
        self.informer = ElasticsearchInformer(
            self.nodes, self.clock, lambda: self.targets, self.board
        )

    async def read(self, seconds: float) -> ElasticsearchSnapshot:
        self.clock.seconds = seconds
        await self.informer.read()
        return self.board.last


async def test_every_target_is_looked_at() -> None:
    snapshot = await Desk(ONE, TWO).read(7)

    assert snapshot.observed_at == at(7)
    assert snapshot.probes.keys() == {ONE, TWO}


async def test_without_targets_there_is_still_a_fresh_snapshot() -> None:
    snapshot = await Desk().read(7)

    assert (snapshot.observed_at, snapshot.probes) == (at(7), {})


async def test_the_last_few_probes_are_kept_newest_last() -> None:
    desk = Desk(ONE)
    for number in range(PROBES_KEPT + 2):
        await desk.read(number)

    times = [probe.at for probe in desk.board.last.probes[ONE]]
    assert times == [at(number + 2) for number in range(PROBES_KEPT)]


async def test_a_target_that_nobody_asks_about_any_more_is_forgotten() -> None:
    desk = Desk(ONE, TWO)
    await desk.read(0)
    desk.targets = frozenset({TWO})
    await desk.read(15)
    desk.targets = frozenset({ONE, TWO})
    snapshot = await desk.read(30)

    assert (len(snapshot.probes[ONE]), len(snapshot.probes[TWO])) == (1, 3)


async def test_a_node_qualifies_until_its_last_looks_are_alike() -> None:
    desk = Desk(ONE)
    assert not desk.informer.qualifying
    for number in range(PROBES_QUALIFYING):
        await desk.read(number)
        assert desk.informer.qualifying is (number < PROBES_QUALIFYING - 1)


async def test_a_node_that_does_not_answer_is_looked_at_closely_until_it_is_steady_again() -> None:
    desk = Desk(ONE)
    desk.nodes.transport = "refused"
    for number in range(2 * PROBES_QUALIFYING):
        await desk.read(number)
        assert desk.informer.qualifying

    desk.nodes.transport = "open"
    for _ in range(PROBES_QUALIFYING):
        assert desk.informer.qualifying
        await desk.read(60)
    assert not desk.informer.qualifying


async def test_a_published_snapshot_is_never_changed() -> None:
    desk = Desk(ONE)
    first = await desk.read(0)
    before = replace(first, probes=dict(first.probes))
    await desk.read(15)

    assert first == before


@pytest.mark.parametrize("count", [PROBES_AT_ONCE + 5])
async def test_not_all_nodes_are_asked_at_once(count: int) -> None:
    targets = [ProbeTarget(f"10.0.1.{number}", 9200, 9300) for number in range(count)]
    desk = Desk(*targets)
    await desk.read(0)

    assert desk.nodes.most_at_once == PROBES_AT_ONCE


async def test_probes_that_seem_yet_to_come_are_forgotten_when_the_clock_was_set_back() -> None:
    desk = Desk(ONE)
    for seconds in (0, 5):
        await desk.read(seconds)
    desk.clock.offset_seconds = -3600
    snapshot = await desk.read(10)

    assert [probe.at for probe in snapshot.probes[ONE]] == [at(10 - 3600)]
