"""Resources, snapshots and worlds for tests of kinds. What a test does not name is ordinary."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from steersman.model.drift import Drift
from steersman.model.kind import Kind
from steersman.model.memory import Memory
from steersman.model.observed import (
    ComputeSnapshot,
    ElasticsearchSnapshot,
    FleetSnapshot,
    FleetUnit,
    Instance,
    KeyItem,
    KeysSnapshot,
    Machine,
    UnitState,
)
from steersman.model.outcome import Pending
from steersman.model.plan import Effect, Plan, Target
from steersman.model.resource import EMPTY, Key, Metadata, Resource, Source, uid
from steersman.model.spec import Spec
from steersman.model.topology import Topology
from steersman.model.world import World

S = TypeVar("S", bound=Spec)

NOW = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
OWNER = "tests"
ZONE = "europe-west1-b"


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def resource(
    kind: Kind[S, Any], name: str, spec: Mapping[str, Any], *, depends_on: Iterable[str] = ()
) -> Resource[S]:
    """A resource as it is after acceptance: `spec` is the document's, validated."""
    key = Key(kind.name, name)
    return Resource(
        key,
        uid(OWNER, key),
        Metadata(depends_on=tuple(map(Key.parse, depends_on))),
        kind.spec.model_validate({**kind.spec.defaults(name), **spec}),
        Source("home", 7, "0" * 64),
    )


def instance(name: str, **fields: Any) -> Instance:
    """A running instance whose address comes from its name: core2 has 10.0.0.2."""
    number = name.lstrip("abcdefghijklmnopqrstuvwxyz-") or "250"
    ordinary: dict[str, Any] = {
        "id": f"100{number}",
        "zone": ZONE,
        "status": "RUNNING",
        "machine_type": "g1-small",
        "ip": f"10.0.0.{number}",
        "labels": EMPTY,
        "since": ago(60),
    }
    return Instance(name=name, **{**ordinary, **fields})


def machine(number: int, **metadata: str) -> Machine:
    """The fleet machine of the instance whose name ends in `number`."""
    return Machine(f"machine{number}", f"10.0.0.{number}", metadata, ago(60))


def compute(*instances: Instance, unreachable: Iterable[str] = ()) -> ComputeSnapshot:
    by_path = {f"{each.zone}/{each.name}": each for each in instances}
    return ComputeSnapshot(NOW, by_path, frozenset(unreachable))


def fleet(
    *machines: Machine, units: Iterable[FleetUnit] = (), states: Iterable[UnitState] = ()
) -> FleetSnapshot:
    by_name: dict[str, tuple[UnitState, ...]] = {}
    for state in states:
        by_name[state.name] = (*by_name.get(state.name, ()), state)
    return FleetSnapshot(
        NOW,
        machines={each.id: each for each in machines},
        units={each.name: each for each in units},
        states=by_name,
        version="0.13.0",
    )


def keys(values: Mapping[str, str] = EMPTY, revision: int = 40) -> KeysSnapshot:
    """Keys that were all written at `revision`."""
    items = {key: KeyItem(key, value, revision, since=ago(60)) for key, value in values.items()}
    return KeysSnapshot(NOW, items, {"/configs/": revision, "/services/": revision})


def teardown_in(kind: Kind[S, Any], resource: Resource[S], world: World) -> tuple[Drift, Plan]:
    """What is left of a resource that is to go, and how it goes."""
    observed = kind.observe(resource, world)
    drift = kind.remains(resource, observed)
    return drift, kind.teardown(resource, observed, drift)


def pending(key: Key, target: Target, action: str, **fields: Any) -> Pending:
    """A step that was sent a moment ago and not answered yet."""
    ordinary: dict[str, Any] = {
        "effect": Effect.CREATE,
        "attempt": "5f0f9a3e-0000-4000-8000-000000000000",
        "since": ago(1),
        "deadline": NOW + timedelta(seconds=60),
    }
    return Pending(key=key, target=target, action=action, **{**ordinary, **fields})


def world(
    *resources: Resource[Any],
    compute: ComputeSnapshot | None = None,
    fleet: FleetSnapshot | None = None,
    keys: KeysSnapshot | None = None,
    elasticsearch: ElasticsearchSnapshot | None = None,
    memory: Mapping[Key, Memory] = MappingProxyType({}),
    waiting_for: Iterable[Pending] = (),
    **others: Any,
) -> World:
    """The leader's world of these resources. A source that is not given was never read."""
    compute = compute or ComputeSnapshot()
    fleet = fleet or FleetSnapshot()
    return World(
        owner=OWNER,
        leading=True,
        resources={each.key: each for each in resources},
        memory=memory,
        pending={each.target: each for each in waiting_for},
        compute=compute,
        fleet=fleet,
        keys=keys or KeysSnapshot(),
        elasticsearch=elasticsearch or ElasticsearchSnapshot(),
        topology=Topology.of(compute, fleet),
        **others,
    )
