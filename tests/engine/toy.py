"""A toy kind, so that tests of the engine name no real one: lamps, each in its own socket.

A lamp is an instance that is RUNNING while it is lit, its colour is the machine type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from steersman.model.circuit import MACHINE_TYPE
from steersman.model.circuit import ZONE as ZONE_ATTRIBUTE
from steersman.model.drift import Difference, Drift
from steersman.model.kind import Attempt, Driver, Group, Kind, Kinds, Ports, Verdict
from steersman.model.memory import Memory, Own
from steersman.model.observed import Instance
from steersman.model.outcome import Done, OperationDone, Outcome
from steersman.model.plan import Action, Effect, Plan, Step, Target, Waiting
from steersman.model.ports import Compute
from steersman.model.resource import Key, Resource
from steersman.model.spec import Many, Spec
from steersman.model.status import Condition, Status
from steersman.model.teardown import left_over
from steersman.model.teardown import step as teardown_step
from steersman.model.world import World

ZONE = "hall"
POISON = "poison"  # a colour over which this kind has a bug
TABOO = "taboo"  # and one of which it cannot tell others


class PoisonError(Exception):
    """A bug, as any kind may have one."""


class LampSpec(Spec):
    color: str = "white"
    chain: str | None = None  # another lamp that this one references
    hooks: Many[str] = ()  # paths on the wall, which no other lamp may use


@dataclass(frozen=True)
class Install(Action):
    color: str


@dataclass(frozen=True)
class Light(Action):
    pass


@dataclass(frozen=True)
class Swap(Action):
    color: str


@dataclass(frozen=True)
class Unscrew(Action):
    pass


def target_of(key: Key) -> Target:
    return Target("compute", key.name)


def observe(resource: Resource[LampSpec], world: World) -> Instance | None:
    return world.compute.instances.get(f"{ZONE}/{resource.key.name}")


def diff(resource: Resource[LampSpec], observed: Instance | None) -> Drift:
    name, wanted = resource.key.name, resource.spec.color
    if wanted == POISON:
        raise PoisonError(name)
    if observed is None:
        return Drift((Difference(name, "lamp", wanted, "none"),))
    seen = {"lit": (str(observed.status == "RUNNING"), "True")}
    seen["color"] = (observed.machine_type, wanted)
    return Drift(
        tuple(
            Difference(name, path, desired, there)
            for path, (there, desired) in seen.items()
            if there != desired
        )
    )


def plan(
    resource: Resource[LampSpec],
    observed: Instance | None,
    drift: Drift,
    _memory: Memory,
    _now: datetime,
) -> Plan:
    color = resource.spec.color
    if observed is None:
        return Plan((_step(resource, Install(color), "LampMissing", Effect.CREATE),))
    if observed.status != "RUNNING":
        return Plan((_step(resource, Light(), "LampDark", Effect.REPAIR),))
    if drift:
        return Plan((_step(resource, Swap(color), "ColorDiffers", Effect.DISRUPT),))
    return Plan()


def status(
    _resource: Resource[LampSpec],
    observed: Instance | None,
    drift: Drift,
    _waiting: tuple[Waiting, ...],
    _now: datetime,
) -> Status:
    ready = observed is not None and not drift
    color = observed.machine_type if observed else None
    return Status((Condition.of("Ready", ready, "Lit" if ready else "Dark"),), {"color": color})


def remains(resource: Resource[LampSpec], observed: Instance | None) -> Drift:
    left = {target_of(resource.key): observed.status} if observed else {}
    return left_over(left, complete=True)


def teardown(resource: Resource[LampSpec], observed: Instance | None, drift: Drift) -> Plan:
    target = target_of(resource.key)
    said = "the lamp is to go"
    return Plan((teardown_step(resource, target, Unscrew(), said, drift),) if observed else ())


def references(spec: LampSpec) -> tuple[Key, ...]:
    return (Key("lamp", spec.chain),) if spec.chain else ()


def writes(key: Key, spec: LampSpec) -> frozenset[Target]:
    return frozenset({target_of(key), *(Target("wall", each) for each in spec.hooks)})


def facts(resource: Resource[LampSpec], _world: World) -> Mapping[str, str]:
    if resource.spec.color == TABOO:
        raise PoisonError(resource.key.name)
    return {"color": resource.spec.color}


def group(resource: Resource[LampSpec], world: World, _now: datetime) -> Group:
    """Every lamp is a group of one, which may be away."""
    lit = not diff(resource, observe(resource, world))
    return Group(frozenset() if lit else frozenset({target_of(resource.key)}), 1)


def guards(resource: Resource[LampSpec], step: Step, _world: World, _now: datetime) -> Verdict:
    """A red lamp forbids that the lamp that it is chained to is swapped."""
    held = resource.spec.color == "red" and isinstance(step.action, Swap)
    return Verdict("guards", passed=not held, reason="ChainedToRed" if held else "")


def attributes(step: Step) -> Mapping[str, str]:
    """As of a node: what may lack room is a machine type in a zone, but for creations alone."""
    match step.action:
        case Install(color=color):
            return {ZONE_ATTRIBUTE: ZONE, MACHINE_TYPE: color}
        case _:
            return {ZONE_ATTRIBUTE: ZONE}


class OwnOfLamp(Own):
    done: Sequence[str] = ()


def remember(memory: Memory, outcome: Outcome) -> Memory:
    if outcome.error is not None:
        return memory
    return memory.with_own(done=[*memory.own.get("done", []), outcome.action])


class LampDriver:
    """The attempt is the request's id, so that a repeated call has one effect."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute

    async def execute(self, step: Step, attempt: Attempt) -> Done:
        name = step.target.name
        seconds = attempt.timeout_seconds
        match step.action:
            case Install(color=color) | Swap(color=color):
                body = {"name": name, "machineType": color}
                operation = await self._compute.insert_instance(
                    ZONE, body, request_id=attempt.id, timeout_seconds=seconds
                )
            case Light():
                operation = await self._compute.start_instance(
                    ZONE, name, request_id=attempt.id, timeout_seconds=seconds
                )
            case Unscrew():
                operation = await self._compute.delete_instance(
                    ZONE, name, request_id=attempt.id, timeout_seconds=seconds
                )
            case _:
                raise AssertionError(step.action)
        return Done(OperationDone(ZONE, operation.name, name))


def driver(ports: Ports) -> Driver:
    assert ports.compute is not None
    return LampDriver(ports.compute)


LAMP: Kind[LampSpec, Any] = Kind(
    name="lamp",
    short="lp",
    spec=LampSpec,
    needs=("compute",),
    watches=("compute",),
    driver=driver,
    observe=observe,
    diff=diff,
    plan=plan,
    status=status,
    remains=remains,
    teardown=teardown,
    facts=facts,
    references=references,
    writes=writes,
    guards=guards,
    group=group,
    remember=remember,
    own=OwnOfLamp,
    attributes=attributes,
    declares=lambda step: step.writes("color"),
)
KINDS: Kinds = {"lamp": LAMP}


def _step(resource: Resource[LampSpec], action: Action, reason: str, effect: Effect) -> Step:
    disrupts = (resource.key,) if effect is Effect.DISRUPT else ()
    return Step(resource.key, target_of(resource.key), action, reason, effect, disrupts=disrupts)
