"""A unit of three instances on three machines, in whatever condition a test asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from steersman.kinds.unit import KIND
from steersman.kinds.unit.observe import UnitObserved
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.drift import Drift
from steersman.model.memory import Memory
from steersman.model.observed import FleetSnapshot, FleetUnit, UnitState
from steersman.model.plan import Plan
from steersman.model.resource import Key, Resource
from steersman.model.status import Status
from steersman.model.unitfile import fleet_hash, parse
from steersman.model.world import World
from tests.kinds import builders
from tests.kinds.builders import NOW, ago

CONTENT = "[Service]\nExecStart=/usr/bin/es --node=%i\n\n[X-Fleet]\nConflicts=es@*.service\n"
OLD_CONTENT = "[Service]\nExecStart=/usr/bin/es-of-old\n"
ONESHOT = "[Service]\nType=oneshot\nExecStart=/usr/bin/job\n"
KEY = Key("unit", "es")
CONFIG = Key("configkey", "es")


@dataclass(frozen=True)
class Member:
    """An instance as fleet and systemd show it; `state` None: nobody says how it is."""

    index: int | str
    state: str | None = "active/running"
    desired: str = "launched"
    current: str | None = None  # None: as desired
    seconds: float = 60  # since when its state is so
    content: str = CONTENT
    running_content: str | None = None  # None: as content
    load: str = "loaded"
    placed: bool = True
    name: str | None = None  # None: es@INDEX.service

    @property
    def unit_name(self) -> str:
        return self.name or f"es@{self.index}.service"

    @property
    def machine_id(self) -> str | None:
        return f"machine{self.index}" if self.placed else None

    def unit(self) -> FleetUnit:
        options = parse(self.content)
        return FleetUnit(
            self.unit_name,
            options,
            fleet_hash(options),
            self.desired,
            self.current or self.desired,
            self.machine_id,
        )

    def unit_state(self) -> UnitState | None:
        if self.state is None:
            return None
        active, _, sub = self.state.partition("/")
        content_hash = fleet_hash(parse(self.running_content or self.content))
        return UnitState(
            self.unit_name,
            content_hash,
            f"machine{self.index}",
            self.load,
            active,
            sub,
            ago(self.seconds),
        )


def resource(document: str = "es", **spec: Any) -> Resource[UnitSpec]:
    ordinary: dict[str, Any] = {"name": "es@.service", "instances": 3, "content": CONTENT}
    return builders.resource(KIND, document, {**ordinary, **spec})


def fleet(*members: Member, version: str = "1.0.0", **fields: Any) -> FleetSnapshot:
    """Three machines with these members."""
    states = (each.unit_state() for each in members)
    snapshot = builders.fleet(
        *(builders.machine(number) for number in (1, 2, 3)),
        units=[each.unit() for each in members],
        states=[each for each in states if each],
    )
    return FleetSnapshot(
        observed_at=NOW,
        machines=snapshot.machines,
        units=snapshot.units,
        states=snapshot.states,
        version=version,
        **fields,
    )


@dataclass(frozen=True)
class Chain:
    """The pure chain over one world."""

    resource: Resource[UnitSpec]
    world: World
    now: datetime = NOW

    @property
    def observed(self) -> UnitObserved:
        return KIND.observe(self.resource, self.world)

    @property
    def drift(self) -> Drift:
        return KIND.diff(self.resource, self.observed)

    @property
    def plan(self) -> Plan:
        memory = self.world.memory_of(self.resource.key)
        return KIND.plan(self.resource, self.observed, self.drift, memory, self.now)

    @property
    def status(self) -> Status:
        return KIND.status(self.resource, self.observed, self.drift, self.plan.waits, self.now)


def chain(
    *members: Member,
    of: Resource[UnitSpec] | None = None,
    own: Mapping[str, Any] = MappingProxyType({}),
    facts: Mapping[Key, Mapping[str, str]] = MappingProxyType({}),
    now: datetime = NOW,
    before: Status | None = None,
    **fleet_fields: Any,
) -> Chain:
    """What becomes of these members; `own` is what the kind remembers, `before` what was told."""
    asked = of or resource()
    world = builders.world(
        asked,
        fleet=fleet(*members, **fleet_fields),
        memory={asked.key: Memory(own=own)},
        facts=facts,
        statuses={asked.key: before} if before else {},
    )
    return Chain(asked, world, now)


def said(plan: Plan) -> list[str]:
    """A plan in words: action, instance, reason and effect of each step."""
    return [
        f"{step.action.name} {_index(step.target.name)} {step.reason} {step.effect}"
        for step in plan.steps
    ]


def waits(plan: Plan) -> list[str]:
    return [f"{_index(each.target)} {each.gate} {each.reason}" for each in plan.waits]


def healthy(*indices: int | str) -> Iterable[Member]:
    return (Member(index) for index in indices)


def _index(name: str) -> str:
    stem, at, index = name.removesuffix(".service").partition("@")
    return f"@{index}" if at else stem.removeprefix("fleet:")
