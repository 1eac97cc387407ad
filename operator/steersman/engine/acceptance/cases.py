"""Cases: what comes of what there is of one key. Pure; a bad document changes nothing."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from steersman.engine.acceptance.case import Case, waited_for
from steersman.engine.acceptance.claims import NOBODY_KNOWS, Accepted, record_of
from steersman.engine.acceptance.standing import Standing
from steersman.engine.acceptance.writers import NONE, Writes
from steersman.model.document import Problem
from steersman.model.ports import Item
from steersman.model.reading import Read
from steersman.model.resource import DESIRED, Key, Resource, Source, uid
from steersman.model.status import Condition
from steersman.model.world import Rejected

INVALID = "Invalid"  # the bytes themselves: nothing but another version helps
CYCLE = "Cycle"  # another version of one of the others helps, too
CLAIMED = "Claimed"  # it names what another document has, and comes into force after that
VALID = Condition.of("Accepted", True, "Valid")


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a document that can be read is not accepted, or one that cannot: a word for programs, a
    sentence for people."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a key: of one that is gone, nothing. `waits_for` are those of the version that
    is in force, or was before it was released; `writes` is what nobody else may name now."""

    resource: Resource[Any] | None = None
    released: Resource[Any] | None = None
    frozen: bool = False
    unaccepted: Source | None = None
    claim: Accepted | None = None
    forgotten: bool = False
    rejections: tuple[Rejected, ...] = ()
    conditions: tuple[Condition, ...] = ()
    waits_for: tuple[Key, ...] = ()
    writes: Writes = NONE


def found(case: Case, others: Standing, owner: str) -> Found:
    if case.role == NOBODY_KNOWS:
        return _left_alone(case)
    came = _released(case, owner) if case.item is None else _taken(case, case.item, others, owner)
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
        writes=case.has or NONE,
    )


def _taken(case: Case, item: Item, others: Standing, owner: str) -> Found:
    """The document is in force, or, when it cannot be, the version before it."""
    read = case.wanted
    if not isinstance(read, Read):
        return _refused(case, item, Objection(INVALID, str(read)), others, owner)
    if objection := _objection(read, others):
        return _refused(case, item, objection, others, owner)
    known = case.record if case.record and case.record.stands_for(case.role, item) else None
    record = known or record_of(case.role, item, case.record)
    return Found(
        resource=_resource(read, record, owner),
        claim=None if known else record,
        conditions=(VALID,),
        waits_for=read.references,
        writes=read.writes,
    )


def _objection(read: Read, others: Standing) -> Objection | None:
    """What the others have against a document that is right by itself."""
    if way := others.way_round(read.key, read.references):
        told = " -> ".join(map(str, (read.key, *way)))
        return Objection(CYCLE, str(Problem(f"depends on itself: {told}", "metadata.dependsOn")))
    if rival := others.rival(read.key, read.writes):
        return Objection(CLAIMED, f"{rival}: in force once that one names it no more")
    return None


def _refused(case: Case, item: Item, why: Objection, others: Standing, owner: str) -> Found:
    """The last accepted version stays. One that this release cannot read, or whose outside objects
    belong to another document, is frozen."""
    told = Found(
        rejections=(Rejected(item.key, why.message),),
        conditions=(Condition.of("Accepted", False, why.reason, why.message),),
        waits_for=waited_for(case.in_force),
    )
    if case.record and isinstance(case.in_force, Read) and others.stands(case.key):
        resource = _resource(case.in_force, case.record, owner)
        return replace(told, resource=resource, writes=case.in_force.writes)
    sha256 = hashlib.sha256(item.value).hexdigest()
    idle = Source(case.role, item.revision, sha256)
    return replace(told, frozen=case.record is not None, unaccepted=idle)


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
