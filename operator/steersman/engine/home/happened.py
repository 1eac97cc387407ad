"""What happened: the events that stand in home, read again. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from steersman.engine.ledger import RATE_WINDOW
from steersman.model.moment import Moment
from steersman.model.ports import Item
from steersman.model.requests import Scope, named
from steersman.model.resource import Key
from steersman.model.views import JSON


class Told(BaseModel):
    """Of an event: the action if it was a step, and when."""

    kind: str
    action: str | None
    time: AwareDatetime


class _Stored(BaseModel):
    """What everybody who shows one reads of it."""

    model_config = ConfigDict(strict=True)

    time: Moment
    id: str
    kind: str
    name: str
    type: str
    action: str | None
    target: str | None
    reason: str
    message: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Happened:
    """Events as they stand there, oldest first; `unreadable` are the keys of what is none."""

    events: tuple[JSON, ...]
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Events that are asked for: of what they are, and how old they may be."""

    scope: Scope = field(default_factory=Scope)
    oldest: datetime | None = None

    def __call__(self, event: JSON) -> bool:
        if self.oldest is not None and datetime.fromisoformat(event["time"]) < self.oldest:
            return False
        member, target = self.scope.member, (event["target"] or "").rpartition(":")[2]
        meant = self.scope.includes(Key(event["kind"], event["name"]))
        return meant and (member is None or named(member, target))


def happened(items: Iterable[Item]) -> Happened:
    events: list[JSON] = []
    unreadable: list[str] = []
    for item in sorted(items, key=lambda each: each.key):
        try:
            _Stored.model_validate_json(item.value)
            events.append(json.loads(item.value))
        except ValueError:
            unreadable.append(item.key)
    return Happened(tuple(events), tuple(unreadable))


def executed_lately(told: Iterable[Told], now: datetime) -> Mapping[str, tuple[datetime, ...]]:
    """When steps of each kind were executed."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for each in told:
        if each.action is not None and now - each.time < RATE_WINDOW:
            found[each.kind].append(each.time)
    return {kind: tuple(sorted(times)) for kind, times in found.items()}
