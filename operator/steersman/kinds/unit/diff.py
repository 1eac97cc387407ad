"""Where a unit's instances are not as their document asks."""

from collections.abc import Iterator

from steersman.kinds.unit.observe import InstanceObserved, UnitObserved
from steersman.kinds.unit.phase import Phase
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.drift import Difference, Drift
from steersman.model.resource import Resource

INSTANCES = "spec.instances"
CONTENT = "spec.content"
STATE = "spec.desiredState"


def diff(resource: Resource[UnitSpec], observed: UnitObserved) -> Drift:
    wanted = (
        Difference(str(instance.target), path, desired, seen)
        for instance in observed.instances
        for path, desired, seen in _fields(resource.spec, observed, instance)
    )
    surplus = (
        Difference(str(each.target), INSTANCES, "absent", each.shown_state)
        for each in observed.surplus
    )
    return Drift((*wanted, *surplus), known=observed.known)


def _fields(
    spec: UnitSpec, observed: UnitObserved, instance: InstanceObserved
) -> Iterator[tuple[str, str, str]]:
    """Path, what is asked for, what is there."""
    unit = instance.unit
    if unit is None:
        yield INSTANCES, "present", "missing"
        return
    if unit.hash != spec.hash:
        yield CONTENT, spec.hash, unit.hash
    if unit.desired_state != spec.desired_state:
        yield STATE, spec.desired_state, unit.desired_state
    if spec.desired_state == "launched" and instance.phase in (Phase.FAILED, Phase.STOPPED):
        yield "spec.expect", spec.expected, instance.shown_state
    if observed.outdated(instance):
        yield "spec.reads", str(observed.config), str(instance.started_with)
