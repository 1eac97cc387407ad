"""The post's cluster at a moment: three nodes, their registrations and what was probed of them.

Node `n` is elasticsearch@n.service on instance core<n>, at 10.0.0.<n>. What a test does not name
is as it should be: every node answers, is registered and follows elasticsearch-1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from steersman.kinds.elasticsearch import KIND
from steersman.kinds.elasticsearch.observe import Cluster, observe
from steersman.kinds.elasticsearch.register import Registrar, assess
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.memory import Memory
from steersman.model.observed import (
    ElasticsearchSnapshot,
    FleetUnit,
    Instance,
    KeyItem,
    KeysSnapshot,
    Probe,
    ProbeTarget,
    UnitState,
)
from steersman.model.plan import Plan
from steersman.model.resource import Key, Resource
from steersman.model.status import Status
from steersman.model.world import Bootstrap, World
from tests.kinds import builders
from tests.kinds.builders import NOW, ZONE, ago

UNIT = Key("unit", "elasticsearch")
PATH = "/services/elasticsearch"
VALUE = '{"http_port": 9200, "transport_port": 9300}'
SPEC: Mapping[str, Any] = {"unit": str(UNIT), "clusterName": "es-prod"}
STALE_AFTER = {
    "compute": timedelta(seconds=45),
    "fleet": timedelta(seconds=15),
    "keys": timedelta(seconds=60),
    "elasticsearch": timedelta(seconds=45),
}


def ip(node: int) -> str:
    return f"10.0.0.{node}"


def key(node: int) -> str:
    return f"{PATH}/{ip(node)}"


def unit(node: int) -> str:
    return f"elasticsearch@{node}.service"


def owner(node: int) -> str:
    return f"{ZONE}/core{node}/100{node}"


def document(**spec: Any) -> Resource[ElasticsearchSpec]:
    return builders.resource(KIND, "es-prod", {**SPEC, **spec})


def written_by(writer: str) -> Resource[ElasticsearchSpec]:
    return document(registration={"writer": writer})


def target(node: int) -> ProbeTarget:
    return ProbeTarget(ip(node), 9200, 9300)


def good(node: int, at: datetime = NOW, **fields: Any) -> Probe:
    """A node of the cluster that elasticsearch-1 leads."""
    ordinary: dict[str, Any] = {
        "transport": "open",
        "http_status": 200,
        "name": f"elasticsearch-{node}",
        "cluster_name": "es-prod",
        "version": "1.2.1",
        "master": "elasticsearch-1",
        "publish_ip": ip(node),
        "publish_port": 9300,
        "health": "green",
        "nodes": ("elasticsearch-1", "elasticsearch-2", "elasticsearch-3"),
    }
    return Probe(target(node), at, **{**ordinary, **fields})


def alone(node: int, at: datetime = NOW, **fields: Any) -> Probe:
    """A node without a master, as one that waits for a quorum."""
    without: dict[str, Any] = {"http_status": 503, "master": None, "nodes": (), "health": None}
    return good(node, at, **{**without, **fields})


def refused(node: int, at: datetime = NOW) -> Probe:
    return Probe(target(node), at, "refused")


def item(node: int, value: str = VALUE, **fields: Any) -> KeyItem:
    ordinary: dict[str, Any] = {
        "revision": 40 + node,
        "expires_at": NOW + timedelta(seconds=295),
        "since": ago(600),
    }
    return KeyItem(key(node), value, **{**ordinary, **fields})


def state(node: int, active: str = "active", sub: str = "running", **fields: Any) -> UnitState:
    ordinary: dict[str, Any] = {"machine_id": f"machine{node}", "since": ago(600)}
    return UnitState(unit(node), "hash", load="loaded", active=active, sub=sub, **ordinary | fields)


def looks(looked: Iterable[float], make: Any, node: int) -> tuple[Probe, ...]:
    """Probes of one kind, so many seconds ago."""
    return tuple(make(node, ago(seconds)) for seconds in looked)


@dataclass(frozen=True)
class Scene:
    """A world in the making; `probes`, `items`, `states`, `instances` by node."""

    document: Resource[ElasticsearchSpec] = field(default_factory=document)
    nodes: tuple[int, ...] = (1, 2, 3)
    probes: Mapping[int, tuple[Probe, ...]] = field(default_factory=dict)
    items: Mapping[int, KeyItem | None] = field(default_factory=dict)
    states: Mapping[int, UnitState | None] = field(default_factory=dict)
    instances: Mapping[int, Instance | None] = field(default_factory=dict)
    more_keys: tuple[KeyItem, ...] = ()
    memory: Memory = field(default_factory=Memory)
    bootstrap: Bootstrap | None = field(default_factory=lambda: Bootstrap("formed", unit(1)))
    facts: Mapping[str, str] | None = None
    unreachable: frozenset[str] = frozenset()
    changes: Mapping[str, Any] = field(default_factory=dict)  # of the World itself

    def world(self) -> World:
        instances = (self.instances.get(n, builders.instance(f"core{n}")) for n in self.nodes)
        states = (self.states.get(n, state(n)) for n in self.nodes)
        items = (*(self.items.get(n, item(n)) for n in self.nodes), *self.more_keys)
        facts = {"instances": ",".join(map(unit, self.nodes))} if self.facts is None else self.facts
        probes = {n: self.probes.get(n, looks((30, 15, 0), good, n)) for n in self.nodes}
        world = builders.world(
            self.document,
            compute=builders.compute(*filter(None, instances), unreachable=self.unreachable),
            fleet=builders.fleet(
                *(builders.machine(n) for n in self.nodes),
                units=(
                    FleetUnit(unit(n), (), "hash", "launched", "launched", f"machine{n}")
                    for n in self.nodes
                ),
                states=filter(None, states),
            ),
            keys=KeysSnapshot(NOW, {each.key: each for each in items if each}),
            elasticsearch=ElasticsearchSnapshot(NOW, {target(n): p for n, p in probes.items()}),
            memory={self.document.key: self.memory},
            facts={UNIT: facts} if facts else {},
            bootstraps={"es-prod": self.bootstrap} if self.bootstrap else {},
            referrers={UNIT: (self.document.key,)},
            stale_after=STALE_AFTER,
        )
        return replace(world, **self.changes)

    def cluster(self) -> Cluster:
        return observe(self.document, self.world())

    def assess(self, now: datetime = NOW) -> Registrar:
        return assess(self.cluster(), now)

    def plan(self, now: datetime = NOW) -> Plan:
        cluster = self.cluster()
        drift = KIND.diff(self.document, cluster)
        return KIND.plan(self.document, cluster, drift, self.memory, now)

    def status(self, now: datetime = NOW) -> Status:
        cluster = self.cluster()
        drift = KIND.diff(self.document, cluster)
        return KIND.status(self.document, cluster, drift, (), now)


def told(plan: Plan) -> list[tuple[str, str, str]]:
    """A plan in short: action, target, reason."""
    return [(step.action.name, step.target.name, step.reason) for step in plan.steps]
