"""The nodes of a pool as a group: who is down, and how many may be."""

from datetime import datetime

from steersman.kinds.nodepool.observe import Phase, observe
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.kind import Group
from steersman.model.resource import Resource
from steersman.model.world import World


def group(resource: Resource[NodePool], world: World, now: datetime) -> Group:
    """A node of which nothing is known counts as down."""
    del now
    members = observe(resource, world).members
    down = frozenset(member.target for member in members if member.phase is not Phase.READY)
    return Group(down, resource.spec.rollout.max_unavailable)
