"""What of the World concerns a unit's document: its instances in fleet, and what they read."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from steersman.kinds.unit.owned import owned
from steersman.kinds.unit.phase import SETTLING, Phase, phase_of, runs
from steersman.kinds.unit.placement import obstacles
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.observed import FleetUnit, UnitState
from steersman.model.plan import Target
from steersman.model.requests import Verb, latest
from steersman.model.resource import EMPTY, Key, Resource
from steersman.model.topology import Topology
from steersman.model.world import World


@dataclass(frozen=True, slots=True)
class InstanceObserved:
    """One instance. `since` is when it came to be so, None when that was before we looked.

    `started_with` is the hash of the configuration that it read at its start, None when nobody
    remembers. `bound_since` is since when the instance that it is bound to runs. `reported` tells
    whether any machine still says something of it, `runs` whether one says that it runs, or is on
    its way up or down. `restart_asked` and `retry_asked` are when a person last asked for that.
    """

    index: str
    name: str
    phase: Phase
    unit: FleetUnit | None = None
    state: UnitState | None = None
    since: datetime | None = None
    started_with: str | None = None
    bound_since: datetime | None = None
    obstacles: str = ""
    reported: bool = False
    runs: bool = False
    restart_asked: datetime | None = None
    retry_asked: datetime | None = None

    @property
    def there(self) -> bool:
        return self.unit is not None or self.reported

    @property
    def resting(self) -> bool:
        """Whether nobody asks fleet for more than to keep it."""
        return self.unit is not None and self.unit.desired_state == "inactive"

    @property
    def stopping(self) -> bool:
        """Whether fleet was told to stop it, and a machine runs it still: fleet takes it from
        there before it is down."""
        launched = self.unit is not None and self.unit.desired_state == "launched"
        return self.runs and not launched

    @property
    def target(self) -> Target:
        return Target("fleet", self.name)

    @property
    def label(self) -> str:
        """How people call it beside its document."""
        return f"@{self.index}" if self.index else self.name

    @property
    def serving(self) -> bool:
        return self.phase in (Phase.RUNNING, Phase.COMPLETED)

    @property
    def may_run(self) -> bool:
        """One that nobody hears of may well run."""
        return self.serving or self.phase is Phase.SILENT

    @property
    def shown_state(self) -> str:
        return f"{self.state.active}/{self.state.sub}" if self.state else str(self.phase)


@dataclass(frozen=True, slots=True)
class UnitObserved:
    """`config` is the hash of what the instances would read now, None when that is not known.
    `surplus` are ours and no longer asked for; `unlisted` are other units of the same template that
    the document does not name. `was_ready` is what was told of the whole before."""

    known: bool
    instances: tuple[InstanceObserved, ...] = ()
    config: str | None = None
    fleet_version: str = ""
    surplus: tuple[InstanceObserved, ...] = ()
    unlisted: tuple[str, ...] = ()
    was_ready: bool = False

    def outdated(self, instance: InstanceObserved) -> bool:
        """Whether it was certainly started with another configuration than there is now."""
        before = instance.started_with
        return None not in (before, self.config) and before != self.config


def concerns(resource: Resource[UnitSpec]) -> frozenset[Target]:
    spec = resource.spec
    return frozenset(Target("fleet", name) for name in (spec.name, *spec.units.values()))


def observe(resource: Resource[UnitSpec], world: World) -> UnitObserved:
    at = world.fleet.observed_at
    if at is None:
        return UnitObserved(known=False)
    spec = resource.spec
    surplus = _surplus(resource, world, at)
    return UnitObserved(
        known=True,
        instances=tuple(
            _instance(index, name, resource, world, at) for index, name in spec.units.items()
        ),
        config=_config(spec, world),
        fleet_version=world.fleet.version,
        surplus=surplus,
        unlisted=_unlisted(spec, surplus, world.topology),
        was_ready=_was_ready(resource.key, world),
    )


def _instance(
    index: str, name: str, resource: Resource[UnitSpec], world: World, at: datetime
) -> InstanceObserved:
    own = world.memory_of(resource.key).own
    launched = _past(_time(own.get("launched", EMPTY).get(name)), at)
    unit = world.fleet.units.get(name)
    states = world.fleet.states.get(name, ())
    state = _state(unit, states)
    asked = partial(latest, world.requests, key=resource.key, target=Target("fleet", name), now=at)
    phase = phase_of(unit, state, resource.spec.expected, launched, at)
    seen = state.since if state else world.fleet.stateless_since.get(name)
    return InstanceObserved(
        index=index,
        name=name,
        phase=phase,
        unit=unit,
        state=state,
        since=max((time for time in (seen, launched) if time), default=None),
        started_with=own.get("config", EMPTY).get(name),
        bound_since=_bound_since(index, resource.spec, world),
        obstacles=obstacles(unit, world.fleet) if unit and phase is Phase.UNPLACED else "",
        reported=bool(states),
        runs=any(map(runs, states)),
        restart_asked=asked(verb=Verb.RESTART),
        retry_asked=asked(verb=Verb.RETRY),
    )


def _state(unit: FleetUnit | None, states: Iterable[UnitState]) -> UnitState | None:
    """Its state on the machine where fleet has it; another machine's is about to vanish."""
    if unit is None:
        return None
    return next((each for each in states if each.machine_id == unit.machine_id), None)


def _config(spec: UnitSpec, world: World) -> str | None:
    """One hash over the values that it is rolled for. None: there are none, or one of what it
    reads is not as its own document asks, and will change again."""
    lines = []
    for reference in sorted(spec.reads):
        facts = world.facts.get(Key.parse(reference), EMPTY)
        if "sha256" not in facts:
            return None
        if facts.get("onChange") == "restart":
            lines.append(f"{reference}={facts['sha256']}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else None


def _bound_since(index: str, spec: UnitSpec, world: World) -> datetime | None:
    if spec.bound_to is None:
        return None
    facts: Mapping[str, str] = world.facts.get(Key.parse(spec.bound_to), EMPTY)
    return _time(facts.get(f"active:{index}"))


def leaving(instances: Iterable[InstanceObserved]) -> tuple[InstanceObserved, ...]:
    """Those that are to go first come first: what does not run, then the last."""
    return tuple(sorted(instances, key=lambda each: (each.serving, *_last_first(each.name))))


def _surplus(
    resource: Resource[UnitSpec], world: World, at: datetime
) -> tuple[InstanceObserved, ...]:
    ours = owned(world.memory_of(resource.key)) - set(resource.spec.units.values())
    there = [name for name in ours if name in world.fleet.units or world.fleet.states.get(name)]
    if not there:
        return ()
    wanted = _wanted_by_others(resource.key, world)
    return leaving(_instance("", name, resource, world, at) for name in there if name not in wanted)


def _wanted_by_others(key: Key, world: World) -> frozenset[str]:
    """The units that other documents name, in force or released."""
    told = (facts.get("instances", "") for at, facts in world.facts.items() if at != key)
    return frozenset(name for names in told for name in names.split(","))


def _last_first(name: str) -> tuple[int, str]:
    label = name.partition("@")[2].rpartition(".")[0]
    return (-int(label) if label.isdecimal() else 0, name)


def _unlisted(
    spec: UnitSpec, surplus: tuple[InstanceObserved, ...], topology: Topology
) -> tuple[str, ...]:
    own = {spec.name, *spec.units.values(), *(each.name for each in surplus)}
    return tuple(sorted(set(topology.templates.get(spec.name, ())) - own))


def _was_ready(key: Key, world: World) -> bool:
    told = world.statuses.get(key)
    return told is not None and told.holds("Ready")


def _past(launched: datetime | None, at: datetime) -> datetime | None:
    """One that is yet to come was before the clock was set back: nobody knows when."""
    return launched if launched and launched < at + SETTLING else None


def _time(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
