"""What has to be kept of a unit's steps: restarts, launches, the configuration at each start."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict

from steersman.kinds.unit.actions import LaunchUnit, LoadUnit, ReplaceUnit, UnloadUnit
from steersman.kinds.unit.owned import OWNED
from steersman.kinds.unit.plan import CONTENT_DIFFERS, RATIONED, STATE_DIFFERS
from steersman.kinds.unit.spec import RESTARTS_MAX
from steersman.model.memory import Memory, Own
from steersman.model.moment import Moment
from steersman.model.outcome import Outcome
from steersman.model.plan import Step

OWNING = frozenset({"SubmitUnit", "ReplaceUnit", "LaunchUnit"})
UNITS_KEPT_MAX = 2000  # documents name at most 1000; names that were given up may stay a while


class OwnOfUnit(Own):
    """By the names of the units, as is what another release keeps: when which steps were done, and
    with which configuration the last start was."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Mapping[str, Any]]

    owned: Mapping[str, Moment] = {}
    launched: Mapping[str, Moment] = {}
    begun: Mapping[str, Moment] = {}
    restarted: Mapping[str, Moment] = {}
    restarts: Mapping[str, Sequence[Moment]] = {}
    config: Mapping[str, str] = {}


def attributes(step: Step) -> Mapping[str, str]:
    """`starts` of a step after which the unit runs: with which configuration, "" if unknown.
    `begins` of the first half of a restart, or of a replacement by an old fleet; `restart` is when
    somebody asked for it."""
    action = step.action
    said = {"reason": step.reason}
    if isinstance(action, LoadUnit) and step.reason != STATE_DIFFERS:
        said["begins"] = "restart"
        if action.restart is not None:
            said["restart"] = action.restart.isoformat()
    if isinstance(action, UnloadUnit) and step.reason == CONTENT_DIFFERS:
        said["begins"] = "replacement"
    if isinstance(action, LaunchUnit) or (
        isinstance(action, ReplaceUnit) and action.state == "launched"
    ):
        said["starts"] = action.config or ""
    return said


def remember(memory: Memory, outcome: Outcome) -> Memory:
    if outcome.error is not None:
        return memory
    if outcome.action == "DestroyUnit" and not _replaces(outcome):
        return _without(memory, outcome.target.name)
    if outcome.action in OWNING:
        memory = _with(memory, OWNED, outcome.target.name, outcome.at.isoformat())
    if _replaces(outcome):  # another content: what the one before did is forgiven
        memory = _with(memory, "restarts", outcome.target.name, [])
    for name, value in _begun(outcome).items():
        memory = _with(memory, name, outcome.target.name, value)
    if outcome.action == "LoadUnit" and outcome.attributes.get("reason") in RATIONED:
        return _with_restart(memory, outcome)
    if "starts" in outcome.attributes:
        return _with_start(memory, outcome)
    return memory


def _replaces(outcome: Outcome) -> bool:
    """Whether another content comes: at once, or after what is destroyed."""
    told = outcome.attributes.get("reason")
    return outcome.action == "ReplaceUnit" or (
        outcome.action == "DestroyUnit" and told == CONTENT_DIFFERS
    )


def _begun(outcome: Outcome) -> Mapping[str, str]:
    """Of a restart: when its first half was done, and whose request that met."""
    begun = {"begun": outcome.at.isoformat()} if "begins" in outcome.attributes else {}
    asked = outcome.attributes.get("restart")
    return {**begun, "restarted": asked} if asked else begun


def _with_restart(memory: Memory, outcome: Outcome) -> Memory:
    past = memory.own.get("restarts", {}).get(outcome.target.name, [])
    times = [*past, outcome.at.isoformat()][-RESTARTS_MAX:]
    return _with(memory, "restarts", outcome.target.name, times)


def _with_start(memory: Memory, outcome: Outcome) -> Memory:
    memory = _with(memory, "launched", outcome.target.name, outcome.at.isoformat())
    config = outcome.attributes["starts"]
    # unknown at this start: the one before stands, so that at worst it is rolled once more
    return _with(memory, "config", outcome.target.name, config) if config else memory


def _without(memory: Memory, unit: str) -> Memory:
    """With nothing that is kept of it."""
    left = {
        what: {name: kept for name, kept in table.items() if name != unit}
        for what, table in memory.own.items()
    }
    return memory.with_own(**left)


def _with(memory: Memory, what: str, unit: str, value: Any) -> Memory:
    others = {name: kept for name, kept in memory.own.get(what, {}).items() if name != unit}
    kept = list(others.items())[-(UNITS_KEPT_MAX - 1) :]
    return memory.with_own(**{what: {**dict(kept), unit: value}})
