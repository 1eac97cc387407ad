"""What of the World concerns a nodepool: its members by ordinal, and who else is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from steersman.kinds.nodepool.spec import NodePool, node_name
from steersman.model.circuit import ZONE, Circuit
from steersman.model.observed import Instance, Machine
from steersman.model.plan import Target
from steersman.model.resource import Resource
from steersman.model.world import World

ORDINAL_LABEL = "steersman-ordinal"


class Phase(StrEnum):
    """How far a member is from being a node to rely on."""

    MISSING = "Missing"
    CREATING = "Creating"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    JOINING = "Joining"  # it runs, and is not in the fleet yet
    JOIN_TIMED_OUT = "JoinTimedOut"
    READY = "Ready"
    UNKNOWN = "Unknown"  # too little was observed to tell
    FOREIGN = "Foreign"  # somebody else's instance has its name


_COMING_UP = frozenset({"PROVISIONING", "STAGING", "REPAIRING"})
_STOPPED = frozenset({"TERMINATED", "STOPPED", "SUSPENDED"})
_STOPPING = frozenset({"STOPPING", "PENDING_STOP", "SUSPENDING", "DEPROVISIONING"})


@dataclass(frozen=True, slots=True)
class Member:
    """`instance` is ours, or the foreign one that has the name. `asked_zone` is where a creation
    that is under way was sent."""

    ordinal: int
    name: str
    phase: Phase
    instance: Instance | None = None
    machine: Machine | None = None
    join_by: datetime | None = None
    asked_zone: str | None = None

    @property
    def target(self) -> Target:
        """The same in every zone: a member is one object wherever it lives."""
        return Target("compute", self.name)

    def phase_at(self, now: datetime) -> Phase:
        late = self.join_by is not None and self.join_by <= now
        return Phase.JOIN_TIMED_OUT if late else self.phase


@dataclass(frozen=True, slots=True)
class Observed:
    """`extra` are instances of this pool beyond its replicas, or second ones of a member. Zones in
    `unreachable` may hold more. `full` are zones where others have just found no room for this
    machine type, with the time to try again."""

    known: bool
    owner: str
    members: tuple[Member, ...]
    extra: tuple[Instance, ...]
    unreachable: frozenset[str] = frozenset()
    full: Mapping[str, datetime] = field(default_factory=dict)


def concerns(resource: Resource[NodePool]) -> frozenset[Target]:
    return frozenset({Target("compute", resource.uid)})


def observe(resource: Resource[NodePool], world: World) -> Observed:
    replicas = resource.spec.replicas
    ours = _by_ordinal(world.topology.pools.get(resource.uid, ()))
    look = _Look(resource, world)
    members = tuple(look.member(at, next(iter(ours.get(at, ())), None)) for at in _to(replicas))
    extra = (
        each
        for ordinal, found in ours.items()
        for each in (found[1:] if ordinal in _to(replicas) else found)
    )
    known = world.compute.observed_at is not None
    unique = tuple(sorted(extra, key=_path))
    full = _full_zones(resource.spec, world)
    return Observed(known, world.owner, members, unique, look.unreachable, full)


def _to(replicas: int) -> range:
    return range(1, replicas + 1)


def _full_zones(spec: NodePool, world: World) -> Mapping[str, datetime]:
    circuits = {zone: Circuit("compute", zone, spec.machine_type) for zone in spec.zones}
    breakers = {zone: world.circuits.get(circuit) for zone, circuit in circuits.items()}
    return {zone: each.until for zone, each in breakers.items() if each and each.until}


def _path(instance: Instance) -> str:
    return f"{instance.zone}/{instance.name}"


def _by_ordinal(instances: Iterable[Instance]) -> Mapping[int, list[Instance]]:
    """The pool's instances, the one that is best alive first where an ordinal has several."""
    found: dict[int, list[Instance]] = {}
    for each in instances:
        ordinal = each.labels.get(ORDINAL_LABEL, "")
        if ordinal.isdecimal():
            found.setdefault(int(ordinal), []).append(each)
    for several in found.values():
        several.sort(key=lambda each: (each.status != "RUNNING", each.status in _STOPPING, each.id))
    return found


class _Look:
    """One pool's view of one World."""

    def __init__(self, resource: Resource[NodePool], world: World) -> None:
        self.resource = resource
        self.spec = resource.spec
        self.world = world
        known_zones = {*self.spec.zones, *world.memory_of(resource.key).own.get("zones", ())}
        self.unreachable = frozenset(known_zones & world.compute.unreachable)
        self.blind = world.compute.observed_at is None or bool(self.unreachable)

    def member(self, ordinal: int, instance: Instance | None) -> Member:
        if instance is not None:
            return self._existing(ordinal, instance)
        name = node_name(self.spec.name_format, self.resource.key.name, ordinal)
        if foreign := self._holder_of(name):
            return Member(ordinal, name, Phase.FOREIGN, foreign)
        if zone := self._asked_zone(name):
            return Member(ordinal, name, Phase.CREATING, asked_zone=zone)
        # it may live in a zone that does not answer: what cannot be counted is not created
        return Member(ordinal, name, Phase.UNKNOWN if self.blind else Phase.MISSING)

    def _asked_zone(self, name: str) -> str | None:
        under_way = self.world.pending.get(Target("compute", name))
        asked = (self.resource.key, "CreateInstance")
        if under_way is None or (under_way.key, under_way.action) != asked:
            return None
        return under_way.attributes.get(ZONE)

    def _existing(self, ordinal: int, instance: Instance) -> Member:
        node = self.world.topology.by_ip.get(instance.ip or "")
        machine = node.machine if node else None
        phase = self._phase(instance, machine)
        waited_from = instance.since if phase is Phase.JOINING else None
        patience = timedelta(seconds=self.spec.health.join_deadline_seconds)
        join_by = waited_from + patience if waited_from else None
        return Member(ordinal, instance.name, phase, instance, machine, join_by)

    def _phase(self, instance: Instance, machine: Machine | None) -> Phase:
        if instance.zone in self.world.compute.unreachable:
            return Phase.UNKNOWN
        if instance.status != "RUNNING":
            return _down(instance.status)
        if not self.spec.health.fleet or machine is not None:
            return Phase.READY
        return Phase.UNKNOWN if self.world.fleet.observed_at is None else Phase.JOINING

    def _holder_of(self, name: str) -> Instance | None:
        paths = (f"{zone}/{name}" for zone in self.spec.zones)
        held = (self.world.compute.instances.get(path) for path in paths)
        return next((each for each in held if each is not None), None)


def _down(status: str) -> Phase:
    if status in _COMING_UP:
        return Phase.CREATING
    if status in _STOPPING:
        return Phase.STOPPING
    return Phase.STOPPED if status in _STOPPED else Phase.UNKNOWN
