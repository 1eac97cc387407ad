"""What of the World concerns a nodepool: its members by ordinal, and who else is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from steersman.kinds.nodepool.spec import NodePool, node_name
from steersman.model.circuit import ZONE, Circuit
from steersman.model.observed import Instance, Machine
from steersman.model.plan import Target
from steersman.model.resource import Key, Resource
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
class Surplus:
    """An instance of this pool beyond its replicas; `hosts` are the documents that have a unit
    running there."""

    instance: Instance
    hosts: tuple[Key, ...] = ()

    @property
    def target(self) -> Target:
        return Target("compute", self.instance.name)

    @property
    def runs(self) -> bool:
        return self.instance.status == "RUNNING"


@dataclass(frozen=True, slots=True)
class Observed:
    """`surplus` is what is to go, those first that go first; `extra` are other instances with this
    pool's mark: second ones of a member. Zones in `unreachable` may hold more. `full` are zones
    where others have just found no room for this machine type, with the time to try again."""

    known: bool
    owner: str
    members: tuple[Member, ...]
    surplus: tuple[Surplus, ...]
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
    return Observed(
        known=world.compute.observed_at is not None,
        owner=world.owner,
        members=members,
        surplus=_surplus(ours, replicas, world),
        extra=_extra(ours, replicas),
        unreachable=look.unreachable,
        full=_full_zones(resource.spec, world),
    )


def _to(replicas: int) -> range:
    return range(1, replicas + 1)


def _surplus(
    ours: Mapping[int, list[Instance]], replicas: int, world: World
) -> tuple[Surplus, ...]:
    """What does not run goes first, then the highest ordinals."""
    beyond = sorted((at for at in ours if at > replicas), reverse=True)
    found = (Surplus(each, _hosts(each, world)) for at in beyond for each in ours[at])
    return tuple(sorted(found, key=lambda each: each.runs))


def _hosts(instance: Instance, world: World) -> tuple[Key, ...]:
    node = world.topology.by_ip.get(instance.ip or "")
    running = {state.name for state in node.units if state.active == "active"} if node else set()
    if not running:
        return ()
    told = ((key, facts.get("instances", "").split(",")) for key, facts in world.facts.items())
    return tuple(sorted(key for key, names in told if not running.isdisjoint(names)))


def _extra(ours: Mapping[int, list[Instance]], replicas: int) -> tuple[Instance, ...]:
    found = (each for at in ours if at <= replicas for each in ours[at][at in _to(replicas) :])
    return tuple(sorted(found, key=lambda each: f"{each.zone}/{each.name}"))


def _full_zones(spec: NodePool, world: World) -> Mapping[str, datetime]:
    circuits = {zone: Circuit("compute", zone, spec.machine_type) for zone in spec.zones}
    breakers = {zone: world.circuits.get(circuit) for zone, circuit in circuits.items()}
    return {zone: each.until for zone, each in breakers.items() if each and each.until}


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
