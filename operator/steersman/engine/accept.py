"""Acceptance: which documents are in force. Pure; a bad document changes nothing."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from steersman.model.document import DocumentError, Problem, body
from steersman.model.kind import Kinds
from steersman.model.ports import Item
from steersman.model.reading import Read, key_of, read
from steersman.model.resource import DESIRED, Key, Resource, Source, uid
from steersman.model.status import Condition
from steersman.model.world import Rejected

HOME = "home"
UNIT = "unit"
ROLES = (HOME, UNIT)  # where a name is new in both, home has it
READ_CACHE_MAX = 20_000
VALID = Condition.of("Accepted", True, "Valid")

Documents = Mapping[str, Mapping[str, Item]]  # role of the store -> path -> item


@dataclass(frozen=True, slots=True)
class Accepted:
    """The claim of a name, and the version in force: what /steersman/accepted/ keeps."""

    store: str
    revision: int
    sha256: str
    document: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`claims` are the records to write before the resources of the same keys are in force;
    `forgotten` those to remove: taken down, and the document removed after that."""

    resources: Mapping[Key, Resource[Any]] = field(default_factory=dict)
    released: Mapping[Key, Resource[Any]] = field(default_factory=dict)
    claims: Mapping[Key, Accepted] = field(default_factory=dict)
    forgotten: tuple[Key, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    conditions: Mapping[Key, tuple[Condition, ...]] = field(default_factory=dict)
    referrers: Mapping[Key, tuple[Key, ...]] = field(default_factory=dict)


class Reader:
    """Reads documents, each version once: the cache is by content and bounded. What did not change
    stays the same object, so that whoever compares it with before does not look into it."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self._cache: dict[tuple[Key, bytes], Read | DocumentError] = {}
        self._made: dict[Key, Resource[Any]] = {}

    def __call__(self, key: Key, content: bytes) -> Read:
        known = self._cache.get((key, content))
        if known is None:
            if len(self._cache) >= READ_CACHE_MAX:
                self._cache.clear()
            known = self._cache[key, content] = self._read(key, content)
        if isinstance(known, DocumentError):
            raise known.with_traceback(None)  # it is raised often: no trail of earlier times
        return known

    def resource(self, known: Read, record: Accepted, owner: str) -> Resource[Any]:
        source = Source(record.store, record.revision, record.sha256)
        mark = uid(owner, known.key)
        fresh = Resource(known.key, mark, known.metadata, known.spec, source)
        made = self._made.get(known.key)
        if made is None or made != fresh:
            if len(self._made) >= READ_CACHE_MAX:
                self._made.clear()
            made = self._made[known.key] = fresh
        return made

    def _read(self, key: Key, content: bytes) -> Read | DocumentError:
        if key.kind not in self.kinds:  # a record of another release
            return DocumentError(Problem(f"unknown kind {key.kind!r}"))
        try:
            return read(key, body(content), self.kinds)
        except DocumentError as error:
            return error


def accept(
    documents: Documents,
    accepted: Mapping[Key, Accepted],
    reader: Reader,
    owner: str,
    deleted: Callable[[Key], bool] = lambda _key: False,
) -> Acceptance:
    """What is in force, given every document of every configured store and the records so far.
    `deleted` tells of what nothing is left."""
    rejected, by_key = _sorted_by_key(documents, reader.kinds)
    building = _Building(accepted, reader, owner, deleted, rejected)
    for key in sorted(by_key.keys() | accepted.keys(), key=attrgetter("kind", "name")):
        building.consider(key, by_key.get(key, {}))
    return building.result()


def record_of(role: str, item: Item) -> Accepted:
    sha256 = hashlib.sha256(item.value).hexdigest()
    return Accepted(role, item.revision, sha256, _text(item))


def _records(record: Accepted, role: str, item: Item) -> bool:
    """Whether a record is the one of this very version."""
    there = (record.store, record.revision, record.document)
    return there == (role, item.revision, _text(item))


def _text(item: Item) -> str:
    return item.value.decode("utf-8-sig")


def _sorted_by_key(
    documents: Documents, kinds: Kinds
) -> tuple[list[Rejected], dict[Key, dict[str, Item]]]:
    rejected: list[Rejected] = []
    found: dict[Key, dict[str, Item]] = {}
    for role in ROLES:
        for path, item in documents.get(role, {}).items():
            try:
                found.setdefault(key_of(path, kinds), {})[role] = item
            except DocumentError as error:
                rejected.append(Rejected(path, str(error)))
    return rejected, found


class _Building:
    """One acceptance in the making: keys are considered in order, each against those before."""

    def __init__(
        self,
        accepted: Mapping[Key, Accepted],
        reader: Reader,
        owner: str,
        deleted: Callable[[Key], bool],
        rejected: list[Rejected],
    ) -> None:
        self._accepted, self._reader, self._owner = accepted, reader, owner
        self._deleted, self._rejected = deleted, rejected
        self._resources: dict[Key, Resource[Any]] = {}
        self._released: dict[Key, Resource[Any]] = {}
        self._claims: dict[Key, Accepted] = {}
        self._forgotten: list[Key] = []
        self._conditions: dict[Key, tuple[Condition, ...]] = {}
        self._references: dict[Key, tuple[Key, ...]] = {
            key: known.references for key in accepted for known in [self._in_force(key)] if known
        }

    def consider(self, key: Key, items: Mapping[str, Item]) -> None:
        record = self._accepted.get(key)
        role = record.store if record else next(role for role in ROLES if role in items)
        self._conditions[key] = ()
        for other in items.keys() - {role}:
            self._duplicate(key, items[other], role)
        item = items.get(role)
        if item is None:
            self._release(key)
        else:
            self._take(key, role, item)

    def result(self) -> Acceptance:
        referrers: dict[Key, tuple[Key, ...]] = {}
        for key in self._resources:
            for other in self._references.get(key, ()):
                referrers[other] = (*referrers.get(other, ()), key)
        return Acceptance(
            self._resources,
            self._released,
            self._claims,
            tuple(self._forgotten),
            tuple(sorted(self._rejected, key=lambda each: each.path)),
            self._conditions,
            referrers,
        )

    def _take(self, key: Key, role: str, item: Item) -> None:
        """Put the document in force, or, when it cannot be, the version before it."""
        try:
            known = self._reader(key, item.value)
            self._refuse_cycle(key, known.references)
        except DocumentError as error:
            self._rejected.append(Rejected(item.key, str(error)))
            self._condition(key, "Accepted", value=False, reason="Invalid", message=str(error))
            self._keep(key)
            return
        self._references[key] = known.references
        record = self._accepted.get(key)
        if record is None or not _records(record, role, item):
            record = self._claims[key] = record_of(role, item)
        self._resources[key] = self._resource(known, record)
        self._conditions[key] = (*self._conditions[key], VALID)

    def _keep(self, key: Key) -> None:
        """The last accepted version stays; one that this release cannot read is frozen."""
        known, record = self._in_force(key), self._accepted.get(key)
        if known and record:
            self._resources[key] = self._resource(known, record)

    def _release(self, key: Key) -> None:
        """Nothing of it is touched any more; of what is taken down already, nothing is kept."""
        known, record = self._in_force(key), self._accepted[key]
        if known is None:
            message = f"frozen: this release cannot read what was accepted of {key}"
            self._rejected.append(Rejected(f"{DESIRED}{key}", message))
        elif known.metadata.deleting and self._deleted(key):
            self._forgotten.append(key)
        else:
            self._released[key] = self._resource(known, record)

    def _in_force(self, key: Key) -> Read | None:
        record = self._accepted.get(key)
        try:
            return self._reader(key, record.document.encode()) if record else None
        except DocumentError:
            return None

    def _resource(self, known: Read, record: Accepted) -> Resource[Any]:
        return self._reader.resource(known, record, self._owner)

    def _duplicate(self, key: Key, item: Item, role: str) -> None:
        message = f"{key} is claimed by the {role} store; this one is ignored"
        self._rejected.append(Rejected(item.key, message))
        self._condition(key, "Duplicate", value=True, reason="TwoStores", message=message)

    def _condition(
        self, key: Key, type_: str, *, value: bool, reason: str, message: str = ""
    ) -> None:
        condition = Condition.of(type_, value, reason, message)
        self._conditions[key] = (*self._conditions[key], condition)

    def _refuse_cycle(self, key: Key, references: tuple[Key, ...]) -> None:
        """DocumentError if `key` would wait for itself, directly or through others."""
        trail = self._trail(references, key)
        if trail:
            told = " -> ".join(map(str, (key, *trail)))
            raise DocumentError(Problem(f"depends on itself: {told}", "metadata.dependsOn"))

    def _trail(self, references: tuple[Key, ...], goal: Key) -> tuple[Key, ...] | None:
        """How `goal` is reached from what it references; None when it is not."""
        seen: set[Key] = set()
        open_trails: list[tuple[Key, ...]] = [(each,) for each in references]
        while open_trails:
            trail = open_trails.pop()
            if trail[-1] == goal:
                return trail
            if trail[-1] not in seen:
                seen.add(trail[-1])
                open_trails += [(*trail, each) for each in self._references.get(trail[-1], ())]
        return None
