"""Memory: what has to outlive a pass and a daemon, and cannot be observed again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from steersman.model.plan import Effect, Target


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often in a row a target's steps of one effect failed, and when the next may start."""

    failures: int
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Memory:
    """`backoff` is the engine's, by `backoff_key`; `own` is the kind's, JSON values only."""

    backoff: Mapping[str, Backoff] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)

    def with_own(self, **values: Any) -> "Memory":
        return replace(self, own={**self.own, **values})


def backoff_key(target: Target, effect: Effect) -> str:
    return f"{target} {effect}"
