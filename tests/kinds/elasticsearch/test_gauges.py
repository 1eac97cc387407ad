"""What a cluster tells Prometheus."""

from collections.abc import Mapping

import pytest

from steersman.kinds.elasticsearch.gauges import GAUGES
from tests.kinds import builders
from tests.kinds.builders import NOW
from tests.kinds.elasticsearch.scene import Scene, alone, document, good, looks, refused

GREEN = {"green": 1, "yellow": 0, "red": 0}
NO_COLOR = {"green": 0, "yellow": 0, "red": 0}
ALONE = {n: looks((15, 0), alone, n) for n in (1, 2, 3)}
RED = {n: (good(n, health="red"),) for n in (1, 2, 3)}
SPLIT = {3: (good(3, master="elasticsearch-3"),)}


def told(scene: Scene) -> Mapping[str, Mapping[tuple[str, ...], float]]:
    """What each gauge reads, by the last word of its name."""
    world = scene.world()
    read = {each.name: each.read(scene.document, world, NOW) for each in GAUGES}
    return {name.removeprefix("steersman_es_"): values for name, values in read.items()}


COUNTS = [
    pytest.param(Scene(), (3, 3, 1), id="all is well"),
    pytest.param(Scene(items={3: None}), (3, 2, 1), id="one is not registered"),
    pytest.param(Scene(probes=SPLIT), (3, 3, 2), id="two masters"),
    pytest.param(Scene(probes=ALONE), (3, 3, 0), id="no master"),
]


@pytest.mark.parametrize(("scene", "counts"), COUNTS)
def test_nodes_and_masters_are_counted(scene: Scene, counts: tuple[int, int, int]) -> None:
    found = told(scene)
    names = ("expected_nodes", "registered_nodes", "masters")
    assert tuple(found[name][()] for name in names) == counts


COLORS = [
    pytest.param(Scene(), GREEN, id="the master says green"),
    pytest.param(Scene(probes=RED), {**NO_COLOR, "red": 1}, id="it says red"),
    pytest.param(
        Scene(probes={2: (good(2, health="yellow"),)}), GREEN, id="what another says is not counted"
    ),
    pytest.param(Scene(probes=ALONE), NO_COLOR, id="there is none to say anything"),
    pytest.param(Scene(probes={1: looks((15, 0), refused, 1)}), NO_COLOR, id="it does not answer"),
]


@pytest.mark.parametrize(("scene", "colors"), COLORS)
def test_the_health_is_what_the_master_says(scene: Scene, colors: Mapping[str, int]) -> None:
    assert told(scene)["cluster_health"] == {(color,): value for color, value in colors.items()}


def test_what_was_not_read_is_not_told() -> None:
    es = document()
    values = {each.name: each.read(es, builders.world(es), NOW) for each in GAUGES}
    assert values["steersman_es_expected_nodes"] == {}
    assert values["steersman_es_registered_nodes"] == {}
