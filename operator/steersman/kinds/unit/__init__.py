"""The kind unit: a fleet unit, or the instances of a template."""

from steersman.kinds.unit.declares import declares
from steersman.kinds.unit.diff import diff
from steersman.kinds.unit.driver import UnitDriver
from steersman.kinds.unit.facts import facts
from steersman.kinds.unit.gauges import GAUGES
from steersman.kinds.unit.group import group
from steersman.kinds.unit.lint import lint
from steersman.kinds.unit.observe import UnitObserved, concerns, observe
from steersman.kinds.unit.plan import plan
from steersman.kinds.unit.remember import OwnOfUnit, attributes, remember
from steersman.kinds.unit.spec import UnitSpec, references
from steersman.kinds.unit.status import status
from steersman.kinds.unit.teardown import remains, teardown
from steersman.kinds.unit.writes import writes
from steersman.model.kind import Kind

KIND: Kind[UnitSpec, UnitObserved] = Kind(
    name="unit",
    short="unit",
    spec=UnitSpec,
    needs=("fleet",),
    watches=("fleet",),
    driver=lambda ports: UnitDriver(ports.fleet),
    observe=observe,
    diff=diff,
    plan=plan,
    status=status,
    remains=remains,
    teardown=teardown,
    concerns=concerns,
    facts=facts,
    writes=writes,
    references=references,
    lint=lint,
    group=group,
    remember=remember,
    own=OwnOfUnit,
    attributes=attributes,
    restarts=True,
    declares=declares,
    gauges=GAUGES,
)
