"""What people and scripts read of a configkey."""

from datetime import datetime

from steersman.kinds.configkey.observe import Observed, sha256
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.drift import Drift
from steersman.model.plan import Waiting
from steersman.model.resource import Resource
from steersman.model.status import Condition, Status


def status(
    resource: Resource[ConfigKey],
    observed: Observed,
    drift: Drift,
    waiting: tuple[Waiting, ...],
    now: datetime,
) -> Status:
    del drift, now
    spec = resource.spec
    summary = {
        "key": spec.key,
        "sha256": sha256(spec.value),
        "inSync": observed.shows(spec.value),
    }
    return Status((_ready(spec, observed),), summary, waiting)


def _ready(spec: ConfigKey, observed: Observed) -> Condition:
    if not observed.known:
        return Condition.of("Ready", None, "NotObserved", f"{spec.key} was not read yet")
    if observed.item is None:
        return Condition.of("Ready", False, "KeyAbsent", f"{spec.key} is absent")
    revision = observed.item.revision
    if not observed.shows(spec.value):
        said = f"{spec.key} holds another value since revision {revision}"
        return Condition.of("Ready", False, "ValueDiffers", said)
    return Condition.of("Ready", True, "InSync", f"{spec.key} written at revision {revision}")
