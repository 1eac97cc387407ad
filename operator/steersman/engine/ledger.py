"""The ledger: what is under way and what was done lately, for the gates that count."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from steersman.model.circuit import Circuit
from steersman.model.plan import Step, Target
from steersman.model.resource import Key

RATE_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Immutable; only reconcile replaces it, with no await between its gates and `reserve`.

    `running` holds the targets whose call is on its way, with the groups they disrupt, and
    `circuits` where each of them goes; `executed` the times of the last hour's steps of each kind.
    `ahead` counts those of each kind that come before in the plan that is looked at.
    """

    running: Mapping[Target, tuple[Key, ...]] = field(default_factory=dict)
    executed: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    circuits: Mapping[Target, Circuit] = field(default_factory=dict)
    ahead: Mapping[str, int] = field(default_factory=dict)

    def reserve(self, step: Step, circuit: Circuit, now: datetime) -> "Ledger":
        """With the step under way and counted."""
        recent = self.times(step.key.kind, now)
        return replace(
            self,
            running={**self.running, step.target: step.disrupts},
            executed={**self.executed, step.key.kind: (*recent, now)},
            circuits={**self.circuits, step.target: circuit},
        )

    def behind(self, kind: str) -> "Ledger":
        """As whoever comes after one more step of a kind sees it."""
        return replace(self, ahead={**self.ahead, kind: self.ahead.get(kind, 0) + 1})

    def release(self, target: Target) -> "Ledger":
        """With the call of that target over."""
        return replace(
            self,
            running={k: v for k, v in self.running.items() if k != target},
            circuits={k: v for k, v in self.circuits.items() if k != target},
        )

    def times(self, kind: str, now: datetime) -> tuple[datetime, ...]:
        """When steps of a kind were executed within the window before `now`."""
        return tuple(at for at in self.executed.get(kind, ()) if now - at < RATE_WINDOW)
