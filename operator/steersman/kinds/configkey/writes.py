"""What a configkey has to itself: its key."""

from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.plan import Target
from steersman.model.resource import Key


def writes(_key: Key, spec: ConfigKey) -> frozenset[Target]:
    return frozenset({Target("keys", spec.key)})
