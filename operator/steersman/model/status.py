"""Status: conditions as in Kubernetes, a summary for people and scripts, and what waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from steersman.model.plan import Waiting

NAMES_SHOWN_MAX = 5
NOT_CONFIGURED = "NotConfigured"  # no setting says where a system is: nothing is known of it


@dataclass(frozen=True, slots=True)
class Condition:
    """`status` is True, False or Unknown; `since` is when it last changed."""

    type: str
    status: str
    reason: str
    message: str = ""
    since: datetime | None = None

    @classmethod
    def of(cls, type_: str, value: bool | None, reason: str, message: str = "") -> "Condition":
        return cls(type_, "Unknown" if value is None else str(value), reason, message)

    @property
    def holds(self) -> bool:
        return self.status == "True"


@dataclass(frozen=True, slots=True)
class Status:
    conditions: tuple[Condition, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    waiting: tuple[Waiting, ...] = ()

    def condition(self, type_: str) -> Condition | None:
        return next((each for each in self.conditions if each.type == type_), None)

    def holds(self, type_: str) -> bool:
        found = self.condition(type_)
        return found is not None and found.holds


def shortened(names: Iterable[str], shown_max: int = NAMES_SHOWN_MAX) -> str:
    """The first of the names, and how many more there are."""
    listed = list(names)
    shown, more = ", ".join(listed[:shown_max]), len(listed) - shown_max
    return f"{shown} and {more} more" if more > 0 else shown


def unsure(before: Status | None, reason: str, message: str, now: datetime) -> Status:
    """The status before, but for readiness: nobody can tell."""
    others = [each for each in before.conditions if each.type != "Ready"] if before else []
    conditions = (Condition.of("Ready", None, reason, message), *others)
    return Status(tuple(aged(conditions, before, now)), before.summary if before else {})


def aged(
    conditions: Iterable[Condition], before: Status | None, now: datetime
) -> Iterable[Condition]:
    """The conditions with the time of their last change: the one before while nothing changed."""
    for each in conditions:
        earlier = before.condition(each.type) if before else None
        unchanged = earlier is not None and earlier.status == each.status
        since = earlier.since if earlier and unchanged else now
        # every pass comes by here for every condition: `replace` would take a third of it
        yield Condition(each.type, each.status, each.reason, each.message, since)


def same(one: Status | None, other: Status) -> bool:
    """Equal but for times: what decides whether a status is written again."""
    return one is not None and _timeless(one) == _timeless(other)


def _timeless(status: Status) -> Status:
    return Status(
        tuple(replace(each, since=None) for each in status.conditions),
        status.summary,
        tuple(replace(each, until=None) for each in status.waiting),
    )
