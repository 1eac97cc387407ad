"""How a unit is taken down: stopped first, and destroyed once no machine runs it any more."""

from steersman.kinds.unit.actions import DestroyUnit, UnloadUnit
from steersman.kinds.unit.observe import InstanceObserved, UnitObserved
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.drift import Drift
from steersman.model.plan import Plan, Step, Waiting
from steersman.model.resource import Resource
from steersman.model.teardown import GATE, left_over, step


def remains(resource: Resource[UnitSpec], observed: UnitObserved) -> Drift:
    del resource
    left = {each.target: each.shown_state for each in _left(observed)}
    return left_over(left, complete=observed.known)


def teardown(resource: Resource[UnitSpec], observed: UnitObserved, drift: Drift) -> Plan:
    decided = [_decide(resource, each, drift) for each in _left(observed)]
    return Plan(
        tuple(each for each in decided if isinstance(each, Step)),
        tuple(each for each in decided if isinstance(each, Waiting)),
    )


def next_action(instance: InstanceObserved) -> tuple[UnloadUnit | DestroyUnit, str] | Waiting:
    """What brings one that is there nearer to its end, and why; or what that waits for."""
    name, unit = instance.name, instance.unit
    if unit is not None and not instance.resting:
        return UnloadUnit(name, unit.hash), f"{name} is {unit.desired_state}: stop it"
    if unit is None or instance.reported:
        # destroyed before its machine has stopped it, it could not be told from a new one
        return Waiting(str(instance.target), GATE, "Stopping", message=f"{name} is being stopped")
    return DestroyUnit(name), f"{name} runs nowhere any more: remove it from fleet"


def _left(observed: UnitObserved) -> tuple[InstanceObserved, ...]:
    everything = (*observed.instances, *observed.surplus)
    return tuple(each for each in everything if each.there)


def _decide(
    resource: Resource[UnitSpec], instance: InstanceObserved, drift: Drift
) -> Step | Waiting:
    found = next_action(instance)
    if isinstance(found, Waiting):
        return found
    action, message = found
    return step(resource, instance.target, action, message, drift)
