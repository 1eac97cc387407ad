"""Cycles: who may be on one is found by one look at all, and nobody who is on one is missed."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.engine.acceptance.cycles import knotted, trail
from steersman.model.resource import Key
from tests.engine.builders import A, B, C

D = Key("lamp", "d")
KEYS = st.sampled_from([A, B, C, D])
Graph = Mapping[Key, tuple[Key, ...]]
GRAPHS = st.dictionaries(KEYS, st.lists(KEYS, max_size=3).map(tuple))


def knots(graph: Graph) -> set[Key]:
    return knotted(graph, lambda key: graph[key])


LOOSE = [
    pytest.param({A: (), B: ()}, id="nobody waits"),
    pytest.param({A: (B,), B: (C,), C: ()}, id="a chain"),
    pytest.param({A: (B, C), B: (D,), C: (D,), D: ()}, id="two ways to one"),
    pytest.param({A: (B, B), B: ()}, id="one is named twice"),
    pytest.param({A: (B,)}, id="one waits for what is none of them"),
]


@pytest.mark.parametrize("graph", LOOSE)
def test_nobody_is_on_a_cycle_where(graph: Graph) -> None:
    assert knots(graph) == set()


def test_who_comes_after_a_cycle_is_not_on_it() -> None:
    assert knots({A: (B,), B: (A, C), C: (D,), D: ()}) == {A, B}


@given(GRAPHS)
def test_whoever_has_a_way_back_to_itself_is_among_those_that_may_be_on_a_cycle(
    graph: Graph,
) -> None:
    round_about = {
        key for key, ways in graph.items() if trail(ways, key, lambda at: graph.get(at, ()))
    }
    assert round_about <= knots(graph)
