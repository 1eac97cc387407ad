"""Plans: steps as data, each one outside call with its reason and its effect."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from steersman.model.drift import Difference
from steersman.model.resource import Key

SHRINK_SHARE = 0.1  # of its members, a document loses at once without a person's word


class Effect(StrEnum):
    """What a step does to what runs; the gates hold steps by it."""

    SECURE = "secure"  # closes a hole
    CREATE = "create"  # makes or starts what was not there
    REPAIR = "repair"  # touches only what is already down
    DISRUPT = "disrupt"  # takes away what runs, for a while
    DESTROY = "destroy"  # takes it away for good


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """An outside object: its system (compute, fleet, keys, home, memory) and its name there."""

    system: str
    name: str

    def __str__(self) -> str:
        return f"{self.system}:{self.name}"


@dataclass(frozen=True)
class Action:
    """The base of every kind's actions: frozen data that its driver matches exhaustively."""

    @property
    def name(self) -> str:
        return type(self).__name__


@dataclass(frozen=True, slots=True)
class Step:
    """`reason` is one word for programs, `message` a sentence for people.

    `disrupts` names the groups (documents) that lose a member while the step is under way.
    `after` holds ids of steps of the same plan that have to be done first. `approved`: a
    person's word covers it already: it carries out a request, or ends what was begun. `shrinks`:
    it is part of taking away much at once. `rests_on` are sources that it rests on beside those
    that its kind always needs.
    """

    key: Key
    target: Target
    action: Action
    reason: str
    effect: Effect
    message: str = ""
    disrupts: tuple[Key, ...] = ()
    after: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    approved: bool = False
    shrinks: bool = False
    rests_on: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Eight hex digits: the same step planned again has the same id."""
        text = f"{self.key} {self.target} {self.action.name}"
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def writes(self, path: str) -> Mapping[str, str]:
        """The document's field with what it writes there, if that differs from what is there."""
        return {each.path: each.desired for each in self.differences if each.path == path}

    @property
    def digest(self) -> str:
        """Eight hex digits for what is approved: the step, all that it would do, and the
        differences that it rests on. When one of them changes, it is another step."""
        told = (self.id, self.reason, self.effect, self.action, self.differences)
        text = json.dumps(_plain(told), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not done now: the gate or the kind that holds it, and until when if that is known."""

    target: str
    gate: str
    reason: str
    until: datetime | None = None
    message: str = ""


def plan_id(steps: Iterable[Step]) -> str:
    """Eight hex digits: the same steps planned again, of one resource or of all, have the same."""
    ids = ",".join(step.id for step in steps)
    return hashlib.sha256(ids.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Plan:
    """`waits` is what the kind itself holds back; `look_again` when time alone changes the plan."""

    steps: tuple[Step, ...] = ()
    waits: tuple[Waiting, ...] = ()
    look_again: datetime | None = None


def much(before: int, after: int) -> bool:
    """Whether so many members less is more than anybody takes away without asking."""
    return before - after > max(1, before * SHRINK_SHARE)


def _plain(value: Any) -> Any:
    """A value as JSON has it, with what its repr leaves out."""
    if is_dataclass(value):
        return [type(value).__name__, *(_plain(getattr(value, at.name)) for at in fields(value))]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return str(value)
