"""The operator's own records in home: what it accepted, remembers, has under way and reported."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from steersman.engine.acceptance.claims import Accepted, claim_of
from steersman.engine.home.batches import Batches
from steersman.engine.home.fenced import in_term
from steersman.model.kind import Kinds
from steersman.model.memory import Memory
from steersman.model.outcome import Pending
from steersman.model.plan import Step, Target
from steersman.model.ports import Fence, Item, Store
from steersman.model.resource import Key, Source
from steersman.model.shared import Shared
from steersman.model.status import Status
from steersman.model.views import status_of, status_view
from steersman.model.world import Bootstrap

ROOT = "/steersman/"
STATUS = "/status/"
ACCEPTED = ROOT + "accepted/"
MEMORY = ROOT + "memory/"
INTENTS = ROOT + "intents/"
BOOTSTRAP = ROOT + "bootstrap/"

WRITES_AT_ONCE = 100

log = structlog.get_logger()

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

_ACCEPTED = TypeAdapter(Accepted)
_MEMORY = TypeAdapter(Memory)
_PENDING = TypeAdapter(Pending)
_BOOTSTRAP = TypeAdapter(Bootstrap)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Everything that is recorded, as of one listing. `unreadable` tells of records why, by their
    keys in home: what they are about is left alone until a person mends or removes them."""

    accepted: Mapping[Key, Accepted] = field(default_factory=dict)
    memory: Mapping[Key, Memory] = field(default_factory=dict)
    pending: Mapping[Target, Pending] = field(default_factory=dict)
    bootstraps: Mapping[str, Bootstrap] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)


def recorded(items: Iterable[Item], kinds: Kinds) -> Recorded:
    unreadable: dict[str, str] = {}
    found = Recorded({}, {}, {}, {}, unreadable)
    by_prefix: Mapping[str, Callable[[str, Item], None]] = {
        ACCEPTED: lambda name, item: _accepted_into(found.accepted, Key.parse(name), item),
        MEMORY: lambda name, item: _memory_into(found.memory, Key.parse(name), item, kinds),
        BOOTSTRAP: lambda name, item: _into(found.bootstraps, name, _BOOTSTRAP, item),
        INTENTS: lambda _, item: _pending_into(found.pending, item),
    }
    for item in items:
        prefix = next((each for each in by_prefix if item.key.startswith(each)), None)
        if prefix is None:
            continue
        try:
            by_prefix[prefix](item.key.removeprefix(prefix), item)
        except ValueError as error:
            unreadable[item.key] = _why(error)
    return found


def revised(
    known: Recorded, paths: Collection[str], items: Mapping[str, Item], kinds: Kinds
) -> Recorded:
    """What is recorded when these keys of home are no longer as they were: only what stands there
    now is read."""
    found = recorded((items[path] for path in sorted(paths) if path in items), kinds)
    bootstraps = _left(known.bootstraps, lambda name: f"{BOOTSTRAP}{name}", paths)
    pending = _left(known.pending, intent_key, paths)
    unreadable = _left(known.unreadable, str, paths)
    return Recorded(
        accepted=_with(known.accepted, found.accepted, ACCEPTED, paths),
        memory=_with(known.memory, found.memory, MEMORY, paths),
        pending={**pending, **found.pending},
        bootstraps={**bootstraps, **found.bootstraps},
        unreadable={**unreadable, **found.unreadable},
    )


def forgotten(key: Key, unreadable: Mapping[str, str]) -> bool:
    """Whether what is remembered of a resource cannot be read: nothing is written over it."""
    return f"{MEMORY}{key}" in unreadable


def held_by(step: Step, unreadable: Mapping[str, str]) -> str | None:
    """The record that cannot be read and says what is to be known before such a step; None: there
    is none."""
    needed = (f"{MEMORY}{step.key}", intent_key(step.target), step.target.name)
    return next((path for path in needed if path in unreadable), None)


class Records:
    """Writes records, each with the fence of the leader's term. FencedError: the term is over."""

    def __init__(self, home: Store, fence: Callable[[], Fence | None], kinds: Kinds) -> None:
        self._home, self._fence, self._kinds = home, fence, kinds
        self._batches = Batches(home)

    async def load(self) -> Recorded:
        return self.read((await self._home.list(ROOT)).items)

    def read(self, items: Iterable[Item]) -> Recorded:
        return recorded(items, self._kinds)

    def revised(
        self, known: Recorded, paths: Collection[str], items: Mapping[str, Item]
    ) -> Recorded:
        return revised(known, paths, items, self._kinds)

    async def accepted(self, key: Key, record: Accepted) -> None:
        await self._put(f"{ACCEPTED}{key}", _ACCEPTED.dump_json(record))

    async def memory(self, key: Key, memory: Memory) -> None:
        await self._put(f"{MEMORY}{key}", _MEMORY.dump_json(memory))

    async def intend(self, pending: Pending) -> None:
        await self._put(intent_key(pending.target), _PENDING.dump_json(pending))

    async def settled(self, target: Target) -> None:
        await self._remove(intent_key(target))

    async def forget(self, key: Key) -> None:
        """Keep nothing of a resource. The claim goes before the status: what is left over by a
        crash in between shows that it is of nobody."""
        for prefix in (MEMORY, ACCEPTED, STATUS):
            await self._remove(f"{prefix}{key}")

    async def status(self, key: Key, source: Source, status: Status) -> None:
        await self._put(f"{STATUS}{key}", status_view(source, status))

    async def statuses(self) -> Mapping[Key, bytes]:
        """The statuses as they stand in home; a key that names no resource is somebody else's."""
        listing = await self._home.list(STATUS)
        named = ((told_of(item.key), item) for item in listing.items)
        return {key: item.value for key, item in named if key is not None}

    async def _put(self, key: str, value: bytes) -> None:
        await self._batches.put(key, value, self._term())

    async def _remove(self, key: str) -> None:
        item = await self._home.get(key)
        if item is not None:
            await self._home.compare_and_delete(key, item.revision, fence=self._term())

    def _term(self) -> Fence:
        return in_term(self._fence())


def told_of(path: str) -> Key | None:
    """Whose status stands at this key of home; None: somebody else's."""
    return _resource_named(path.removeprefix(STATUS))


def readable(statuses: Mapping[Key, bytes]) -> Mapping[Key, Status]:
    """What can be read of them: an unreadable one is only written again."""
    found = {}
    for key, value in statuses.items():
        try:
            found[key] = status_of(value)
        except ValueError:
            log.warning("stored status cannot be read", key=str(key))
    return found


def _left(
    known: Mapping[K, V], path_of: Callable[[K], str], paths: Collection[str]
) -> Mapping[K, V]:
    return {each: value for each, value in known.items() if path_of(each) not in paths}


def _with(
    known: Mapping[Key, V], found: Mapping[Key, V], prefix: str, paths: Iterable[str]
) -> Mapping[Key, V]:
    """A change of one of thousands is not to cost what all of them do."""
    changed = {key: found.get(key) for key in _resources_in(prefix, paths)}
    return Shared.of(known).updated(changed)


def _resources_in(prefix: str, paths: Iterable[str]) -> Iterator[Key]:
    for path in paths:
        key = _resource_named(path.removeprefix(prefix)) if path.startswith(prefix) else None
        if key is not None:
            yield key


def _resource_named(text: str) -> Key | None:
    try:
        return Key.parse(text)
    except ValueError:
        return None


def intent_key(target: Target) -> str:
    return f"{INTENTS}{target.system}/{target.name.strip('/')}"


def _why(error: ValueError) -> str:
    """Without what stands there, which may be secret."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return ": ".join([*map(str, first["loc"]), first["msg"]])


def _into(found: Any, at: Any, adapter: TypeAdapter[T], item: Item) -> None:
    found[at] = adapter.validate_json(item.value)


def _accepted_into(found: Any, key: Key, item: Item) -> None:
    found[key] = claim_of(item)  # unless it can be read
    _into(found, key, _ACCEPTED, item)


def _memory_into(found: Any, key: Key, item: Item, kinds: Kinds) -> None:
    memory = _MEMORY.validate_json(item.value)
    if key.kind in kinds:
        kinds[key.kind].own.model_validate(dict(memory.own))
    found[key] = memory


def _pending_into(found: Any, item: Item) -> None:
    pending = _PENDING.validate_json(item.value)
    found[pending.target] = pending
