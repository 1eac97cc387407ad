"""Acceptance: which documents are in force. Pure.

Each acceptance is made from the one before it: a key is looked at when its documents or its record
are not as they were, or when it may be on a cycle with such a key, or may name the same outside
object. The first one has nothing before it, so it is made of everything by the same rules.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar

from steersman.engine.acceptance.case import Case
from steersman.engine.acceptance.cases import Found, found
from steersman.engine.acceptance.claims import HOME, NOBODY_KNOWS, ROLES, Accepted
from steersman.engine.acceptance.cycles import entangled
from steersman.engine.acceptance.reader import Reader
from steersman.engine.acceptance.standing import Standing
from steersman.engine.acceptance.writers import NOBODY, NONE, Writers, Writes
from steersman.model.document import DocumentError
from steersman.model.kind import Kinds
from steersman.model.ports import Item
from steersman.model.reading import key_of
from steersman.model.resource import DESIRED, Key, Resource, Source
from steersman.model.shared import Shared
from steersman.model.status import Condition
from steersman.model.world import Rejected

F = TypeVar("F")
V = TypeVar("V")

NO_ITEMS: Shared[str, Item] = Shared({})

Documents = Mapping[str, Mapping[str, Item]]  # role of the store -> path -> item
Place = tuple[str, str]  # role of a store, and a path in it


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`claims` are the records to write before the resources of the same keys are in force;
    `forgotten` those to remove: taken down, and the document removed after that. `frozen` is what
    was accepted and is left alone: this release cannot read it, or another document has what it
    names. `unaccepted` tells the bytes of documents of which no version is in force. The next
    acceptance is made of what follows `referrers`: the documents and the records of this one, and
    what was found besides."""

    resources: Mapping[Key, Resource[Any]] = field(default_factory=dict)
    released: Mapping[Key, Resource[Any]] = field(default_factory=dict)
    frozen: frozenset[Key] = frozenset()
    unaccepted: Mapping[Key, Source] = field(default_factory=dict)
    claims: Mapping[Key, Accepted] = field(default_factory=dict)
    forgotten: frozenset[Key] = frozenset()
    conditions: Mapping[Key, tuple[Condition, ...]] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    referrers: Mapping[Key, tuple[Key, ...]] = field(default_factory=dict)
    documents: Mapping[str, Shared[str, Item]] = field(default_factory=dict)
    accepted: Mapping[Key, Accepted] = field(default_factory=dict)
    strays: Mapping[Place, Rejected] = field(default_factory=dict)
    rejections: Mapping[Key, tuple[Rejected, ...]] = field(default_factory=dict)
    waits_for: Mapping[Key, tuple[Key, ...]] = field(default_factory=dict)
    might_wait_for: Mapping[Key, tuple[Key, ...]] = field(default_factory=dict)
    might_write: Mapping[Key, Writes] = field(default_factory=dict)
    writers: Writers = NOBODY

    @property
    def in_force(self) -> Mapping[str, Any]:
        """What of it the World holds, by the names that it has there."""
        return {
            "resources": self.resources,
            "released": self.released,
            "frozen": self.frozen,
            "acceptance": self.conditions,
            "rejected": self.rejected,
            "referrers": self.referrers,
        }


NOTHING = Acceptance()


def accept(
    documents: Documents,
    accepted: Mapping[Key, Accepted],
    reader: Reader,
    owner: str,
    deleted: Callable[[Key], bool] = lambda _key: False,
    before: Acceptance = NOTHING,
) -> Acceptance:
    """What is in force, given every document of every configured store and the records so far.
    `deleted` tells of what nothing is left. `before` is by the same reader, for the same owner."""
    stores = {role: Shared.of(documents.get(role, {})) for role in ROLES}
    asked = _Asked(stores, Shared.of(accepted), reader, owner, deleted)
    named = {place: _named(place, reader.kinds) for place in _differing(before, asked)}
    changed = {each for each in named.values() if isinstance(each, Key)}
    changed |= asked.accepted.differing(Shared.of(before.accepted))
    changed |= {key for key, each in before.released.items() if each.metadata.deleting}
    cases, writers = _cases(changed, asked, before)
    strays = {
        (role, path): each if isinstance(each, Rejected) and path in stores[role] else None
        for (role, path), each in named.items()
    }
    came = _judged(cases, Standing(cases, before.waits_for, writers), owner)
    return replace(_after(before, asked, cases, came, strays), writers=writers)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an acceptance is made of."""

    documents: Mapping[str, Shared[str, Item]]
    accepted: Shared[Key, Accepted]
    reader: Reader
    owner: str
    deleted: Callable[[Key], bool]

    def case(self, key: Key) -> Case:
        record, items = self.accepted.get(key), self._items(key)
        role = record.store if record else next(iter(items), HOME)
        # while nobody knows of which document it was accepted, one of them stands for both
        item = next(iter(items.values()), None) if role == NOBODY_KNOWS else items.get(role)
        in_force = self.reader(key, record.document.encode()) if record else None
        wanted = self.reader(key, item.value) if item else None
        return Case(key, record, items, role, in_force, wanted, self.deleted(key))

    def _items(self, key: Key) -> Mapping[str, Item]:
        if key.kind not in self.reader.kinds:  # only a record has such a name
            return {}
        found = {role: items.get(f"{DESIRED}{key}") for role, items in self.documents.items()}
        return {role: item for role, item in found.items() if item}


def _differing(before: Acceptance, asked: _Asked) -> list[Place]:
    return [
        (role, path)
        for role, items in asked.documents.items()
        for path in items.differing(before.documents.get(role, NO_ITEMS))
    ]


def _named(place: Place, kinds: Kinds) -> Key | Rejected:
    """The resource that a key of a store names, or why it names none."""
    _, path = place
    try:
        return key_of(path, kinds)
    except DocumentError as error:
        return Rejected(path, str(error))


def _cases(
    changed: Iterable[Key], asked: _Asked, before: Acceptance
) -> tuple[Mapping[Key, Case], Writers]:
    """Those of these keys, and of whoever may be on a cycle with one of them or name what it names,
    and so on, in order; and who might write what, now."""
    cases: dict[Key, Case] = {}
    writers, new = before.writers, {*changed}

    def ways(key: Key) -> tuple[Key, ...]:
        now = cases[key].might_wait_for if key in cases else ()
        return before.might_wait_for.get(key, ()) + now

    while new:
        fresh = {key: asked.case(key) for key in new}
        writes = {key: each.might_write for key, each in fresh.items()}
        named = NONE.union(*writes.values(), *(before.might_write.get(key, NONE) for key in fresh))
        writers = writers.updated(before.might_write, writes)
        cases |= fresh
        new = (entangled(cases, ways) | writers.meeting(named)) - cases.keys()
    return dict(sorted(cases.items(), key=_by_name)), writers


def _by_name(each: tuple[Key, Case]) -> tuple[str, str]:
    return each[0].kind, each[0].name


def _judged(cases: Mapping[Key, Case], others: Standing, owner: str) -> Mapping[Key, Found]:
    """Each is judged by the versions of those before it that are in force from now on, and by
    those of the ones after it that are in force so far."""
    came: dict[Key, Found] = {}
    for key, case in cases.items():
        came[key] = found(case, others, owner)
        others.settle(key, came[key].waits_for, came[key].writes)
    return came


def _after(
    before: Acceptance,
    asked: _Asked,
    cases: Mapping[Key, Case],
    came: Mapping[Key, Found],
    new_strays: Mapping[Place, Rejected | None],
) -> Acceptance:
    """The acceptance before, with what came of these cases."""
    strays = Shared.of(before.strays).updated(new_strays)
    rejections = _with(before.rejections, came, lambda each: each.rejections or None)
    rejected = chain(strays.values(), *rejections.values())
    forgotten = {key for key, each in came.items() if each.forgotten}
    frozen = {key for key, each in came.items() if each.frozen}
    return Acceptance(
        resources=_with(before.resources, came, attrgetter("resource")),
        released=_with(before.released, came, attrgetter("released")),
        frozen=(before.frozen - came.keys()) | frozen,
        unaccepted=_with(before.unaccepted, came, attrgetter("unaccepted")),
        claims=_with(before.claims, came, attrgetter("claim")),
        forgotten=(before.forgotten - came.keys()) | forgotten,
        conditions=_with(before.conditions, came, lambda each: each.conditions or None),
        rejected=tuple(sorted(rejected, key=attrgetter("path", "message"))),
        referrers=_referrers(before, came),
        documents=asked.documents,
        accepted=asked.accepted,
        strays=strays,
        rejections=rejections,
        waits_for=_with(before.waits_for, came, lambda each: each.waits_for or None),
        might_wait_for=_with(
            before.might_wait_for, cases, lambda each: each.might_wait_for or None
        ),
        might_write=_with(before.might_write, cases, lambda each: each.might_write or None),
    )


def _with(
    before: Mapping[Key, V], fresh: Mapping[Key, F], part: Callable[[F], V | None]
) -> Shared[Key, V]:
    """A part of everything that came, in place of what stood there. What is equal stays the same
    object, so that whoever compares it with before does not look into it."""
    parts = {key: (before.get(key), part(each)) for key, each in fresh.items()}
    shared = Shared.of(before)
    return shared.updated({key: was if was == now else now for key, (was, now) in parts.items()})


def _referrers(before: Acceptance, came: Mapping[Key, Found]) -> Shared[Key, tuple[Key, ...]]:
    """Who waits for a key, of what is in force."""
    changed: dict[Key, set[Key]] = {}
    for key, each in came.items():
        was = before.waits_for.get(key, ()) if key in before.resources else ()
        now = each.waits_for if each.resource else ()
        for other in {*was} ^ {*now}:
            waiting = changed.setdefault(other, {*before.referrers.get(other, ())})
            waiting ^= {key}
    by_name = attrgetter("kind", "name")
    return Shared.of(before.referrers).updated(
        {key: tuple(sorted(waiting, key=by_name)) or None for key, waiting in changed.items()}
    )
