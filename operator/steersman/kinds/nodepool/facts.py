"""What others may read of a nodepool."""

from collections.abc import Mapping

from steersman.kinds.nodepool.observe import Phase, observe
from steersman.kinds.nodepool.spec import NodePool
from steersman.model.resource import EMPTY, Resource
from steersman.model.world import World


def facts(resource: Resource[NodePool], world: World) -> Mapping[str, str]:
    """`nodes`: how many are ready. Nothing while nothing is known."""
    observed = observe(resource, world)
    if not observed.known:
        return EMPTY
    return {"nodes": str(sum(member.phase is Phase.READY for member in observed.members))}
