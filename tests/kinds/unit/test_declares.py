"""What a step leaves in fleet, for telling who changed it afterwards."""

from collections.abc import Mapping

import pytest

from steersman.kinds.unit import KIND
from tests.kinds.unit.support import OLD_CONTENT, Member, chain, resource

CONTENT = resource().spec.hash
CASES = [
    pytest.param(
        Member(1, content=OLD_CONTENT), "launched", {"spec.content": CONTENT}, id="other content"
    ),
    pytest.param(
        Member(1, desired="inactive"),
        "launched",
        {"spec.desiredState": "launched"},
        id="a launch of what somebody stopped",
    ),
    pytest.param(
        Member(1, "failed/failed"),
        "launched",
        {"spec.desiredState": "loaded"},
        id="a restart stops it by itself first",
    ),
    pytest.param(
        Member(2), "launched", {"spec.desiredState": "inactive"}, id="what is new waits at first"
    ),
    pytest.param(
        Member(1), "inactive", {"spec.desiredState": "inactive"}, id="what shall not run is stopped"
    ),
]


@pytest.mark.parametrize(("there", "asked", "left"), CASES)
def test_a_step_leaves(there: Member, asked: str, left: Mapping[str, str]) -> None:
    instances = [1, 2] if there.index == 2 else [1]
    step = chain(there, of=resource(instances=instances, desiredState=asked)).plan.steps[0]
    assert KIND.declares(step) == left
