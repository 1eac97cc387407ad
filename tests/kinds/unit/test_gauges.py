"""What a unit tells Prometheus."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from steersman.kinds.unit.gauges import desired, instances
from steersman.model.resource import Metadata
from steersman.model.world import World
from tests.kinds import builders
from tests.kinds.builders import NOW
from tests.kinds.unit.support import Member, fleet, resource

UNIT = resource()

SEEN = [
    pytest.param(builders.world(UNIT), {}, id="nothing was read yet"),
    pytest.param(
        builders.world(UNIT, fleet=fleet(Member(1), Member(2, state="failed/failed"))),
        {("running",): 1, ("failed",): 1, ("missing",): 1},
        id="each is in one phase",
    ),
]


@pytest.mark.parametrize(("seen", "counted"), SEEN)
def test_instances_are_counted_by_phase(seen: World, counted: Mapping[tuple[str], int]) -> None:
    assert instances(UNIT, seen, NOW) == counted


def test_a_unit_that_is_taken_down_is_asked_to_have_no_instance() -> None:
    assert desired(UNIT, builders.world(UNIT), NOW) == {(): 3}
    going = replace(UNIT, metadata=Metadata(deleting=True))
    assert desired(going, builders.world(going), NOW) == {(): 0}
