"""What to do about a unit's instances: at most one step for each, from what fleet shows now.

fleet has no restart: an instance is set to loaded, and to launched once it is down. Nothing
remembers how far that got; an instance that is loaded and should be launched is launched. Nor
does an older fleet change a unit: it is stopped, destroyed and submitted anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from steersman.kinds.unit.actions import (
    LaunchUnit,
    LoadUnit,
    ReplaceUnit,
    SubmitUnit,
    UnitAction,
    UnloadUnit,
)
from steersman.kinds.unit.health import ripe_at
from steersman.kinds.unit.observe import InstanceObserved, UnitObserved, leaving
from steersman.kinds.unit.phase import SETTLING, Phase
from steersman.kinds.unit.restart import Turn, next_turn
from steersman.kinds.unit.spec import UnitSpec
from steersman.kinds.unit.surplus import surplus
from steersman.kinds.unit.teardown import next_action
from steersman.model.drift import Drift
from steersman.model.memory import Memory
from steersman.model.observed import FleetUnit
from steersman.model.plan import Effect, Plan, Step, Waiting, much
from steersman.model.resource import Resource
from steersman.model.unitfile import version_numbers

STATE_DIFFERS = "DesiredStateDiffers"
CONTENT_DIFFERS = "ContentDiffers"
RATIONED = frozenset({"UnitFailed", "UnitStopped"})  # reasons of restarts that are counted
# A launch is over by the clock of what was seen, and a look that shows nothing new wakes nobody.
LOOK_LAG = timedelta(seconds=5)
REPLACES_SINCE = (0, 13)  # an older fleet ignores other options for a name that it knows


def plan(
    resource: Resource[UnitSpec],
    observed: UnitObserved,
    drift: Drift,
    memory: Memory,
    now: datetime,
) -> Plan:
    if not drift.known:
        return Plan()
    planner = _Planner(resource, observed, drift, memory.own, now, _much_runs(observed))
    decided = [
        *(planner.decide(instance) for instance in _in_turn(resource.spec, observed)),
        *surplus(resource, observed, drift),
    ]
    return Plan(
        steps=tuple(each for each in decided if isinstance(each, Step)),
        waits=tuple(each for each in decided if isinstance(each, Waiting)),
        look_again=_look_again(resource.spec, observed, now),
    )


def _in_turn(spec: UnitSpec, observed: UnitObserved) -> tuple[InstanceObserved, ...]:
    """What is to stop stops in the order of what is too many."""
    return observed.instances if spec.desired_state == "launched" else leaving(observed.instances)


def _look_again(spec: UnitSpec, observed: UnitObserved, now: datetime) -> datetime | None:
    times = (_next_look(instance, spec, now) for instance in observed.instances)
    return min((at for at in times if at and at > now), default=None)


def _next_look(instance: InstanceObserved, spec: UnitSpec, now: datetime) -> datetime | None:
    at = ripe_at(instance, spec.rollout)
    if instance.phase is Phase.STARTING and at and at <= now:
        return now + LOOK_LAG
    return at


@dataclass(frozen=True, slots=True)
class _Planner:
    resource: Resource[UnitSpec]
    observed: UnitObserved
    drift: Drift
    own: Mapping[str, Any]  # what the kind remembers
    now: datetime
    much_runs: bool  # too much to stop it all without asking

    @property
    def spec(self) -> UnitSpec:
        return self.resource.spec

    def decide(self, instance: InstanceObserved) -> Step | Waiting | None:
        unit = instance.unit
        if unit is None:
            return self._submit(instance)
        if instance.phase is Phase.UPDATING:
            return None
        if unit.hash != self.spec.hash:
            return self._replace(instance, unit)
        if unit.desired_state != self.spec.desired_state:
            return self._move(instance, unit)
        return self._keep_up(instance) if self.spec.desired_state == "launched" else None

    def _submit(self, instance: InstanceObserved) -> Step | Waiting:
        if instance.reported:  # submitted now, it could not be told from what runs there still
            message = "a machine has not stopped what was destroyed"
            return self._wait(instance, "fleet", "Stopping", message)
        action = SubmitUnit(instance.name, self.spec.hash, self.spec.options)
        message = f"{instance.name} is not in fleet"
        step = self._step(instance, action, "UnitMissing", Effect.CREATE, message)
        return replace(step, approved=self._begun(instance))

    def _replace(self, instance: InstanceObserved, unit: FleetUnit) -> Step | Waiting:
        if version_numbers(self.observed.fleet_version) < REPLACES_SINCE:
            return self._replace_in_steps(instance)
        # what was not launched yet is launched by a step of its own, which more gates may hold
        state = "inactive" if unit.desired_state == "inactive" else self.spec.desired_state
        action = ReplaceUnit(
            instance.name, self.spec.hash, self.spec.options, state, self.observed.config
        )
        message = f"{instance.name} has content {unit.hash[:8]}, not {self.spec.hash[:8]}"
        return self._step(instance, action, CONTENT_DIFFERS, _cost(instance), message)

    def _replace_in_steps(self, instance: InstanceObserved) -> Step | Waiting:
        found = next_action(instance)
        if isinstance(found, Waiting):
            return found
        action, said = found
        message = f"{said}, this fleet does not replace it in place"
        step = self._step(instance, action, CONTENT_DIFFERS, _cost(instance), message)
        return replace(step, approved=self._begun(instance))

    def _move(self, instance: InstanceObserved, unit: FleetUnit) -> Step | None:
        message = f"{instance.name} is {unit.desired_state}, not {self.spec.desired_state}"
        if self.spec.desired_state == "launched":
            return self._launch(instance, unit, message)
        stop = LoadUnit if self.spec.desired_state == "loaded" else UnloadUnit
        action = stop(instance.name, unit.hash)
        return self._step(instance, action, STATE_DIFFERS, _cost(instance), message)

    def _launch(self, instance: InstanceObserved, unit: FleetUnit, message: str) -> Step | None:
        new = unit.desired_state == "inactive"
        # its machine has not stopped it yet: launched now, it would run on as it is
        if not new and unit.machine_id and unit.current_state != "loaded":
            return None
        action = LaunchUnit(instance.name, unit.hash, self.observed.config)
        effect = Effect.CREATE if new else Effect.REPAIR
        step = self._step(instance, action, "NotLaunched", effect, message)
        # it is away until its launch is seen: what is said of it before may be older than its end
        away = (self.resource.key,)
        return replace(step, approved=self._begun(instance), disrupts=away)

    def _begun(self, instance: InstanceObserved) -> bool:
        """Whether it is down, or gone, because we are restarting or replacing it: nobody has to
        allow the second half."""
        begun, launched = (self._time(what, instance) for what in ("begun", "launched"))
        return begun is not None and (launched is None or launched < begun)

    def _time(self, what: str, instance: InstanceObserved) -> datetime | None:
        at = self.own.get(what, {}).get(instance.name)
        return datetime.fromisoformat(at) if at else None

    def _keep_up(self, instance: InstanceObserved) -> Step | Waiting | None:
        down = instance.phase in (Phase.FAILED, Phase.STOPPED)
        if self.observed.outdated(instance) and (down or instance.serving):
            read = ", ".join(self.spec.reads)
            message = f"{instance.name} was started with another value of {read}"
            return self._load(instance, "ConfigChanged", message)
        if self._restart_due(instance) and (down or instance.serving):
            return self._restart_as_asked(instance)
        if not down:
            return None
        return self._follow(instance) if self.spec.bound_to else self._restart(instance)

    def _restart_due(self, instance: InstanceObserved) -> bool:
        """Once for a request, and not of what has come up after it."""
        asked = instance.restart_asked
        if asked is None or asked == self._time("restarted", instance):
            return False
        return instance.since is None or instance.since < asked

    def _restart_as_asked(self, instance: InstanceObserved) -> Step:
        asked = instance.restart_asked
        action = LoadUnit(instance.name, self.spec.hash, asked)
        message = f"somebody asked at {asked:%H:%M:%S} to restart {instance.name}"
        step = self._step(instance, action, "RestartRequested", _cost(instance), message)
        return replace(step, approved=True)

    def _follow(self, instance: InstanceObserved) -> Step | Waiting:
        """It went down with what it is bound to, and comes back with it; else it fell by itself."""
        bound_to, up = self.spec.bound_to, instance.bound_since
        if up is None:
            message = f"{bound_to} does not run"
            return self._wait(instance, "bound", "BoundUnitDown", message)
        if instance.since and up >= instance.since:
            message = f"{instance.name} is down, {bound_to} runs since {up:%H:%M:%S}"
            return self._load(instance, "BoundUnitRestarted", message)
        return self._restart(instance)

    def _restart(self, instance: InstanceObserved) -> Step | Waiting:
        failed = instance.phase is Phase.FAILED
        reason = "UnitFailed" if failed else "UnitStopped"
        since = instance.since or self.now
        turn = next_turn(self.spec.restart, self._past(instance), since, self.now)
        if turn.exhausted:
            return self._give_up(instance, turn)
        # what stopped without failing may be on its way up still
        at = max(turn.at or since, since if failed else since + SETTLING)
        if instance.retry_asked and since <= instance.retry_asked:
            at = self.now
        tries = f"try {turn.number}/{self.spec.restart.max_restarts}"
        if at > self.now:
            message = f"restart at {at:%H:%M:%S} ({tries})"
            return self._wait(instance, "restart", reason, message, at)
        seen = f"{instance.shown_state} since {since:%H:%M:%S}"
        return self._load(instance, reason, f"{instance.name} is {seen} ({tries})")

    def _past(self, instance: InstanceObserved) -> list[datetime]:
        """When it was restarted; a person who asks to retry forgives what was before."""
        times = self.own.get("restarts", {}).get(instance.name, ())
        past = [datetime.fromisoformat(at) for at in times]
        return [at for at in past if not instance.retry_asked or at > instance.retry_asked]

    def _give_up(self, instance: InstanceObserved, turn: Turn) -> Waiting:
        allowed = self.spec.restart.max_restarts
        free = f", again at {turn.at:%H:%M:%S}" if turn.at else ""
        message = f"restarted {turn.number} times, {allowed} are allowed{free}"
        return self._wait(instance, "restart", "CrashLoop", message, turn.at)

    def _load(self, instance: InstanceObserved, reason: str, message: str) -> Step:
        action = LoadUnit(instance.name, self.spec.hash)
        return self._step(instance, action, reason, _cost(instance), message)

    def _step(
        self,
        instance: InstanceObserved,
        action: UnitAction,
        reason: str,
        effect: Effect,
        message: str,
    ) -> Step:
        disrupts, stops = effect is Effect.DISRUPT, self.spec.desired_state != "launched"
        return Step(
            key=self.resource.key,
            target=instance.target,
            action=action,
            reason=reason,
            effect=effect,
            message=message,
            disrupts=(self.resource.key,) if disrupts else (),
            differences=self.drift.of(str(instance.target)),
            shrinks=disrupts and stops and self.much_runs,
        )

    def _wait(
        self,
        instance: InstanceObserved,
        gate: str,
        reason: str,
        message: str,
        until: datetime | None = None,
    ) -> Waiting:
        return Waiting(str(instance.target), gate, reason, until, message)


def _much_runs(observed: UnitObserved) -> bool:
    members = observed.instances
    running = sum(_cost(each) is Effect.DISRUPT for each in members)
    return much(len(members), len(members) - running)


def _cost(instance: InstanceObserved) -> Effect:
    """What it costs to take the instance down."""
    return Effect.DISRUPT if instance.may_run else Effect.REPAIR
