"""What came of a step: its expectation while it is pending, its outcome once it is settled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import AwareDatetime

from steersman.model.errors import OutsideError
from steersman.model.plan import Effect, Target
from steersman.model.resource import Key


@dataclass(frozen=True, slots=True)
class OperationDone:
    """A Compute Engine operation is DONE and a GET of its instance agrees."""

    zone: str
    operation: str
    name: str  # the instance's


@dataclass(frozen=True, slots=True)
class UnitIs:
    """A read of fleet shows this unit so; `current` only where the recipe depends on it."""

    name: str
    hash: str
    desired: str
    current: str | None = None


@dataclass(frozen=True, slots=True)
class UnitGone:
    """A read of fleet shows neither the unit nor a state of it."""

    name: str


@dataclass(frozen=True, slots=True)
class KeysAt:
    """The watch of the keys has seen a write of the target's key at this revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class KeyGone:
    """The watch of the keys no longer shows the target's key at this revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class BootstrapIs:
    """The record of how a cluster came to be says this phase."""

    cluster: str
    phase: str


Expectation = OperationDone | UnitIs | UnitGone | KeysAt | KeyGone | BootstrapIs


@dataclass(frozen=True, slots=True)
class Pending:
    """A step that was started and whose effect was not seen yet. Its target gets no other step.

    Written to home *before* the call it is an intent: after a crash it tells what may have been
    asked for. `expects` is None until the call was answered. `attempt` is a UUID, Compute
    Engine's requestId. `attributes` are what the kind wants back with the outcome. `declares` are
    the declared fields that it writes, by path. `approval` is the digest under which a person
    approved it, "" if nobody did.
    """

    key: Key
    target: Target
    action: str
    effect: Effect
    attempt: str
    since: AwareDatetime
    deadline: AwareDatetime
    expects: Expectation | None = None
    disrupts: tuple[Key, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    declares: Mapping[str, str] = field(default_factory=dict)
    approval: str = ""

    @property
    def unanswered(self) -> bool:
        return self.expects is None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended, for `remember`, the events and the metrics. `error` None: it worked."""

    key: Key
    target: Target
    action: str
    effect: Effect
    at: datetime
    error: OutsideError | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """What a driver returns. `expects` None: nothing is left to see.

    `attributes` add to those of the step (a generated value, say).
    """

    expects: Expectation | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
