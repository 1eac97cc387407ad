"""A shelf: what the World holds of one sort is kept under a prefix in home for the next leader."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from steersman.model.ports import Item, Store

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Moved(Generic[T]):
    """An entry that was put there, or taken away."""

    name: str
    entry: T
    put: bool


@dataclass(frozen=True, slots=True)
class Entries(Generic[T]):
    """What can be read, by name, and why the rest cannot, by key."""

    read: Mapping[str, T]
    unreadable: Mapping[str, str]


def entries(items: Iterable[Item], prefix: str, adapter: TypeAdapter[T]) -> Entries[T]:
    """Of all these, what stands under the prefix."""
    read, unreadable = dict[str, T](), dict[str, str]()
    for item in items:
        if not item.key.startswith(prefix):
            continue
        try:
            read[item.key.removeprefix(prefix)] = adapter.validate_json(item.value)
        except ValidationError as error:
            unreadable[item.key] = str(error)
    return Entries(read, unreadable)


class Shelf(Generic[T]):
    """`home` is fenced: only the leader writes. An entry stands as it was when it was put there."""

    def __init__(self, home: Store, prefix: str, adapter: TypeAdapter[T]) -> None:
        self._home, self._prefix, self._adapter = home, prefix, adapter
        self._revisions: dict[str, int] = {}
        self._entries: dict[str, T] = {}

    async def load(self) -> Mapping[str, T]:
        """What stands there, as far as it can be read: the rest is of another release, and is taken
        away with the next write."""
        items = (await self._home.list(self._prefix)).items
        self._revisions = {item.key.removeprefix(self._prefix): item.revision for item in items}
        found = entries(items, self._prefix, self._adapter)
        for key, why in found.unreadable.items():
            log.warning("record cannot be read", key=key, error=why)
        self._entries = {**found.read}
        return found.read

    async def keep(self, current: Mapping[str, T]) -> AsyncGenerator[Moved[T], None]:
        """Put what is new there, and take away what is no more. Each is told when it is done: the
        next may fail."""
        for name in sorted(current.keys() - self._revisions.keys()):
            value = self._adapter.dump_json(current[name])
            self._revisions[name] = await self._home.put(f"{self._prefix}{name}", value)
            self._entries[name] = current[name]
            yield Moved(name, current[name], put=True)
        for name in sorted(self._revisions.keys() - current.keys()):
            await self._home.compare_and_delete(f"{self._prefix}{name}", self._revisions[name])
            del self._revisions[name]
            if name in self._entries:  # else nobody could read it
                yield Moved(name, self._entries.pop(name), put=False)
