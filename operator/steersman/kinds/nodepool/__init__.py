"""nodepool: N alike Compute Engine instances: made, started, edited and given back as asked."""

from steersman.kinds.nodepool.diff import diff
from steersman.kinds.nodepool.driver import NodePoolDriver
from steersman.kinds.nodepool.edits import declares
from steersman.kinds.nodepool.facts import facts
from steersman.kinds.nodepool.gauges import GAUGES
from steersman.kinds.nodepool.group import group
from steersman.kinds.nodepool.observe import Observed, concerns, observe
from steersman.kinds.nodepool.plan import attributes, plan
from steersman.kinds.nodepool.remember import OwnOfPool, remember
from steersman.kinds.nodepool.spec import NodePool
from steersman.kinds.nodepool.status import status
from steersman.kinds.nodepool.teardown import remains, teardown
from steersman.kinds.nodepool.writes import writes
from steersman.model.kind import Kind

KIND: Kind[NodePool, Observed] = Kind(
    name="nodepool",
    short="np",
    spec=NodePool,
    needs=("compute",),
    watches=("compute", "fleet"),
    driver=NodePoolDriver,
    observe=observe,
    diff=diff,
    plan=plan,
    status=status,
    remains=remains,
    teardown=teardown,
    concerns=concerns,
    facts=facts,
    writes=writes,
    group=group,
    remember=remember,
    own=OwnOfPool,
    attributes=attributes,
    declares=declares,
    gauges=GAUGES,
)
