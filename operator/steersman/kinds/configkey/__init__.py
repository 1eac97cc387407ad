"""configkey: a value at a key that units read, written and kept."""

from steersman.kinds.configkey.diff import diff
from steersman.kinds.configkey.driver import ConfigKeyDriver
from steersman.kinds.configkey.facts import facts
from steersman.kinds.configkey.observe import Observed, concerns, observe
from steersman.kinds.configkey.plan import plan
from steersman.kinds.configkey.remember import OwnOfKey, attributes, remember
from steersman.kinds.configkey.spec import ConfigKey
from steersman.kinds.configkey.status import status
from steersman.kinds.configkey.teardown import remains, teardown
from steersman.kinds.configkey.writes import writes
from steersman.model.kind import Kind

KIND: Kind[ConfigKey, Observed] = Kind(
    name="configkey",
    short="cfg",
    spec=ConfigKey,
    needs=("keys",),
    watches=("keys",),
    driver=ConfigKeyDriver,
    observe=observe,
    diff=diff,
    plan=plan,
    status=status,
    remains=remains,
    teardown=teardown,
    concerns=concerns,
    facts=facts,
    writes=writes,
    remember=remember,
    own=OwnOfKey,
    attributes=attributes,
    declares=lambda step: step.writes("spec.value"),
)
