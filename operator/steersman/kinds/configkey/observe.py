"""What of the World concerns a configkey: the one key."""

import hashlib
from dataclasses import dataclass

from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.observed import KeyItem
from steersman.model.plan import Target
from steersman.model.resource import Resource
from steersman.model.world import World


@dataclass(frozen=True, slots=True)
class Observed:
    """`item` None with `known` True: the key is not there. `written` is the hash of the value that
    we wrote last, None when nobody remembers."""

    known: bool
    item: KeyItem | None
    written: str | None = None

    def shows(self, value: str) -> bool:
        return self.item is not None and self.item.value == value

    def ours(self, value: str) -> bool:
        """Whether what is there is what the document says, or what we wrote for it before."""
        if self.item is None:
            return False
        return self.item.value == value or sha256(self.item.value) == self.written


def concerns(resource: Resource[ConfigKey]) -> frozenset[Target]:
    return frozenset({Target("keys", resource.spec.key)})


def observe(resource: Resource[ConfigKey], world: World) -> Observed:
    known = world.keys.observed_at is not None
    item = world.keys.items.get(resource.spec.key) if known else None
    return Observed(known, item, world.memory_of(resource.key).own.get("written"))


def sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
