"""What of the World concerns a configkey: its key, and those where it stood before."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from steersman.kinds.configkey.spec import ConfigKey
from steersman.model.memory import Memory
from steersman.model.observed import KeyItem
from steersman.model.plan import Target
from steersman.model.resource import EMPTY, Resource
from steersman.model.world import World


@dataclass(frozen=True, slots=True)
class Observed:
    """`item` None with `known` True: the key is not there. `written` is the hash of the value that
    we wrote there last, None when nobody remembers. `former` are other keys that hold what we wrote
    for the document, and that no document names any more."""

    known: bool
    item: KeyItem | None
    written: str | None = None
    former: tuple[KeyItem, ...] = ()

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
    known, key = world.keys.observed_at is not None, resource.spec.key
    item = world.keys.items.get(key) if known else None
    hashes = written(world.memory_of(resource.key))
    return Observed(known, item, hashes.get(key), tuple(_former(resource, hashes, world)))


def written(memory: Memory) -> Mapping[str, str]:
    """The hash of what we wrote last, by key."""
    found: Mapping[str, str] = memory.own.get("hashes", EMPTY)
    return found


def _former(
    resource: Resource[ConfigKey], hashes: Mapping[str, str], world: World
) -> Iterator[KeyItem]:
    for key in sorted(hashes.keys() - {resource.spec.key}):
        item = world.keys.items.get(key)
        ours = item is not None and sha256(item.value) == hashes[key]
        if item is not None and ours and not _named_by_another(key, resource.key.kind, world):
            yield item


def _named_by_another(key: str, kind: str, world: World) -> bool:
    documents = (*world.resources.values(), *world.released.values())
    return any(each.key.kind == kind and each.spec.key == key for each in documents)


def sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
