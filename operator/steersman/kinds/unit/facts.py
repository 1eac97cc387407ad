"""What others may read of a unit: its instances' names, and how they are asked to be and are."""

from collections.abc import Mapping

from steersman.kinds.unit.observe import observe
from steersman.kinds.unit.phase import Phase
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.resource import Resource
from steersman.model.world import World


def facts(resource: Resource[UnitSpec], world: World) -> Mapping[str, str]:
    """`instances` in their order, joined by commas; `desired` is the state that is asked for;
    `active:INDEX` tells since when, only of those that run."""
    # what observe reads of others' facts (configuration, bound units) does not end up in these
    running = {
        f"active:{each.index}": each.since.isoformat()
        for each in observe(resource, world).instances
        if each.phase is Phase.RUNNING and each.since
    }
    spec = resource.spec
    return {"instances": ",".join(spec.units.values()), "desired": spec.desired_state, **running}
