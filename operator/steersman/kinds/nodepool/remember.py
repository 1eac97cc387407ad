"""What a nodepool keeps: generated values, the zones it has used, zones without room."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from steersman.model.circuit import ZONE
from steersman.model.errors import ErrorClass
from steersman.model.memory import Memory, Own
from steersman.model.moment import Moment
from steersman.model.outcome import Outcome

STOCKOUT_SECONDS = 300
SECRET = "secret:"  # noqa: S105 - the prefix of attributes that are never logged


class OwnOfPool(Own):
    """`stockouts` tells until when a zone is not asked again."""

    generated: Mapping[str, str] = {}
    zones: Sequence[str] = ()
    stockouts: Mapping[str, Moment] = {}


def generated_values(memory: Memory) -> Mapping[str, str]:
    return dict(memory.own.get("generated", {}))


def stocked_out_until(memory: Memory, zone: str) -> datetime | None:
    until = memory.own.get("stockouts", {}).get(zone)
    return datetime.fromisoformat(until) if until else None


def remember(memory: Memory, outcome: Outcome) -> Memory:
    match outcome.action:
        case "Generate" if outcome.error is None:
            return _with_value(memory, outcome.attributes)
        case "CreateInstance" if ZONE in outcome.attributes:
            return _with_creation(memory, outcome, outcome.attributes[ZONE])
        case _:
            return memory


def _with_value(memory: Memory, attributes: Mapping[str, str]) -> Memory:
    """The first value stays: nodes were made with it."""
    variable = attributes["variable"]
    new = {variable: attributes[f"{SECRET}{variable}"]}
    return memory.with_own(generated={**new, **generated_values(memory)})


def _with_creation(memory: Memory, outcome: Outcome, zone: str) -> Memory:
    """A zone that was asked may hold a node, whatever came of it."""
    zones = sorted({zone, *memory.own.get("zones", ())})
    stockouts = dict(memory.own.get("stockouts", {}))
    stockouts.pop(zone, None)
    if outcome.error is not None and outcome.error.kind is ErrorClass.STOCKOUT:
        stockouts[zone] = (outcome.at + timedelta(seconds=STOCKOUT_SECONDS)).isoformat()
    return memory.with_own(zones=zones, stockouts=stockouts)
