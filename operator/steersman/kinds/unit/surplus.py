"""Instances that the document no longer asks for: stopped, and destroyed once they are down."""

from collections.abc import Iterator

from steersman.kinds.unit.actions import UnloadUnit
from steersman.kinds.unit.observe import InstanceObserved, UnitObserved
from steersman.kinds.unit.spec import UnitSpec
from steersman.kinds.unit.teardown import next_action
from steersman.model.drift import Drift
from steersman.model.plan import Effect, Step, Waiting, much
from steersman.model.resource import Resource

REASON = "MoreThanAsked"


def surplus(
    resource: Resource[UnitSpec], observed: UnitObserved, drift: Drift
) -> Iterator[Step | Waiting]:
    up = sum(each.unit is not None and not each.resting for each in observed.surplus)
    wanted = len(resource.spec.units)
    shrinks = much(wanted + up, wanted)
    for instance in observed.surplus:
        yield _next(resource, instance, drift, shrinks=shrinks)


def _next(
    resource: Resource[UnitSpec], instance: InstanceObserved, drift: Drift, *, shrinks: bool
) -> Step | Waiting:
    found = next_action(instance)
    if isinstance(found, Waiting):
        return found
    action, message = found
    stops = isinstance(action, UnloadUnit)
    return Step(
        resource.key,
        instance.target,
        action,
        REASON,
        Effect.DESTROY,
        f"{message}, the document does not name it any more",
        disrupts=(resource.key,) if stops and instance.may_run else (),
        differences=drift.of(str(instance.target)),
        shrinks=stops and shrinks,
    )
