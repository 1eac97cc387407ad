"""How a configkey is taken down: its key goes while it holds what we wrote, and stays otherwise."""

from dataclasses import dataclass

from steersman.kinds.configkey.diff import target
from steersman.kinds.configkey.observe import Observed
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.drift import Drift
from steersman.model.plan import Action, Plan
from steersman.model.resource import Resource
from steersman.model.teardown import left_over, step


@dataclass(frozen=True, slots=True)
class DeleteKey(Action):
    """Only while the key is at `revision`."""

    key: str
    revision: int


def remains(resource: Resource[ConfigKey], observed: Observed) -> Drift:
    """Somebody else's value at the key is not ours to take away."""
    spec = resource.spec
    left = {target(spec): "present"} if observed.ours(spec.value) else {}
    return left_over(left, complete=observed.known)


def teardown(resource: Resource[ConfigKey], observed: Observed, drift: Drift) -> Plan:
    if not drift or observed.item is None:
        return Plan()
    key, revision = resource.spec.key, observed.item.revision
    message = f"{key} holds what was written for this document: delete it"
    action = DeleteKey(key, revision)
    return Plan((step(resource, target(resource.spec), action, message, drift),))
