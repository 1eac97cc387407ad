"""The phase of one instance: what fleet and systemd say of it, as one word."""

from datetime import datetime, timedelta
from enum import StrEnum

from steersman.model.observed import FleetUnit, UnitState

# How long after a launch systemd's words may still be about the time before it.
SETTLING = timedelta(seconds=15)
# A machine that is slow to begin has longer, twice an agent's TTL, and tells soon what came of it.
BEGINNING = timedelta(seconds=60)
TELLING = timedelta(seconds=5)
MOVING = frozenset({"activating", "deactivating", "reloading"})


class Phase(StrEnum):
    MISSING = "missing"  # fleet has no such unit
    IDLE = "idle"  # fleet was not asked to run it, and it does not run
    UNPLACED = "unplaced"  # it shall run, but fleet found no machine for it
    SILENT = "silent"  # it has a machine, but nobody says how it is: it may well run
    UPDATING = "updating"  # its machine still has another content than fleet
    STARTING = "starting"  # launched a moment ago; what is said of it may be older
    MOVING = "moving"  # activating, deactivating, reloading
    RUNNING = "running"
    COMPLETED = "completed"  # ended, as expected
    FAILED = "failed"
    STOPPED = "stopped"  # neither failed nor running, though it should run


def runs(state: UnitState) -> bool:
    """Also while it is on its way up or down."""
    # `exited` is active by name only; the other kinds of units have words of their own
    return state.active in MOVING or (state.active == "active" and state.sub != "exited")


def phase_of(
    unit: FleetUnit | None,
    state: UnitState | None,
    expected: str,
    launched: datetime | None,
    at: datetime,
) -> Phase:
    """`launched` is when we last launched it, `at` when fleet was read."""
    if unit is None:
        return Phase.MISSING
    if state is None:
        return _without_state(unit)
    if state.hash != unit.hash:
        return Phase.UPDATING
    if launched is not None and _may_be_from_before(launched, unit, state, at):
        return Phase.STARTING
    return _as_systemd_says(unit, state, expected)


def _may_be_from_before(
    launched: datetime, unit: FleetUnit, state: UnitState, at: datetime
) -> bool:
    older = state.since is None or state.since < launched
    return older and at < _told_by(launched, unit) and unit.desired_state == "launched"


def _told_by(launched: datetime, unit: FleetUnit) -> datetime:
    if unit.current_state not in (None, "launched"):
        return launched + BEGINNING
    return max(launched + SETTLING, (unit.since or launched) + TELLING)


def _without_state(unit: FleetUnit) -> Phase:
    if unit.desired_state != "launched":
        return Phase.IDLE
    return Phase.UNPLACED if unit.machine_id is None else Phase.SILENT


def _as_systemd_says(unit: FleetUnit, state: UnitState, expected: str) -> Phase:
    if runs(state):
        return Phase.MOVING if state.active in MOVING else Phase.RUNNING
    if unit.desired_state != "launched":
        return Phase.IDLE
    if state.active == "failed" or state.load != "loaded":  # bad-setting, not-found, masked
        return Phase.FAILED
    return Phase.COMPLETED if expected == "completed" else Phase.STOPPED
