"""What a gate is asked, and how it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from steersman.engine.ledger import Ledger
from steersman.model.kind import Kinds, Verdict
from steersman.model.plan import Effect, Step
from steersman.model.resource import Metadata
from steersman.model.world import World

EVERY = frozenset(Effect)
DISRUPTIVE = frozenset({Effect.DISRUPT, Effect.DESTROY})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate decides about."""

    step: Step
    world: World
    ledger: Ledger
    kinds: Kinds
    actions_per_hour: int
    now: datetime

    @property
    def metadata(self) -> Metadata:
        """Of the document that the step belongs to."""
        return self.world.resources[self.step.key].metadata


Gate = Callable[[Asked], Verdict]


def passed(gate: str) -> Verdict:
    return Verdict(gate, passed=True)


def wait(gate: str, reason: str, message: str, until: datetime | None = None) -> Verdict:
    return Verdict(gate, passed=False, reason=reason, message=message, until=until)
