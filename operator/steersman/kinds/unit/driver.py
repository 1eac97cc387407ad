"""Executes a unit's steps: one write to fleet each, and what a read shows once it took effect."""

from typing import assert_never, cast

from steersman.kinds.unit.actions import (
    DestroyUnit,
    LaunchUnit,
    LoadUnit,
    ReplaceUnit,
    SubmitUnit,
    UnitAction,
    UnloadUnit,
)
from steersman.model.kind import Attempt
from steersman.model.outcome import Done, UnitGone, UnitIs
from steersman.model.plan import Step
from steersman.model.ports import Fleet


class UnitDriver:
    def __init__(self, fleet: Fleet | None) -> None:
        self._fleet = fleet

    async def execute(self, step: Step, attempt: Attempt) -> Done:
        assert self._fleet, "steps need a snapshot of fleet, and there is none without a fleet"
        action = cast("UnitAction", step.action)
        await _write(self._fleet, action, attempt.timeout_seconds)
        return Done(_expectation(action))


async def _write(fleet: Fleet, action: UnitAction, timeout_seconds: float) -> None:
    unit = action.unit
    match action:
        case SubmitUnit():
            await fleet.create_unit(unit, action.options, timeout_seconds=timeout_seconds)
        case ReplaceUnit():
            await fleet.put_unit(
                unit, action.options, action.state, timeout_seconds=timeout_seconds
            )
        case LoadUnit():
            await fleet.set_state(unit, "loaded", timeout_seconds=timeout_seconds)
        case LaunchUnit():
            await fleet.set_state(unit, "launched", timeout_seconds=timeout_seconds)
        case UnloadUnit():
            await fleet.set_state(unit, "inactive", timeout_seconds=timeout_seconds)
        case DestroyUnit():
            await fleet.delete_unit(unit, timeout_seconds=timeout_seconds)
        case _:
            assert_never(action)


def _expectation(action: UnitAction) -> UnitIs | UnitGone:
    match action:
        case SubmitUnit():
            return UnitIs(action.unit, action.hash, "inactive")
        case ReplaceUnit():
            return UnitIs(action.unit, action.hash, action.state)
        case LoadUnit():
            # launched before its machine has stopped it, it would simply run on
            return UnitIs(action.unit, action.hash, "loaded", current="loaded")
        case LaunchUnit():
            return UnitIs(action.unit, action.hash, "launched")
        case UnloadUnit():
            return UnitIs(action.unit, action.hash, "inactive")
        case DestroyUnit():
            return UnitGone(action.unit)
        case _:
            assert_never(action)
