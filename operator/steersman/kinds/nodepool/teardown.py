"""How a nodepool is taken down: each instance that carries its mark is deleted, no other."""

from collections.abc import Iterator
from dataclasses import dataclass

from steersman.kinds.nodepool.observe import Observed, Phase
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.drift import Drift
from steersman.model.observed import Instance
from steersman.model.plan import Action, Plan, Step, Target
from steersman.model.resource import Resource
from steersman.model.teardown import left_over, step


@dataclass(frozen=True, slots=True)
class DeleteInstance(Action):
    """By its numeric id: a late call then never reaches a successor of the same name."""

    zone: str
    instance: str
    instance_id: str


def remains(resource: Resource[NodePool], observed: Observed) -> Drift:
    del resource
    left = {_target(each): f"{each.status} in {each.zone}" for each in _own(observed)}
    return left_over(left, complete=observed.known and not observed.unreachable)


def teardown(resource: Resource[NodePool], observed: Observed, drift: Drift) -> Plan:
    reachable = (each for each in _own(observed) if each.zone not in observed.unreachable)
    # one for each name: a second instance of it has its turn when the first is gone
    by_target = {_target(each): each for each in reachable}
    return Plan(tuple(_step(resource, each, drift) for each in by_target.values()))


def _own(observed: Observed) -> Iterator[Instance]:
    for member in observed.members:
        if member.instance is not None and member.phase is not Phase.FOREIGN:
            yield member.instance
    yield from (each.instance for each in observed.surplus)
    yield from observed.extra


def _target(instance: Instance) -> Target:
    return Target("compute", instance.name)


def _step(resource: Resource[NodePool], instance: Instance, drift: Drift) -> Step:
    action = DeleteInstance(instance.zone, instance.name, instance.id)
    message = f"{instance.name} in {instance.zone} is {instance.status}: delete it, with its disks"
    return step(resource, _target(instance), action, message, drift)
