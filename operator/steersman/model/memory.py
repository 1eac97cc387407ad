"""Memory: what has to outlive a pass and a daemon, and cannot be observed again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from steersman.model.plan import Effect, Target


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often in a row a target's steps of one effect failed, when the next may start, and when
    the last one failed (None in a record of an earlier release). `outdated`: it was refused because
    its target is not as it was seen."""

    failures: int
    until: AwareDatetime
    reason: str
    at: AwareDatetime | None = None
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Contest:
    """A declared field that is ours: what we wrote there, when lately we had to write it again
    because somebody had changed it, and since when we leave it to them, if we do."""

    desired: str
    rewritten: tuple[AwareDatetime, ...] = ()
    since: AwareDatetime | None = None


class Own(BaseModel):
    """The shape of what a kind keeps, to be checked by when it is read. What a shape does not name
    is of another release, and stays as it is."""

    model_config = ConfigDict(strict=True)


@dataclass(frozen=True, slots=True)
class Memory:
    """`backoff` is the engine's, by `backoff_key`; so are `contests`, by target and path, and
    `spent`: when steps that a person had approved were done, by their digest. `own` is the kind's,
    JSON values only."""

    backoff: Mapping[str, Backoff] = field(default_factory=dict)
    contests: Mapping[str, Contest] = field(default_factory=dict)
    spent: Mapping[str, AwareDatetime] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)

    def with_own(self, **values: Any) -> "Memory":
        return replace(self, own={**self.own, **values})


def backoff_key(target: Target, effect: Effect) -> str:
    return f"{target} {effect}"
