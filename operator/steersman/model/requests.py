"""Requests: what a person asks for once, beside the documents: a pause, an approval, a restart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from steersman.model.plan import Target
from steersman.model.resource import Key
from steersman.model.unitfile import RUNNABLE

ALL = "all"  # the reference to everything


class Verb(StrEnum):
    PAUSE = "pause"  # nothing is done there
    APPROVE = "approve"  # one step, as its digest has it, may run
    RESTART = "restart"  # what runs there is started anew, once
    RETRY = "retry"  # what failed there need not wait
    ACKNOWLEDGE = "acknowledge"  # a person has looked at a hold


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reference means: everything, a kind, a resource, or one member of it (`core2` of
    nodepool/core, `@1` of a unit)."""

    kind: str | None = None
    name: str | None = None
    member: str | None = None

    def __str__(self) -> str:
        words = "/".join(each for each in (self.kind or ALL, self.name) if each)
        if self.member is None:
            return words
        return words + ("" if self.member.startswith("@") else "/") + self.member

    def includes(self, key: Key) -> bool:
        """Whether it means the resource, or a member of it."""
        return self.kind in (None, key.kind) and self.name in (None, key.name)

    def covers(self, key: Key, target: Target) -> bool:
        """Whether it means this outside object of the resource."""
        return self.includes(key) and (self.member is None or named(self.member, target.name))


@dataclass(frozen=True, slots=True)
class Request:
    """`at` is when the leader first saw it, by the one clock that decides; None: not yet.
    `hold` is what an acknowledge is about; it has no scope."""

    id: str
    verb: Verb
    scope: Scope = Scope()
    hold: str = ""
    digest: str = ""
    at: datetime | None = None
    until: datetime | None = None
    reason: str = ""
    author: str = "unknown"

    def in_force(self, now: datetime) -> bool:
        """A pause holds at once, even while nobody leads; what lets something happen counts
        from when the leader has dated it."""
        dated = self.verb is Verb.PAUSE or self.at is not None
        return dated and (self.until is None or now < self.until)


Requests = Mapping[str, Request]  # by id


def named(member: str, target: str) -> bool:
    """Whether a target's name (`zone/core2`, `x@1.service`) is that of a member, in any case."""
    name = target.rpartition("/")[2].lower()
    stem, _, suffix = name.rpartition(".")
    whole = stem if suffix in RUNNABLE else name
    _, at, instance = whole.partition("@")
    return member.lower() in (whole, at + instance)


def asking(requests: Requests, verb: Verb, now: datetime) -> Iterable[Request]:
    """Those of a verb that are in force."""
    return (each for each in requests.values() if each.verb is verb and each.in_force(now))


def latest(
    requests: Requests, verb: Verb, key: Key, target: Target, now: datetime
) -> datetime | None:
    """When somebody last asked for that, of this outside object; None: nobody did."""
    meant = (each for each in asking(requests, verb, now) if each.scope.covers(key, target))
    return max((each.at for each in meant if each.at), default=None)
