"""Whether the key holds the value, and no key does where it stood before. Values may be secret:
their hashes stand for them."""

from collections.abc import Iterator

from steersman.kinds.configkey.observe import Observed, sha256
from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.drift import Difference, Drift
from steersman.model.plan import Target
from steersman.model.resource import Resource

ABSENT = "absent"


def diff(resource: Resource[ConfigKey], observed: Observed) -> Drift:
    if not observed.known:
        return Drift(known=False)
    former = (
        Difference(f"keys:{each.key}", "spec.key", ABSENT, f"sha256 {sha256(each.value)}")
        for each in observed.former
    )
    return Drift((*_value(resource.spec, observed), *former))


def _value(spec: ConfigKey, observed: Observed) -> Iterator[Difference]:
    if not observed.shows(spec.value):
        there = f"sha256 {sha256(observed.item.value)}" if observed.item else ABSENT
        wanted = f"sha256 {sha256(spec.value)}"
        yield Difference(str(target(spec)), "spec.value", wanted, there)


def target(spec: ConfigKey) -> Target:
    return Target("keys", spec.key)
