"""Cases: what there is of one key, and what comes of it. Pure; a bad document changes nothing."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from steersman.engine.acceptance.claims import NOBODY_KNOWS, Accepted, record_of
from steersman.engine.acceptance.cycles import Ways, trail
from steersman.model.document import DocumentError, Problem
from steersman.model.ports import Item
from steersman.model.reading import Read
from steersman.model.resource import DESIRED, Key, Resource, Source, uid
from steersman.model.status import Condition
from steersman.model.world import Rejected

INVALID = "Invalid"  # the bytes themselves: nothing but another version helps
CYCLE = "Cycle"  # another version of one of the others helps, too
VALID = Condition.of("Accepted", True, "Valid")


@dataclass(frozen=True, slots=True)
class Case:
    """One key: its record, its documents by store, which store has the name, and how both read;
    `deleted`: nothing is left of it outside."""

    key: Key
    record: Accepted | None
    items: Mapping[str, Item]
    role: str
    in_force: Read | DocumentError | None  # by the record
    wanted: Read | DocumentError | None  # by the document
    deleted: bool

    @property
    def item(self) -> Item | None:
        return self.items.get(self.role)

    @property
    def might_wait_for(self) -> tuple[Key, ...]:
        """Whom it waits for, whichever version comes into force."""
        return waited_for(self.in_force) + waited_for(self.wanted)


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a key: of one that is gone, nothing. `waits_for` are those of the version that
    is in force, or was before it was released."""

    resource: Resource[Any] | None = None
    released: Resource[Any] | None = None
    frozen: bool = False
    unaccepted: Source | None = None
    claim: Accepted | None = None
    forgotten: bool = False
    rejections: tuple[Rejected, ...] = ()
    conditions: tuple[Condition, ...] = ()
    waits_for: tuple[Key, ...] = ()


def waited_for(version: Read | DocumentError | None) -> tuple[Key, ...]:
    return version.references if isinstance(version, Read) else ()


def found(case: Case, ways: Ways, owner: str) -> Found:
    """`ways` tells whom everybody else waits for."""
    if case.role == NOBODY_KNOWS:
        return _left_alone(case)
    came = _released(case, owner) if case.item is None else _taken(case, case.item, ways, owner)
    doubles = [each for role, each in case.items.items() if role != case.role]
    if not doubles:
        return came
    message = f"{case.key} is claimed by the {case.role} store; this one is ignored"
    told = Condition.of("Duplicate", True, "TwoStores", message)
    rejections = tuple(Rejected(each.key, message) for each in doubles)
    return replace(
        came,
        rejections=(*rejections, *came.rejections),
        conditions=(told, *came.conditions),
    )


def _left_alone(case: Case) -> Found:
    """Whatever its documents say, nobody knows which of them is in force."""
    why = f"the record of what was accepted of {case.key} cannot be read: it is left alone"
    return Found(
        frozen=True,
        rejections=tuple(Rejected(each.key, why) for each in case.items.values()),
        conditions=(Condition.of("Accepted", False, "RecordUnreadable", why),),
    )


def _taken(case: Case, item: Item, ways: Ways, owner: str) -> Found:
    """The document is in force, or, when it cannot be, the version before it."""
    read = case.wanted
    if not isinstance(read, Read):
        return _refused(case, item, INVALID, str(read), owner)
    if way := trail(read.references, case.key, ways):
        told = " -> ".join(map(str, (case.key, *way)))
        problem = Problem(f"depends on itself: {told}", "metadata.dependsOn")
        return _refused(case, item, CYCLE, str(problem), owner)
    known = case.record if case.record and case.record.stands_for(case.role, item) else None
    record = known or record_of(case.role, item)
    return Found(
        resource=_resource(read, record, owner),
        claim=None if known else record,
        conditions=(VALID,),
        waits_for=read.references,
    )


def _refused(case: Case, item: Item, reason: str, why: str, owner: str) -> Found:
    """The last accepted version stays; one that this release cannot read is frozen."""
    told = Found(
        rejections=(Rejected(item.key, why),),
        conditions=(Condition.of("Accepted", False, reason, why),),
        waits_for=waited_for(case.in_force),
    )
    if case.record is None:
        sha256 = hashlib.sha256(item.value).hexdigest()
        return replace(told, unaccepted=Source(case.role, item.revision, sha256))
    if isinstance(case.in_force, Read):
        return replace(told, resource=_resource(case.in_force, case.record, owner))
    return replace(told, frozen=True)


def _released(case: Case, owner: str) -> Found:
    """Nothing of it is touched any more; of what is taken down already, nothing is kept."""
    if case.record is None:
        return Found()
    if not isinstance(case.in_force, Read):
        message = f"frozen: this release cannot read what was accepted of {case.key}"
        rejections = (Rejected(f"{DESIRED}{case.key}", message),)
        return Found(frozen=True, rejections=rejections)
    waits_for = case.in_force.references
    if case.in_force.metadata.deleting and case.deleted:
        return Found(forgotten=True, waits_for=waits_for)
    return Found(released=_resource(case.in_force, case.record, owner), waits_for=waits_for)


def _resource(known: Read, record: Accepted, owner: str) -> Resource[Any]:
    source = Source(record.store, record.revision, record.sha256)
    return Resource(known.key, uid(owner, known.key), known.metadata, known.spec, source)
