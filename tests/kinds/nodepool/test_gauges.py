"""What a nodepool tells Prometheus."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from steersman.kinds.nodepool.gauges import desired, nodes
from steersman.model.circuit import ZONE as ZONE_OF
from steersman.model.resource import Metadata
from steersman.model.world import World
from tests.kinds.builders import NOW, ZONE, ago, compute, fleet, machine, pending, world
from tests.kinds.nodepool.support import node, pool, target

CORE = pool()
TWO = compute(node(CORE, 1), node(CORE, 2))
JOINED = fleet(machine(1))
ASKED = pending(CORE.key, target(3), "CreateInstance", attributes={ZONE_OF: "europe-west1-c"})

SEEN = [
    pytest.param(world(CORE), {}, id="nothing was read yet"),
    pytest.param(
        world(CORE, compute=TWO, fleet=JOINED),
        {(ZONE, "Ready"): 1, (ZONE, "Joining"): 1, ("", "Missing"): 1},
        id="one joins, one is missing, and is nowhere",
    ),
    pytest.param(
        world(CORE, compute=TWO, fleet=JOINED, waiting_for=[ASKED]),
        {(ZONE, "Ready"): 1, (ZONE, "Joining"): 1, ("europe-west1-c", "Creating"): 1},
        id="one is created, in the zone that was asked",
    ),
    pytest.param(
        world(CORE, compute=compute(node(CORE, 1, since=ago(900))), fleet=fleet()),
        {(ZONE, "JoinTimedOut"): 1, ("", "Missing"): 2},
        id="time makes a phase of its own",
    ),
]


@pytest.mark.parametrize(("seen", "counted"), SEEN)
def test_nodes_are_counted_by_zone_and_phase(
    seen: World, counted: Mapping[tuple[str, str], int]
) -> None:
    assert nodes(CORE, seen, NOW) == counted


def test_a_pool_that_is_taken_down_is_asked_to_have_none() -> None:
    assert desired(CORE, world(CORE), NOW) == {(): 3}
    going = replace(CORE, metadata=Metadata(deleting=True))
    assert desired(going, world(going), NOW) == {(): 0}
