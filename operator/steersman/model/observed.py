"""What informers see of the outside: immutable snapshots with their own indexes.

`since` fields tell when a fact was first seen to be so; after a restart they count anew, so a
deadline measured from them only lengthens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from steersman.model.errors import OutsideError

# Marks of an instance that is ours: whose operator's, and which pool's, by its name and its uid.
OWNER_LABEL = "steersman-owner"
POOL_LABEL = "steersman-pool"
UID_LABEL = "steersman-uid"


@dataclass(frozen=True, slots=True)
class Instance:
    """A Compute Engine instance; links are cut to their last segment, labels and tags sorted."""

    id: str
    name: str
    zone: str
    status: str  # PROVISIONING STAGING RUNNING STOPPING TERMINATED ... as the API says it
    machine_type: str
    ip: str | None
    labels: Mapping[str, str]
    tags: tuple[str, ...] = ()
    since: datetime | None = None  # when `status` was first seen
    # by key, of every item but the user data, which is read once: whatever it holds may be secret
    metadata_sha256: Mapping[str, str] = field(default_factory=dict)
    # what an edit of the labels or tags has to name, so that it overwrites no other
    labels_fingerprint: str = field(default="", compare=False)
    tags_fingerprint: str = field(default="", compare=False)

    @property
    def mark(self) -> str | None:
        """The uid of the pool that it belongs to; None: it is nobody's of ours."""
        return self.labels.get(UID_LABEL)


@dataclass(frozen=True, slots=True)
class Operation:
    """A Compute Engine operation. `error` is its first one, whatever the HTTP status says."""

    name: str
    zone: str
    done: bool
    target_id: str | None = None
    error: OutsideError | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of the fleet."""

    id: str
    ip: str
    metadata: Mapping[str, str]
    since: datetime | None = None  # when it was first seen in the fleet


@dataclass(frozen=True, slots=True)
class UnitOption:
    """One line of a unit file; a continued value keeps its backslashes and newlines."""

    section: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FleetUnit:
    """A unit as fleet holds it. `hash` is fleet's: SHA-1 of the serialised options."""

    name: str
    options: tuple[UnitOption, ...]
    hash: str
    desired_state: str  # inactive | loaded | launched
    current_state: str | None = None  # launched from when its machine begins to start it
    machine_id: str | None = None
    since: datetime | None = None  # when `current_state` was first seen


@dataclass(frozen=True, slots=True)
class UnitState:
    """What systemd says of a unit on one machine."""

    name: str
    hash: str
    machine_id: str
    load: str
    active: str
    sub: str
    since: datetime | None = None  # when this (active, sub, hash, machine) was first seen


@dataclass(frozen=True, slots=True)
class KeyItem:
    """A key of /configs or /services. `revision` is what a compare-and-swap names."""

    key: str
    value: str
    revision: int
    expires_at: datetime | None = None  # None: it never expires
    since: datetime | None = None  # when this value was first seen


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """Where an Elasticsearch node should answer."""

    ip: str
    http_port: int
    transport_port: int


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at an Elasticsearch node. None: that could not be told."""

    target: ProbeTarget
    at: datetime
    transport: str  # open | refused | unreachable
    http_status: int | None = None
    name: str | None = None
    cluster_name: str | None = None
    version: str | None = None
    master: str | None = None  # the name of the node that this node takes for its master
    publish_ip: str | None = None
    publish_port: int | None = None
    health: str | None = None  # green | yellow | red, as this node reports it
    nodes: tuple[str, ...] = ()  # names of the nodes that this node sees


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`observed_at` is when the read *started*; None: nothing was read yet."""

    observed_at: datetime | None = None

    def age(self, now: datetime) -> timedelta | None:
        return None if self.observed_at is None else now - self.observed_at

    def content(self) -> Self:
        """What was seen, without how far and when it was looked for."""
        return replace(self, observed_at=None)


@dataclass(frozen=True, slots=True)
class ComputeSnapshot(Snapshot):
    """All instances of the project. A zone in `unreachable` is unknown, never empty.

    `operations` holds what became of the operations that somebody waits for; an operation that
    the API has forgotten is there as done without an error.
    """

    instances: Mapping[str, Instance] = field(default_factory=dict)  # by "zone/name"
    unreachable: frozenset[str] = frozenset()
    operations: Mapping[str, Operation] = field(default_factory=dict)  # by operation name


@dataclass(frozen=True, slots=True)
class FleetSnapshot(Snapshot):
    """Machines, units and states, read whole or not at all."""

    machines: Mapping[str, Machine] = field(default_factory=dict)  # by id
    units: Mapping[str, FleetUnit] = field(default_factory=dict)  # by name
    states: Mapping[str, tuple[UnitState, ...]] = field(default_factory=dict)  # by unit name
    version: str = ""  # of fleetd, from its Server header
    # when a unit name, once reported by systemd, was first seen without a state
    stateless_since: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeysSnapshot(Snapshot):
    """Every key under /configs and /services. `revisions` tells how far each of the two watched
    prefixes was followed."""

    items: Mapping[str, KeyItem] = field(default_factory=dict)  # by key
    revisions: Mapping[str, int] = field(default_factory=dict)  # by prefix

    def content(self) -> Self:
        return replace(self, observed_at=None, revisions={})

    def seen(self, key: str, revision: int) -> bool:
        """Whether a write of `key` at `revision` is in this snapshot."""
        return any(
            key.startswith(prefix) and at >= revision for prefix, at in self.revisions.items()
        )


@dataclass(frozen=True, slots=True)
class ElasticsearchSnapshot(Snapshot):
    """The probes of every target that a kind asked for, newest last, a few for each target."""

    probes: Mapping[ProbeTarget, tuple[Probe, ...]] = field(default_factory=dict)
