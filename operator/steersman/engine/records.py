"""The operator's own records in home: what it accepted, remembers, has under way and reported."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from steersman.engine.accept import Accepted
from steersman.model.errors import FencedError, SteersmanError
from steersman.model.memory import Memory
from steersman.model.outcome import Pending
from steersman.model.plan import Target
from steersman.model.ports import Fence, Item, Store
from steersman.model.resource import Key, Resource
from steersman.model.status import Status
from steersman.model.views import status_view
from steersman.model.world import Bootstrap

ROOT = "/steersman/"
STATUS = "/status/"
ACCEPTED = ROOT + "accepted/"
MEMORY = ROOT + "memory/"
INTENTS = ROOT + "intents/"
BOOTSTRAP = ROOT + "bootstrap/"

T = TypeVar("T")

_ACCEPTED = TypeAdapter(Accepted)
_MEMORY = TypeAdapter(Memory)
_PENDING = TypeAdapter(Pending)
_BOOTSTRAP = TypeAdapter(Bootstrap)


class RecordError(SteersmanError):
    """A record of ours in home that cannot be read: a person has to look before we go on."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything that is recorded, as of one listing."""

    accepted: Mapping[Key, Accepted] = field(default_factory=dict)
    memory: Mapping[Key, Memory] = field(default_factory=dict)
    pending: Mapping[Target, Pending] = field(default_factory=dict)
    bootstraps: Mapping[str, Bootstrap] = field(default_factory=dict)


def recorded(items: Iterable[Item]) -> Recorded:
    """RecordError names the first key that cannot be read."""
    found = Recorded({}, {}, {}, {})
    by_prefix: Mapping[str, Callable[[str, bytes], None]] = {
        ACCEPTED: lambda name, value: _into(found.accepted, Key.parse(name), _ACCEPTED, value),
        MEMORY: lambda name, value: _into(found.memory, Key.parse(name), _MEMORY, value),
        BOOTSTRAP: lambda name, value: _into(found.bootstraps, name, _BOOTSTRAP, value),
        INTENTS: lambda _, value: _pending_into(found.pending, value),
    }
    for item in items:
        for prefix, take in by_prefix.items():
            if item.key.startswith(prefix):
                _take(take, item, prefix)
    return found


class Records:
    """Writes records, each with the fence of the leader's term. FencedError: the term is over."""

    def __init__(self, home: Store, fence: Callable[[], Fence | None]) -> None:
        self._home, self._fence = home, fence

    async def load(self) -> Recorded:
        return recorded((await self._home.list(ROOT)).items)

    async def accepted(self, key: Key, record: Accepted) -> None:
        await self._put(f"{ACCEPTED}{key}", _ACCEPTED.dump_json(record))

    async def memory(self, key: Key, memory: Memory) -> None:
        await self._put(f"{MEMORY}{key}", _MEMORY.dump_json(memory))

    async def intend(self, pending: Pending) -> None:
        await self._put(_intent_key(pending.target), _PENDING.dump_json(pending))

    async def settled(self, target: Target) -> None:
        await self._remove(_intent_key(target))

    async def forget(self, key: Key) -> None:
        """Keep nothing of a resource. The claim goes before the status: what is left over by a
        crash in between shows that it is of nobody."""
        for prefix in (MEMORY, ACCEPTED, STATUS):
            await self._remove(f"{prefix}{key}")

    async def status(self, resource: Resource[Any], status: Status) -> None:
        await self._put(f"{STATUS}{resource.key}", status_view(resource, status))

    async def statuses(self) -> Mapping[str, bytes]:
        """The statuses as they stand in home, by `kind/name`."""
        listing = await self._home.list(STATUS)
        return {item.key.removeprefix(STATUS): item.value for item in listing.items}

    async def _put(self, key: str, value: bytes) -> None:
        await self._home.put(key, value, fence=self._term())

    async def _remove(self, key: str) -> None:
        item = await self._home.get(key)
        if item is not None:
            await self._home.compare_and_delete(key, item.revision, fence=self._term())

    def _term(self) -> Fence:
        fence = self._fence()
        if fence is None:
            raise FencedError("not leading: nothing is written")
        return fence


def _intent_key(target: Target) -> str:
    return f"{INTENTS}{target.system}/{target.name.strip('/')}"


def _take(take: Callable[[str, bytes], None], item: Item, prefix: str) -> None:
    try:
        take(item.key.removeprefix(prefix), item.value)
    except (ValidationError, ValueError) as error:
        msg = f"{item.key} cannot be read: {error}"
        raise RecordError(msg) from error


def _into(found: Any, at: Any, adapter: TypeAdapter[T], value: bytes) -> None:
    found[at] = adapter.validate_json(value)


def _pending_into(found: Any, value: bytes) -> None:
    pending = _PENDING.validate_json(value)
    found[pending.target] = pending
