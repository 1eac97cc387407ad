"""Plans: steps as data, each one outside call with its reason and its effect."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from steersman.model.drift import Difference
from steersman.model.resource import Key


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
    `after` holds ids of steps of the same plan that have to be done first.
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

    @property
    def id(self) -> str:
        """Eight hex digits: the same step planned again has the same id."""
        text = f"{self.key} {self.target} {self.action.name}"
        return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not done now: the gate or the kind that holds it, and until when if that is known."""

    target: str
    gate: str
    reason: str
    until: datetime | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`waits` is what the kind itself holds back; `look_again` when time alone changes the plan."""

    steps: tuple[Step, ...] = ()
    waits: tuple[Waiting, ...] = ()
    look_again: datetime | None = None
