"""How a nodepool gets from what is there to what is asked for: one call at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from steersman.kinds.nodepool.diff import MACHINE_TYPE_PATH
from steersman.kinds.nodepool.edits import UpdateInstance, edits
from steersman.kinds.nodepool.observe import ORDINAL_LABEL, Member, Observed, Phase
from steersman.kinds.nodepool.remember import generated_values, stocked_out_until
from steersman.kinds.nodepool.spec import INSTANCE_NAME, USER_DATA_ITEM, NodePool, UserData
from steersman.kinds.nodepool.surplus import surplus
from steersman.kinds.nodepool.teardown import DeleteInstance
from steersman.model.circuit import MACHINE_TYPE, ZONE
from steersman.model.drift import Drift
from steersman.model.memory import Memory
from steersman.model.observed import OWNER_LABEL, POOL_LABEL, UID_LABEL, Instance
from steersman.model.plan import Action, Effect, Plan, Step, Target, Waiting
from steersman.model.resource import Key, Resource

GATE = "nodepool"
STARTABLE = frozenset({"TERMINATED", "STOPPED"})


@dataclass(frozen=True, slots=True)
class Generate(Action):
    """Make up the value of a variable, once."""

    variable: str


@dataclass(frozen=True, slots=True)
class CreateInstance(Action):
    """`spec` is the pool's; `metadata` is complete, user data and all."""

    zone: str
    instance: str
    labels: Mapping[str, str]
    spec: NodePool = field(repr=False)
    metadata: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StartInstance(Action):
    """By its numeric id: a late call then never reaches a successor of the same name."""

    zone: str
    instance: str
    instance_id: str


def plan(
    resource: Resource[NodePool], observed: Observed, drift: Drift, memory: Memory, now: datetime
) -> Plan:
    if not observed.known:
        return Plan()
    needs = _Needs(resource, observed.owner, observed.full, memory, now)
    decided = [
        *needs.generated(),
        *(each for at in observed.members for each in needs.member(at)),
        *edits(resource, observed, drift),
        *surplus(resource, observed),
    ]
    steps = (each for each in decided if isinstance(each, Step))
    waits = tuple(each for each in decided if isinstance(each, Waiting))
    return Plan(
        tuple(replace(step, differences=drift.of(str(step.target))) for step in steps),
        (*waits, *_left_alone(observed, drift)),
        _look_again(observed, waits, now),
    )


def attributes(step: Step) -> Mapping[str, str]:
    """What `remember`, and a later pass while the step is under way, has to know of it."""
    match step.action:
        case CreateInstance(zone=zone, spec=spec):
            return {ZONE: zone, MACHINE_TYPE: spec.machine_type}
        case StartInstance(zone=zone) | DeleteInstance(zone=zone) | UpdateInstance(zone=zone):
            return {ZONE: zone}
        case Generate(variable=variable):
            return {"variable": variable}
        case _:
            return {}


@dataclass(frozen=True, slots=True)
class _Needs:
    """What each member needs next, and what holds it back."""

    resource: Resource[NodePool]
    owner: str
    full: Mapping[str, datetime]  # zones without room, as others found
    memory: Memory
    now: datetime

    @property
    def key(self) -> Key:
        return self.resource.key

    def missing_values(self) -> list[str]:
        user_data = self.resource.spec.user_data
        wanted = user_data.generated if user_data else ()
        return [name for name in wanted if name not in generated_values(self.memory)]

    def generated(self) -> Iterator[Step]:
        for name in self.missing_values():
            yield Step(
                self.key,
                Target("memory", f"{self.key}#{name}"),
                Generate(name),
                "ValueNotGenerated",
                Effect.CREATE,
                f"user data needs a value for {name}: generate it once and keep it",
            )

    def member(self, member: Member) -> Iterator[Step | Waiting]:
        instance = member.instance
        if member.phase is Phase.FOREIGN and instance:
            where = f"{instance.zone} (id {instance.id})"
            said = f"{member.name} is the name of an instance in {where} that is not this pool's"
            yield self._wait(member, "NameTaken", said)
        elif member.phase is Phase.STOPPED and instance:
            yield self._start(member, instance)
        elif member.phase in (Phase.MISSING, Phase.CREATING) and instance is None:
            yield self._create(member)

    def _start(self, member: Member, instance: Instance) -> Step | Waiting:
        said = f"{member.name} is {instance.status} in {instance.zone}"
        if instance.status not in STARTABLE:
            return self._wait(member, "InstanceSuspended", f"{said}: resume it by hand")
        action = StartInstance(instance.zone, instance.name, instance.id)
        reason = "InstanceStopped"
        return Step(self.key, member.target, action, reason, Effect.REPAIR, f"{said}: start it")

    def _create(self, member: Member) -> Step | Waiting:
        if not INSTANCE_NAME.fullmatch(member.name):
            said = f"{member.name!r}, made by nameFormat, is no name that an instance may have"
            return self._wait(member, "NameInvalid", said)
        if missing := self.missing_values():
            said = f"user data waits for the generated {', '.join(missing)}"
            return self._wait(member, "UserDataNotRendered", said)
        zone = member.asked_zone or self._zone_for(member.ordinal)
        if zone is None:
            return self._no_room(member)
        return Step(
            self.key,
            member.target,
            self._creation(member, zone),
            "InstanceMissing",
            Effect.CREATE,
            f"{member.name} is missing: create it in {zone}",
        )

    def _creation(self, member: Member, zone: str) -> CreateInstance:
        spec = self.resource.spec
        labels = {
            **spec.labels,
            OWNER_LABEL: self.owner,
            POOL_LABEL: self.key.name.replace(".", "_"),  # a label value has no dots
            ORDINAL_LABEL: str(member.ordinal),
            UID_LABEL: self.resource.uid,
        }
        metadata = {**spec.metadata, **self._user_data(spec.user_data)}
        return CreateInstance(zone, member.name, labels, spec, metadata)

    def _user_data(self, user_data: UserData | None) -> Mapping[str, str]:
        if user_data is None:
            return {}
        return {USER_DATA_ITEM: user_data.render(generated_values(self.memory))}

    def _zone_for(self, ordinal: int) -> str | None:
        """Round the zones by ordinal, past those that lately had no room."""
        zones = self.resource.spec.zones
        first = (ordinal - 1) % len(zones)
        in_turn = (*zones[first:], *zones[:first])
        return next((each for each in in_turn if not self._stocked_out_until(each)), None)

    def _stocked_out_until(self, zone: str) -> datetime | None:
        known = (stocked_out_until(self.memory, zone), self.full.get(zone))
        return max((at for at in known if at and at > self.now), default=None)

    def _no_room(self, member: Member) -> Waiting:
        zones = self.resource.spec.zones
        until = min(filter(None, map(self._stocked_out_until, zones)))
        said = f"no room for {member.name} in {', '.join(zones)}"
        return replace(self._wait(member, "ZonesStockedOut", said), until=until)

    def _wait(self, member: Member, reason: str, message: str) -> Waiting:
        return Waiting(str(member.target), GATE, reason, message=message)


def _left_alone(observed: Observed, drift: Drift) -> Iterator[Waiting]:
    """Drift that no step repairs is told, not hidden: which of two is right only a person knows."""
    for extra in observed.extra:
        said = f"{extra.name} in {extra.zone} has the mark of a node that is there: delete one"
        yield Waiting(f"compute:{extra.name}", GATE, "SecondInstance", message=said)
    for member in observed.members:
        if any(at.path == MACHINE_TYPE_PATH for at in drift.of(str(member.target))):
            said = f"{member.name} has another machineType: only new nodes follow that"
            yield Waiting(str(member.target), GATE, "AppliesToNewNodes", message=said)


def _look_again(observed: Observed, waits: tuple[Waiting, ...], now: datetime) -> datetime | None:
    times = [*(each.join_by for each in observed.members), *(each.until for each in waits)]
    return min((each for each in times if each is not None and each > now), default=None)
