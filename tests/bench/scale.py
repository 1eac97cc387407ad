"""The fleet that is measured: documents of a given number, and an outside that is as they ask."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from steersman.model.observed import FleetUnit, Instance, Machine, UnitState
from steersman.model.resource import DESIRED, Key, uid
from steersman.model.unitfile import fleet_hash, parse

OWNER = "bench"
ZONES = ("europe-west1-b", "europe-west1-c", "europe-west1-d")
MACHINE_TYPE = "g1-small"

POOL = """\
spec:
  replicas: {replicas}
  zones: [{zone}]
  machineType: {machine_type}
  image: {{project: coreos-cloud, name: coreos-alpha-423-0-0-v20140828}}
  tags: [core]
  labels: {{role: core}}
  userData:
    template: |
      #cloud-config
      coreos:
        units:
          - name: etcd.service
            command: start
          - name: fleet.service
            command: start
"""
UNIT = """\
spec:
  content: |
{content}"""
CONTENT = """\
[Unit]
Description=Service {name}
After=docker.service
Requires=docker.service

[Service]
TimeoutStartSec=0
ExecStartPre=-/usr/bin/docker kill {name}
ExecStartPre=-/usr/bin/docker rm {name}
ExecStart=/usr/bin/docker run --name {name} -p 8080:8080 {name}
ExecStop=/usr/bin/docker stop {name}
"""
CONFIG = "spec: {{format: text, value: {value}}}\n"
TEMPLATE = """\
spec:
  name: {name}@.service
  instances: {nodes}
  content: |
{content}"""
CLUSTER = """\
spec:
  unit: unit/{name}
  clusterName: {name}
  registration: {{path: {path}, ttlSeconds: {ttl_seconds}, refreshSeconds: {refresh_seconds}}}
"""
NODES = 3  # of an Elasticsearch cluster
REGISTRATION = '{"http_port": 9200, "transport_port": 9300}'
TTL_SECONDS = 300
REFRESH_SECONDS = 60


@dataclass(frozen=True)
class Scale:
    """`pools` nodepools share the instances evenly. Each of `clusters` is an Elasticsearch cluster
    of three instances of a unit of its own; the other units stand alone. What the other kinds
    leave of the documents are configkeys."""

    documents: int
    instances: int
    units: int
    pools: int
    clusters: int

    @property
    def replicas(self) -> int:
        return self.instances // self.pools

    @property
    def configs(self) -> int:
        return self.documents - self.pools - self.lone_units - 2 * self.clusters

    @property
    def lone_units(self) -> int:
        return self.units - self.clusters * NODES

    @cached_property
    def desired(self) -> Mapping[str, str]:
        """Every document, by its key in the store."""
        return {
            **{
                f"{DESIRED}nodepool/{name}": self._pool(at)
                for at, name in _named("pool", self.pools)
            },
            **{
                f"{DESIRED}unit/{name}": unit_document(name)
                for _, name in _named("svc", self.lone_units)
            },
            **{
                f"{DESIRED}unit/{name}": template_document(name)
                for _, name in _named("es", self.clusters)
            },
            **{
                f"{DESIRED}elasticsearch/{name}": cluster_document(name)
                for _, name in _named("es", self.clusters)
            },
            **{
                f"{DESIRED}configkey/{name}": config_document(value(name))
                for name in self._configs()
            },
        }

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """What the configkeys have written."""
        return {f"/configs/{name}": value(name) for name in self._configs()}

    @cached_property
    def registrations(self) -> Mapping[str, str]:
        """The nodes that have registered."""
        return {f"{registry(node.cluster)}/{node.ip}": REGISTRATION for node in self.nodes}

    @cached_property
    def nodes(self) -> tuple["EsNode", ...]:
        return tuple(
            EsNode(name, f"{name}@{number + 1}", self.machines[at * NODES + number])
            for at, name in _named("es", self.clusters)
            for number in range(NODES)
        )

    @cached_property
    def machines(self) -> tuple[Machine, ...]:
        return tuple(Machine(f"{at:032x}", _ip(at), {}) for at in range(self.instances))

    @cached_property
    def compute(self) -> tuple[Instance, ...]:
        return tuple(
            self._instance(pool, ordinal, at * self.replicas + ordinal - 1)
            for at, pool in _named("pool", self.pools)
            for ordinal in range(1, self.replicas + 1)
        )

    @cached_property
    def fleet(self) -> tuple[FleetUnit, ...]:
        return (
            *(
                launched(name, self.machines[at % self.instances].id)
                for at, name in _named("svc", self.lone_units)
            ),
            *(template(name) for _, name in _named("es", self.clusters)),
            *(launched(node.unit, node.machine.id, node.cluster) for node in self.nodes),
        )

    @cached_property
    def states(self) -> tuple[UnitState, ...]:
        return tuple(running(each) for each in self.fleet if each.machine_id)

    def _configs(self) -> Iterator[str]:
        return (name for _, name in _named("cfg", self.configs))

    def _pool(self, at: int) -> str:
        zone = ZONES[at % len(ZONES)]
        return POOL.format(replicas=self.replicas, zone=zone, machine_type=MACHINE_TYPE)

    def _instance(self, pool: str, ordinal: int, at: int) -> Instance:
        key = Key("nodepool", pool)
        labels = {
            "role": "core",
            "steersman-ordinal": str(ordinal),
            "steersman-owner": OWNER,
            "steersman-pool": pool,
            "steersman-uid": uid(OWNER, key),
        }
        zone = ZONES[(at // self.replicas) % len(ZONES)]
        name, number = f"{pool}-{ordinal}", str(10**18 + at)
        return Instance(number, name, zone, "RUNNING", MACHINE_TYPE, _ip(at), labels, ("core",))


@dataclass(frozen=True)
class EsNode:
    """A node of Elasticsearch: an instance of the unit of its cluster, on a machine."""

    cluster: str
    unit: str
    machine: Machine

    @property
    def ip(self) -> str:
        return self.machine.ip


def unit_document(name: str) -> str:
    return UNIT.format(content=_content(name))


def template_document(name: str) -> str:
    return TEMPLATE.format(name=name, nodes=NODES, content=_content(name))


def cluster_document(name: str) -> str:
    return CLUSTER.format(
        name=name,
        path=registry(name),
        ttl_seconds=TTL_SECONDS,
        refresh_seconds=REFRESH_SECONDS,
    )


def registry(cluster: str) -> str:
    return f"/services/{cluster}"


def _content(name: str) -> str:
    lines = CONTENT.format(name=name).splitlines()
    return "".join(f"    {line}\n" if line else "\n" for line in lines)


def config_document(text: str) -> str:
    return CONFIG.format(value=text)


def value(name: str) -> str:
    return f"value-of-{name}"


def template(name: str) -> FleetUnit:
    options = parse(CONTENT.format(name=name))
    return FleetUnit(f"{name}@.service", options, fleet_hash(options), "inactive", "inactive", None)


def launched(name: str, machine: str, of: str | None = None) -> FleetUnit:
    """`of` names the template of an instance: fleet gives it the same options."""
    options = parse(CONTENT.format(name=of or name))
    at = (fleet_hash(options), "launched", "launched", machine)
    return FleetUnit(f"{name}.service", options, *at)


def running(unit: FleetUnit) -> UnitState:
    machine = unit.machine_id or ""
    return UnitState(unit.name, unit.hash, machine, "loaded", "active", "running")


def _named(stem: str, count: int) -> Iterator[tuple[int, str]]:
    return ((at, f"{stem}-{at:05d}") for at in range(count))


def _ip(at: int) -> str:
    """An address of this machine alone: what runs there is looked at."""
    return f"127.{64 + (at >> 16)}.{(at >> 8) & 255}.{(at & 255)}"


FULL = Scale(documents=10_000, instances=1_000, units=1_000, pools=100, clusters=10)
QUICK = Scale(documents=120, instances=10, units=10, pools=2, clusters=1)
