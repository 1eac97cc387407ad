"""A unit's instances as a group: which of them are down, whoever took them down."""

from collections.abc import Iterator
from datetime import datetime

from steersman.kinds.unit.health import healthy
from steersman.kinds.unit.observe import UnitObserved, observe
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.kind import Group
from steersman.model.plan import Target
from steersman.model.resource import Resource
from steersman.model.world import World


def group(resource: Resource[UnitSpec], world: World, now: datetime) -> Group:
    observed = observe(resource, world)
    down = {*_missed(resource.spec, observed, now), *_stopping(observed)}
    return Group(frozenset(down), resource.spec.rollout.max_unavailable)


def _missed(spec: UnitSpec, observed: UnitObserved, now: datetime) -> Iterator[Target]:
    """Those that shall run and do not; while nothing is known, all of them."""
    if spec.desired_state == "launched":
        up = {each.target for each in observed.instances if healthy(each, spec.rollout, now)}
        members = (Target("fleet", name) for name in spec.units.values())
        yield from (each for each in members if each not in up)


def _stopping(observed: UnitObserved) -> Iterator[Target]:
    """Those on their way down: the next one goes when they are there, so that a mistake is seen
    while most still run."""
    everything = (*observed.instances, *observed.surplus)
    yield from (each.target for each in everything if each.stopping)
