"""How many nodes a pool is asked to have, and how many it has: where, and how far they are."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from steersman.kinds.nodepool.observe import Member, observe
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.kind import Gauge
from steersman.model.resource import Resource
from steersman.model.world import World

NOWHERE = ""  # the zone of a node that is missing


def nodes(
    resource: Resource[NodePool], world: World, now: datetime
) -> Mapping[tuple[str, ...], float]:
    """Nothing while nothing is known."""
    observed = observe(resource, world)
    if not observed.known:
        return {}
    return Counter((_zone(each), each.phase_at(now).value) for each in observed.members)


def desired(
    resource: Resource[NodePool], _world: World, _now: datetime
) -> Mapping[tuple[str, ...], float]:
    return {(): 0 if resource.metadata.deleting else resource.spec.replicas}


def _zone(member: Member) -> str:
    return (member.instance.zone if member.instance else member.asked_zone) or NOWHERE


GAUGES = (
    Gauge(
        "steersman_nodes", "Nodes of a pool by zone and phase.", ("pool", "zone", "phase"), nodes
    ),
    Gauge("steersman_nodes_desired", "Nodes that a pool is asked to have.", ("pool",), desired),
)
