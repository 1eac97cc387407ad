"""How a key gets its value: one write, over exactly what was seen there; where it stood before it
is deleted after that."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from steersman.kinds.configkey.diff import target
from steersman.kinds.configkey.observe import Observed
from steersman.kinds.configkey.spec import ConfigKey
from steersman.kinds.configkey.teardown import DeleteKey
from steersman.model.drift import Drift
from steersman.model.memory import Memory
from steersman.model.observed import KeyItem
from steersman.model.plan import Action, Effect, Plan, Step, Target
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
    put = tuple(_put(resource, observed, drift))
    after = tuple(step.id for step in put)
    gone = (_delete(resource, each, drift, after) for each in observed.former)
    return Plan((*put, *gone))


def _put(resource: Resource[ConfigKey], observed: Observed, drift: Drift) -> Iterator[Step]:
    spec = resource.spec
    if not drift.known or observed.shows(spec.value):
        return
    replaces = observed.item.revision if observed.item else None
    absent = replaces is None
    said = "is absent" if absent else f"holds another value since revision {replaces}"
    yield Step(
        resource.key,
        target(spec),
        PutKey(spec.key, spec.value, replaces),
        reason="KeyAbsent" if absent else "ValueDiffers",
        effect=Effect.CREATE if absent else Effect.REPAIR,
        message=f"{spec.key} {said}: write what the document says",
        differences=drift.of(str(target(spec))),
    )


def _delete(
    resource: Resource[ConfigKey], item: KeyItem, drift: Drift, after: tuple[str, ...]
) -> Step:
    return Step(
        resource.key,
        Target("keys", item.key),
        DeleteKey(item.key, item.revision),
        reason="KeyMoved",
        effect=Effect.DESTROY,
        message=f"{item.key} was written for this document, which names {resource.spec.key} now",
        after=after,
        differences=drift.of(f"keys:{item.key}"),
    )
