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


@dataclass(frozen=True)
class Scale:
    """`pools` nodepools share the instances evenly; what the other kinds leave of the documents
    are configkeys."""

    documents: int
    instances: int
    units: int
    pools: int

    @property
    def replicas(self) -> int:
        return self.instances // self.pools

    @property
    def configs(self) -> int:
        return self.documents - self.units - self.pools

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
                for _, name in _named("svc", self.units)
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
        return tuple(
            launched(name, self.machines[at % self.instances].id)
            for at, name in _named("svc", self.units)
        )

    @cached_property
    def states(self) -> tuple[UnitState, ...]:
        return tuple(map(running, self.fleet))

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


def unit_document(name: str) -> str:
    lines = CONTENT.format(name=name).splitlines()
    return UNIT.format(content="".join(f"    {line}\n" if line else "\n" for line in lines))


def config_document(text: str) -> str:
    return CONFIG.format(value=text)


def value(name: str) -> str:
    return f"value-of-{name}"


def launched(name: str, machine: str) -> FleetUnit:
    options = parse(CONTENT.format(name=name))
    at = (fleet_hash(options), "launched", "launched", machine)
    return FleetUnit(f"{name}.service", options, *at)


def running(unit: FleetUnit) -> UnitState:
    machine = unit.machine_id or ""
    return UnitState(unit.name, unit.hash, machine, "loaded", "active", "running")


def _named(stem: str, count: int) -> Iterator[tuple[int, str]]:
    return ((at, f"{stem}-{at:05d}") for at in range(count))


def _ip(at: int) -> str:
    return f"10.{at >> 16}.{(at >> 8) & 255}.{at & 255}"


FULL = Scale(documents=10_000, instances=1_000, units=1_000, pools=100)
QUICK = Scale(documents=120, instances=10, units=10, pools=2)
