"""How many instances a unit is asked to have, and how they are."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from steersman.kinds.unit.observe import observe
from steersman.kinds.unit.spec import UnitSpec
from steersman.model.kind import Gauge
from steersman.model.resource import Resource
from steersman.model.world import World


def instances(
    resource: Resource[UnitSpec], world: World, _now: datetime
) -> Mapping[tuple[str, ...], float]:
    return Counter((str(each.phase),) for each in observe(resource, world).instances)


def desired(
    resource: Resource[UnitSpec], _world: World, _now: datetime
) -> Mapping[tuple[str, ...], float]:
    return {(): 0 if resource.metadata.deleting else len(resource.spec.units)}


GAUGES = (
    Gauge(
        "steersman_unit_instances",
        "Instances of a unit by phase.",
        ("unit", "phase"),
        instances,
    ),
    Gauge(
        "steersman_unit_instances_desired",
        "Instances that a unit is asked to have.",
        ("unit",),
        desired,
    ),
)
