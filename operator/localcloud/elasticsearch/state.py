"""The cluster state: what a master decides and publishes. Every node holds the last one it got."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from localcloud.elasticsearch.node import Member

NO_CLUSTER = "_na_"  # the cluster's uuid before there was one


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What PUT /_cluster/settings wrote: flat names, and values as strings."""

    persistent: Mapping[str, str] = field(default_factory=dict)
    transient: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        return self.transient.get(name, self.persistent.get(name))


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    uuid: str
    shards: int
    replicas: int
    created_at: float
    provided: Mapping[str, str] = field(default_factory=dict)  # its other settings


@dataclass(frozen=True, slots=True)
class Shard:
    """One copy. `until` is when it has started, or has moved to `moving_to`, or no longer waits
    for its node to come back; `since` is when it was last unassigned, for `reason`."""

    index: str
    number: int
    primary: bool
    state: str = "UNASSIGNED"  # | INITIALIZING | STARTED | RELOCATING
    node: str | None = None
    moving_to: str | None = None
    until: float | None = None
    since: float = 0.0
    reason: str = "INDEX_CREATED"

    @property
    def active(self) -> bool:
        return self.state in ("STARTED", "RELOCATING")

    @property
    def delayed(self) -> bool:
        return self.state == "UNASSIGNED" and self.until is not None

    def held_by(self, node_id: str) -> bool:
        return node_id in (self.node, self.moving_to)

    def unassigned(self, now: float, reason: str) -> "Shard":
        return Shard(self.index, self.number, self.primary, since=now, reason=reason)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A node that must not vote; its id is `_absent_` while nobody of that name was seen."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ClusterState:
    """`term`, `voting` and `exclusions` are of the modern family only."""

    version: int = 0
    uuid: str = NO_CLUSTER
    cluster_uuid: str = NO_CLUSTER
    master: str | None = None
    nodes: tuple[Member, ...] = ()
    settings: ClusterSettings = ClusterSettings()
    indices: tuple[Index, ...] = ()
    shards: tuple[Shard, ...] = ()
    recovered: bool = False
    term: int = 0
    voting: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    def member(self, node_id: str | None) -> Member | None:
        return next((one for one in self.nodes if one.id == node_id), None)

    def index(self, name: str) -> Index | None:
        return next((one for one in self.indices if one.name == name), None)

    def indices_of(self, names: Collection[str]) -> list[Index]:
        """Those of these names; of all when none is named."""
        return [one for one in self.indices if not names or one.name in names]

    def shards_of(self, indices: Collection[str]) -> list[Shard]:
        """Those of these indices; of all when none is named."""
        return [one for one in self.shards if not indices or one.index in indices]

    def copies(self, index: str, number: int) -> list[Shard]:
        return [one for one in self.shards if (one.index, one.number) == (index, number)]

    def primary(self, index: str, number: int) -> Shard:
        return next(one for one in self.copies(index, number) if one.primary)

    def with_nodes(self, nodes: Iterable[Member]) -> "ClusterState":
        return replace(self, nodes=tuple(sorted(nodes, key=lambda one: (one.started_at, one.id))))

    def without(self, node_id: str) -> "ClusterState":
        return self.with_nodes(one for one in self.nodes if one.id != node_id)

    def restarted(self, now: float) -> "ClusterState":
        """What of it a data path keeps: metadata, but no node, no transient setting and no
        knowledge of where the shards are."""
        return replace(
            self,
            master=None,
            nodes=(),
            settings=ClusterSettings(self.settings.persistent),
            shards=tuple(one.unassigned(now, "CLUSTER_RECOVERED") for one in self.shards),
            recovered=False,
        )
