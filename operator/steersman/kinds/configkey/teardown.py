"""How a configkey is taken down: its key goes while it holds what we wrote, and stays otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass

from steersman.kinds.configkey.observe import Observed
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.drift import Drift
from steersman.model.observed import KeyItem
from steersman.model.plan import Action, Plan, Step, Target
from steersman.model.resource import Resource
from steersman.model.teardown import left_over, step


@dataclass(frozen=True, slots=True)
class DeleteKey(Action):
    """Only while the key is at `revision`."""

    key: str
    revision: int


def remains(resource: Resource[ConfigKey], observed: Observed) -> Drift:
    """Somebody else's value at the key is not ours to take away."""
    left = {Target("keys", each.key): "present" for each in _left(resource.spec, observed)}
    return left_over(left, complete=observed.known)


def teardown(resource: Resource[ConfigKey], observed: Observed, drift: Drift) -> Plan:
    return Plan(tuple(_delete(resource, each, drift) for each in _left(resource.spec, observed)))


def _left(spec: ConfigKey, observed: Observed) -> Iterator[KeyItem]:
    if observed.item is not None and observed.ours(spec.value):
        yield observed.item
    yield from observed.former


def _delete(resource: Resource[ConfigKey], item: KeyItem, drift: Drift) -> Step:
    message = f"{item.key} holds what was written for this document: delete it"
    action = DeleteKey(item.key, item.revision)
    return step(resource, Target("keys", item.key), action, message, drift)
