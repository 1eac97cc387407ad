"""What of the World concerns a configkey: the one key."""

from dataclasses import dataclass

from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.observed import KeyItem
from steersman.model.resource import Resource
from steersman.model.world import World


@dataclass(frozen=True, slots=True)
class Observed:
    """`item` None with `known` True: the key is not there."""

    known: bool
    item: KeyItem | None

    def shows(self, value: str) -> bool:
        return self.item is not None and self.item.value == value


def observe(resource: Resource[ConfigKey], world: World) -> Observed:
    known = world.keys.observed_at is not None
    return Observed(known, world.keys.items.get(resource.spec.key) if known else None)
