"""Whether the key holds the value. Values may be secret: their hashes stand for them."""

from steersman.kinds.configkey.observe import Observed, sha256
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.drift import Difference, Drift
from steersman.model.plan import Target
from steersman.model.resource import Resource

ABSENT = "absent"


def diff(resource: Resource[ConfigKey], observed: Observed) -> Drift:
    if not observed.known:
        return Drift(known=False)
    spec = resource.spec
    if observed.shows(spec.value):
        return Drift()
    there = f"sha256 {sha256(observed.item.value)}" if observed.item else ABSENT
    wanted = f"sha256 {sha256(spec.value)}"
    return Drift((Difference(str(target(spec)), "spec.value", wanted, there),))


def target(spec: ConfigKey) -> Target:
    return Target("keys", spec.key)
