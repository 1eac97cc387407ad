"""How a key gets its value: one write, over exactly what was seen there."""

from dataclasses import dataclass, field
from datetime import datetime

from steersman.kinds.configkey.diff import target
from steersman.kinds.configkey.observe import Observed
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.drift import Drift
from steersman.model.memory import Memory
from steersman.model.plan import Action, Effect, Plan, Step
from steersman.model.resource import Resource


@dataclass(frozen=True, slots=True)
class PutKey(Action):
    """`replaces` is the revision that is written over; None: the key must not be there."""

    key: str
    value: str = field(repr=False)
    replaces: int | None


def plan(
    resource: Resource[ConfigKey], observed: Observed, drift: Drift, memory: Memory, now: datetime
) -> Plan:
    del memory, now
    if not drift:
        return Plan()
    spec = resource.spec
    replaces = observed.item.revision if observed.item else None
    absent = replaces is None
    said = "is absent" if absent else f"holds another value since revision {replaces}"
    step = Step(
        resource.key,
        target(spec),
        PutKey(spec.key, spec.value, replaces),
        reason="KeyAbsent" if absent else "ValueDiffers",
        effect=Effect.CREATE if absent else Effect.REPAIR,
        message=f"{spec.key} {said}: write what the document says",
        differences=drift.differences,
    )
    return Plan((step,))
