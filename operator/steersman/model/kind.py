"""The Kind protocol: what the engine asks of a kind; pure and synchronous but for its driver."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from steersman.model.drift import Drift
from steersman.model.finding import Finding
from steersman.model.memory import Memory, Own
from steersman.model.observed import ProbeTarget
from steersman.model.outcome import Done, Outcome
from steersman.model.plan import Plan, Step, Target, Waiting
from steersman.model.ports import Compute, Fleet, Random, Store
from steersman.model.resource import EMPTY, Key, Resource
from steersman.model.spec import Spec
from steersman.model.status import Status
from steersman.model.world import World

S = TypeVar("S", bound=Spec)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate or a guard says of a step. `until` is absolute, None when nobody can tell."""

    gate: str
    passed: bool
    reason: str = ""
    message: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The members of a document that count against its maxUnavailable; `down` for any reason."""

    down: frozenset[Target]
    max_unavailable: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """A metric that a kind tells of each of its resources. The first label is the name of the
    document; `read` tells the values by the words of the others: few, whatever a document says."""

    name: str
    what: str
    labels: tuple[str, ...]
    read: Callable[[Resource[Any], World, datetime], Mapping[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """A key that is there and has to stay: refreshed every `period_seconds`, for `ttl_seconds`."""

    key: str
    revision: int
    value: str
    ttl_seconds: int
    period_seconds: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a driver may make its one call: the id to repeat it under, and the time it has."""

    id: str
    timeout_seconds: float


class Driver(Protocol):
    """Executes a kind's steps: one outside call each, OutsideError when it did not work."""

    async def execute(self, step: Step, attempt: Attempt) -> Done: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What drivers may reach. `keys` holds /configs and /services; `home` the operator's own
    records, its writes fenced. A port that is not configured is None."""

    home: Store
    keys: Store
    random: Random
    compute: Compute | None = None
    fleet: Fleet | None = None


def _no_facts(_resource: Resource[Any], _world: World) -> Mapping[str, str]:
    return EMPTY


def _no_references(_spec: Any) -> tuple[Key, ...]:
    return ()


def _no_writes(_key: Key, _spec: Any) -> frozenset[Target]:
    return frozenset()


def no_probes(_resource: Resource[Any], _world: World) -> frozenset[ProbeTarget]:
    return frozenset()


def no_keepalives(_resource: Resource[Any], _world: World, _now: datetime) -> tuple[KeepAlive, ...]:
    return ()


def _none_remembered(_key: Key, _world: World, _now: datetime) -> tuple[KeepAlive, ...]:
    return ()


def _no_findings(_spec: Any) -> tuple[Finding, ...]:
    return ()


def _no_group(_resource: Resource[Any], _world: World, _now: datetime) -> Group | None:
    return None


def _as_it_was(memory: Memory, _outcome: Outcome) -> Memory:
    return memory


def _no_attributes(_step: Step) -> Mapping[str, str]:
    return EMPTY


@dataclass(frozen=True, slots=True)
class Kind(Generic[S, V]):
    """One kind. `needs` are the sources that its steps rest on, `watches` those that may change
    its plan or status. `remains` and `teardown` stand for `diff` and `plan` while the document asks
    to be taken down: what is left of it, and how that goes.

    `facts` is what others may read of a resource; `references` whom it reads itself, and whose
    being Established its first steps wait for unless `dependencies` says otherwise; `guards` may
    hold another kind's step on an object that it references; `writes` names the outside objects
    that are a document's to write: of two documents that name one, or a key and one below it, only
    one is in force; `group` is its budget; `remembered` are the keep-alives of a document that this
    release cannot read, by its memory alone; `attributes` are what `remember` wants to know of a
    step once it is settled. `concerns` names the outside objects whose changes concern a resource
    that is as asked: an instance by its pool's uid, a unit by its own name or its template's, a key
    by itself; None: all of them.
    `lint` finds what is accepted in a document and will hurt.
    `own` is the shape of what `remember` keeps.
    `declares` are the fields that a step writes and that nothing but another hand changes then, by
    path. `gauges` are what Prometheus is told of each resource.
    """

    name: str
    short: str
    spec: type[S]
    needs: tuple[str, ...]
    watches: tuple[str, ...]
    driver: Callable[[Ports], Driver]
    observe: Callable[[Resource[S], World], V]
    diff: Callable[[Resource[S], V], Drift]
    plan: Callable[[Resource[S], V, Drift, Memory, datetime], Plan]
    status: Callable[[Resource[S], V, Drift, tuple[Waiting, ...], datetime], Status]
    remains: Callable[[Resource[S], V], Drift]
    teardown: Callable[[Resource[S], V, Drift], Plan]
    concerns: Callable[[Resource[S]], frozenset[Target]] | None = None
    facts: Callable[[Resource[S], World], Mapping[str, str]] = _no_facts
    references: Callable[[S], tuple[Key, ...]] = _no_references
    dependencies: Callable[[S], tuple[Key, ...]] | None = None
    writes: Callable[[Key, S], frozenset[Target]] = _no_writes
    lint: Callable[[S], tuple[Finding, ...]] = _no_findings
    guards: Callable[[Resource[S], Step, World, datetime], Verdict] | None = None
    probes: Callable[[Resource[S], World], frozenset[ProbeTarget]] = no_probes
    keepalives: Callable[[Resource[S], World, datetime], tuple[KeepAlive, ...]] = no_keepalives
    remembered: Callable[[Key, World, datetime], tuple[KeepAlive, ...]] = _none_remembered
    group: Callable[[Resource[S], World, datetime], Group | None] = _no_group
    remember: Callable[[Memory, Outcome], Memory] = _as_it_was
    own: type[Own] = Own
    attributes: Callable[[Step], Mapping[str, str]] = _no_attributes
    declares: Callable[[Step], Mapping[str, str]] = _no_attributes
    gauges: tuple[Gauge, ...] = ()
    restarts: bool = False  # whether its plans heed a person's request to restart


Kinds = Mapping[str, Kind[Any, Any]]
