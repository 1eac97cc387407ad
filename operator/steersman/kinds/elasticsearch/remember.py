"""What outlives a pass: whose address a registration is, and what was removed lately."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import StringConstraints

from steersman.model.memory import Memory, Own
from steersman.model.moment import Moment
from steersman.model.outcome import Outcome

# A node that was removed, came back and was removed again within this time is flapping.
FLAP_WINDOW = timedelta(minutes=10)
REMOVALS_PER_KEY_MAX = 10


# A Compute instance, as `zone/name/id`; "" where it was not known.
Owner = Annotated[str, StringConstraints(pattern=r"^([^/]+/[^/]+/[^/]+)?$")]


class OwnOfCluster(Own):
    """By the keys of the registrations."""

    owners: Mapping[str, Owner] = {}
    removals: Mapping[str, Sequence[Moment]] = {}


def owners(memory: Memory) -> Mapping[str, str]:
    """The owner that each key was registered for."""
    found: Mapping[str, str] = memory.own.get("owners", {})
    return found


def removals(memory: Memory) -> Mapping[str, tuple[datetime, ...]]:
    """When each key was removed by us, as far as it matters."""
    known: Mapping[str, list[str]] = memory.own.get("removals", {})
    return {key: tuple(map(datetime.fromisoformat, times)) for key, times in known.items()}


def remember(memory: Memory, outcome: Outcome) -> Memory:
    if outcome.error is not None:
        return memory
    key = outcome.target.name
    match outcome.action:
        case "Register":
            return memory.with_own(owners={**owners(memory), key: outcome.attributes["owner"]})
        case "Deregister":
            left = {other: owner for other, owner in owners(memory).items() if other != key}
            return memory.with_own(owners=left, removals=_with_removal(memory, key, outcome.at))
        case _:
            return memory


def _with_removal(memory: Memory, key: str, at: datetime) -> Mapping[str, list[str]]:
    known = removals(memory)
    times = {**known, key: (*known.get(key, ()), at)}
    recent = {each: [t for t in past if at - t < FLAP_WINDOW] for each, past in times.items()}
    return {
        each: [t.isoformat() for t in past[-REMOVALS_PER_KEY_MAX:]]
        for each, past in recent.items()
        if past
    }
