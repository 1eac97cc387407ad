"""The driver's one write for each action, and that a read then shows what it expects."""

import pytest

from steersman.kinds.unit.actions import (
    LaunchUnit,
    LoadUnit,
    ReplaceUnit,
    SubmitUnit,
    UnitAction,
    UnloadUnit,
)
from steersman.kinds.unit.driver import UnitDriver
from steersman.model.kind import Attempt
from steersman.model.outcome import UnitIs
from steersman.model.plan import Effect, Step, Target
from steersman.model.unitfile import fleet_hash, parse
from tests.kinds.builders import NOW
from tests.kinds.unit.support import CONTENT, KEY, OLD_CONTENT
from tests.kinds.unit.toy import ToyFleet

UNIT = "es@1.service"
OPTIONS = parse(CONTENT)
HASH = fleet_hash(OPTIONS)
OLD_OPTIONS = parse(OLD_CONTENT)
OLD_HASH = fleet_hash(OLD_OPTIONS)
ATTEMPT = Attempt("5f0f9a3e-0000-4000-8000-000000000000", 8)


def step(action: UnitAction) -> Step:
    return Step(KEY, Target("fleet", UNIT), action, "Because", Effect.REPAIR)


@pytest.mark.parametrize(
    ("before", "action", "expected"),
    [
        pytest.param(
            None,
            SubmitUnit(UNIT, HASH, OPTIONS),
            UnitIs(UNIT, HASH, "inactive"),
            id="a submitted unit is inactive",
        ),
        pytest.param(
            "launched",
            ReplaceUnit(UNIT, HASH, OPTIONS, "launched", None),
            UnitIs(UNIT, HASH, "launched"),
            id="a replaced unit has the new content and the state it was given",
        ),
        pytest.param(
            "launched",
            LoadUnit(UNIT, OLD_HASH),
            UnitIs(UNIT, OLD_HASH, "loaded", current="loaded"),
            id="a loaded unit is waited for until its machine has stopped it",
        ),
        pytest.param(
            "loaded",
            LaunchUnit(UNIT, OLD_HASH, "config"),
            UnitIs(UNIT, OLD_HASH, "launched"),
            id="a launched unit is launched, placed or not",
        ),
        pytest.param(
            "loaded",
            UnloadUnit(UNIT, OLD_HASH),
            UnitIs(UNIT, OLD_HASH, "inactive"),
            id="an unloaded unit is inactive",
        ),
    ],
)
async def test_each_action(before: str | None, action: UnitAction, expected: UnitIs) -> None:
    fleet = ToyFleet(NOW)
    if before:
        await fleet.put_unit(UNIT, OLD_OPTIONS, before, timeout_seconds=8)
        fleet.agents_look()
    done = await UnitDriver(fleet).execute(step(action), ATTEMPT)
    assert done.expects == expected
    fleet.agents_look()
    unit = fleet.units[UNIT]
    assert (unit.hash, unit.desired_state) == (expected.hash, expected.desired)
    assert expected.current in (None, unit.current_state)
