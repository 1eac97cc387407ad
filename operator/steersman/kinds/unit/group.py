"""A unit's instances as a group: which of them are down, whoever took them down."""

from datetime import datetime

from steersman.kinds.unit.health import healthy
from steersman.kinds.unit.observe import observe
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.kind import Group
from steersman.model.plan import Target
from steersman.model.resource import Resource
from steersman.model.world import World


def group(resource: Resource[UnitSpec], world: World, now: datetime) -> Group | None:
    """None for a unit that is not asked to run. While nothing is known, all are down."""
    spec = resource.spec
    if spec.desired_state != "launched":
        return None
    observed = observe(resource, world)
    up = {each.target for each in observed.instances if healthy(each, spec.rollout, now)}
    members = {Target("fleet", name) for name in spec.units.values()}
    return Group(frozenset(members - up), spec.rollout.max_unavailable)
