"""The World: one immutable picture of what is wanted, what is there and what is under way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from steersman.model.circuit import Breaker, Circuit
from steersman.model.hold import Hold, Rewound, Went
from steersman.model.memory import Backoff, Memory
from steersman.model.observed import (
    ComputeSnapshot,
    ElasticsearchSnapshot,
    FleetSnapshot,
    KeysSnapshot,
    Snapshot,
)
from steersman.model.outcome import Pending
from steersman.model.plan import Target
from steersman.model.requests import Request
from steersman.model.resource import Key, Resource
from steersman.model.status import Condition, Status
from steersman.model.topology import Topology

FORMING, FORMED = "forming", "formed"


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How an Elasticsearch cluster came to be: which instance was alone at the start, and
    whether the cluster has formed (`phase`). Kept for ever, so that it is never formed twice."""

    phase: str
    seed: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A document that is not in force; `path` is its key in the store."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything that a decision may depend on. `resources` are in force; `released` are those
    whose document is gone: nothing of them is touched, their keep-alives go on; so it is with
    those of `frozen`, which were accepted, and this release cannot read, or another document has
    what they name. `acceptance` holds the conditions that come from a document itself; `rejected`
    what cannot be used. Between following and `leading`, while it is `taking_over`, a daemon holds
    home's records as it has listed them, and tells nothing of its own.

    `requests` are what people asked for, by id; `refused` those that cannot be used. `approvals`
    are the policies of kinds ("": of all others) for documents without their own. `circuits` tell
    where calls fail, `throttled` which systems have asked for fewer. `referrers` tells who reads a
    key (dependsOn and what specs reference).
    `unreadable` are the operator's own records that cannot be read, by key, and why: what they are
    about is held.
    `unset` are the systems that nobody configured, each with the setting that would.
    `stale_after` is how old the snapshot of a source may be for a step to rest on it. `holds` are
    losses too large to be believed before they have lasted `settle`; `went` is what was lost within
    that time, by the sort of things it is; `rewound` are stores that went back, by role: what is in
    force stays until a person has looked. `departed` are the addresses of instances that are gone,
    and since when.
    """

    owner: str = ""
    mode: str = "act"
    leading: bool = False
    taking_over: bool = False
    resources: Mapping[Key, Resource[Any]] = field(default_factory=dict)
    released: Mapping[Key, Resource[Any]] = field(default_factory=dict)
    frozen: frozenset[Key] = frozenset()
    acceptance: Mapping[Key, tuple[Condition, ...]] = field(default_factory=dict)
    rejected: tuple[Rejected, ...] = ()
    requests: Mapping[str, Request] = field(default_factory=dict)
    refused: tuple[Rejected, ...] = ()
    approvals: Mapping[str, str] = field(default_factory=dict)
    circuits: Mapping[Circuit, Breaker] = field(default_factory=dict)
    throttled: Mapping[str, Backoff] = field(default_factory=dict)
    referrers: Mapping[Key, tuple[Key, ...]] = field(default_factory=dict)
    memory: Mapping[Key, Memory] = field(default_factory=dict)
    statuses: Mapping[Key, Status] = field(default_factory=dict)
    facts: Mapping[Key, Mapping[str, str]] = field(default_factory=dict)
    pending: Mapping[Target, Pending] = field(default_factory=dict)
    bootstraps: Mapping[str, Bootstrap] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    compute: ComputeSnapshot = ComputeSnapshot()
    fleet: FleetSnapshot = FleetSnapshot()
    keys: KeysSnapshot = KeysSnapshot()
    elasticsearch: ElasticsearchSnapshot = ElasticsearchSnapshot()
    topology: Topology = Topology()
    unset: Mapping[str, str] = field(default_factory=dict)
    stale_after: Mapping[str, timedelta] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    went: Mapping[str, Mapping[Target, Went]] = field(default_factory=dict)
    rewound: Mapping[str, Rewound] = field(default_factory=dict)
    departed: Mapping[str, datetime] = field(default_factory=dict)
    settle: timedelta = timedelta(seconds=60)

    def snapshot(self, source: str) -> Snapshot:
        """The snapshot of `compute`, `fleet`, `keys` or `elasticsearch`."""
        found: Snapshot = getattr(self, source)
        return found

    def fresh(self, source: str, now: datetime) -> bool:
        """What was seen later than now was seen before the clock was set back."""
        age, limit = self.snapshot(source).age(now), self.stale_after.get(source, timedelta.max)
        return age is not None and timedelta() <= age <= limit

    def memory_of(self, key: Key) -> Memory:
        return self.memory.get(key, Memory())
