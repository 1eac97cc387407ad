"""The ports: what the engine, the informers and the drivers may ask of the outside.

Every call is one attempt. Absent is None; an error is an OutsideError; who waits is bounded by
`timeout_seconds`, or, where a method has none, by the client's own setting.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from steersman.model.observed import (
    FleetUnit,
    Instance,
    Machine,
    Operation,
    Probe,
    ProbeTarget,
    UnitOption,
    UnitState,
)


class Clock(Protocol):
    """Two clocks: `now` for people and records (UTC), `monotonic` for intervals (seconds)."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class Random(Protocol):
    """As random.Random; seeded in a simulation."""

    def random(self) -> float: ...

    def getrandbits(self, k: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Item:
    """A key of a store. `revision` is that of its last change, `created` of its creation."""

    key: str
    value: bytes
    revision: int
    created: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything under a prefix at one revision: the place to watch from."""

    revision: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """`item` is None when the key was deleted or expired."""

    key: str
    item: Item | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Whole revisions up to `revision`. No changes: the watch is alive and has seen that far.
    `resumed`: the first one after a break, and whoever answers now may not be who did before."""

    revision: int
    changes: tuple[Change, ...] = ()
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Fence:
    """A write with a fence applies only while `key` still has this create revision."""

    key: str
    created: int


class Store(Protocol):
    """An etcd, v3 or v2. A prefix is a directory and ends in a slash; keys begin with one."""

    async def list(self, prefix: str) -> Listing:
        """All keys under `prefix`, linearizable, at one revision. A directory that does not
        exist is empty. On v2, a leaf that stands in the directory's own place is listed."""
        ...

    def watch(self, prefix: str, after: int) -> AsyncGenerator[Batch, None]:
        """Every change after revision `after`, in order, none lost and none twice, over
        reconnects and restarts of the server. Silence is broken by empty batches.
        Raises WatchLostError when it cannot go on."""
        ...

    async def get(self, key: str) -> Item | None: ...

    async def put(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int:
        """Write whatever is there. Returns the new revision. All writes: FencedError when the
        fence does not hold; OutsideError with `applied=None` when the outcome is unknown."""
        ...

    async def put_all(self, values: Mapping[str, bytes], *, fence: Fence | None = None) -> None:
        """Write several keys, whatever is there, in as few requests as the store can take. When
        it fails, some of them may be written."""
        ...

    async def create(
        self, key: str, value: bytes, *, ttl_seconds: int | None = None, fence: Fence | None = None
    ) -> int | None:
        """Write only if absent. None: it exists."""
        ...

    async def compare_and_swap(
        self,
        key: str,
        value: bytes,
        revision: int,
        *,
        ttl_seconds: int | None = None,
        fence: Fence | None = None,
    ) -> int | None:
        """Write only over `revision`. None: it has another revision, or is gone."""
        ...

    async def compare_and_delete(
        self, key: str, revision: int, *, fence: Fence | None = None
    ) -> bool:
        """Delete only `revision`. False: it has another revision, or is gone."""
        ...

    async def refresh(self, key: str, ttl_seconds: int, revision: int) -> int | None:
        """Give a key with a TTL its whole TTL again, without waking watchers. Returns the
        revision to name next time; None: the key is gone or was changed."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class InstanceList:
    """One aggregated list. Zones in `unreachable` did not answer."""

    instances: tuple[Instance, ...]
    unreachable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels of an instance, in place of those that the fingerprint stands for."""

    labels: Mapping[str, str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Tags:
    """All tags of an instance, in place of those that the fingerprint stands for."""

    tags: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """Items of an instance's metadata, beside those that are there when it is sent."""

    items: Mapping[str, str] = field(repr=False)


Edit = Labels | Tags | Metadata


class Compute(Protocol):
    """Compute Engine, one project. `instance` is a numeric id, or a name where none is known."""

    async def list_instances(self) -> InstanceList: ...

    async def get_instance(self, zone: str, instance: str) -> Instance | None: ...

    async def get_operation(self, zone: str, name: str) -> Operation | None:
        """None: the API has forgotten it."""
        ...

    async def insert_instance(
        self, zone: str, body: Mapping[str, Any], *, request_id: str, timeout_seconds: float
    ) -> Operation:
        """`body` is the API's Instance in its JSON form."""
        ...

    async def start_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation: ...

    async def reset_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation: ...

    async def stop_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation: ...

    async def delete_instance(
        self, zone: str, instance: str, *, request_id: str, timeout_seconds: float
    ) -> Operation: ...

    async def edit_instance(
        self, zone: str, instance: str, edit: Edit, *, request_id: str, timeout_seconds: float
    ) -> Operation:
        """A conflict when somebody else has edited the same since."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class FleetRead:
    """Everything that fleet says, from one round of reads."""

    machines: tuple[Machine, ...]
    units: tuple[FleetUnit, ...]
    states: tuple[UnitState, ...]
    version: str


# Any other word, once written, makes a unit unreadable to fleet.
DesiredState = Literal["inactive", "loaded", "launched"]


class Fleet(Protocol):
    """fleet's v1 API, only the writes that cannot break a cluster: options and desired state
    together, a desired state alone, a deletion."""

    async def read(self) -> FleetRead: ...

    async def create_unit(
        self, name: str, options: tuple[UnitOption, ...], *, timeout_seconds: float
    ) -> None:
        """Inactive. A conflict when it is there already; CorruptUnitError when it is, and fleet
        cannot read it."""
        ...

    async def put_unit(
        self,
        name: str,
        options: tuple[UnitOption, ...],
        state: DesiredState,
        *,
        timeout_seconds: float,
    ) -> None: ...

    async def set_state(
        self, name: str, state: DesiredState, *, timeout_seconds: float
    ) -> None: ...

    async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
        """A unit that is not there is as good as deleted."""
        ...

    async def close(self) -> None: ...


class Elasticsearch(Protocol):
    """Elasticsearch nodes, each asked for itself."""

    async def probe(self, target: ProbeTarget) -> Probe:
        """Never raises for what the node does or does not answer: the probe tells it."""
        ...

    async def close(self) -> None: ...
