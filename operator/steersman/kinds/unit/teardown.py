"""How a unit is taken down: stopped first, and destroyed once no machine runs it any more."""

from dataclasses import dataclass

from steersman.kinds.unit.observe import InstanceObserved, UnitObserved
from steersman.kinds.unit.plan import UnloadUnit
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.drift import Drift
from steersman.model.plan import Action, Plan, Step, Waiting
from steersman.model.resource import Resource
from steersman.model.teardown import GATE, left_over, step


@dataclass(frozen=True)
class DestroyUnit(Action):
    unit: str


def remains(resource: Resource[UnitSpec], observed: UnitObserved) -> Drift:
    del resource
    left = {each.target: each.shown_state for each in observed.instances if each.there}
    return left_over(left, complete=observed.known)


def teardown(resource: Resource[UnitSpec], observed: UnitObserved, drift: Drift) -> Plan:
    decided = [_decide(resource, each, drift) for each in observed.instances if each.there]
    return Plan(
        tuple(each for each in decided if isinstance(each, Step)),
        tuple(each for each in decided if isinstance(each, Waiting)),
    )


def _decide(
    resource: Resource[UnitSpec], instance: InstanceObserved, drift: Drift
) -> Step | Waiting:
    name, unit = instance.name, instance.unit
    if unit is not None and unit.desired_state != "inactive":
        message = f"{name} is {unit.desired_state}: stop it"
        return step(resource, instance.target, UnloadUnit(name, unit.hash), message, drift)
    if unit is None or instance.reported:
        # destroyed before its machine has stopped it, it could not be told from a new one
        return Waiting(str(instance.target), GATE, "Stopping", message=f"{name} is being stopped")
    message = f"{name} runs nowhere any more: remove it from fleet"
    return step(resource, instance.target, DestroyUnit(name), message, drift)
