"""What a unit's document has to itself: the units that fleet runs for it, by name."""

from steersman.kinds.unit.spec import UnitSpec
from steersman.model.plan import Target
from steersman.model.resource import Key


def writes(_key: Key, spec: UnitSpec) -> frozenset[Target]:
    """Not the template: other documents may have other instances of it."""
    return frozenset(Target("fleet", name) for name in spec.units.values())
