"""Kind elasticsearch: the cluster that the instances of a unit form."""

from steersman.kinds.elasticsearch.diff import diff
from steersman.kinds.elasticsearch.driver import ElasticsearchDriver
from steersman.kinds.elasticsearch.gauges import GAUGES
from steersman.kinds.elasticsearch.guards import guards
from steersman.kinds.elasticsearch.keepalive import keepalives, remembered
from steersman.kinds.elasticsearch.observe import NEEDS, Cluster, observe
from steersman.kinds.elasticsearch.plan import attributes, plan
from steersman.kinds.elasticsearch.probes import probes
from steersman.kinds.elasticsearch.remember import OwnOfCluster, remember
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.kinds.elasticsearch.status import status
from steersman.kinds.elasticsearch.teardown import remains, teardown
from steersman.kinds.elasticsearch.writes import writes
from steersman.model.kind import Kind

KIND: Kind[ElasticsearchSpec, Cluster] = Kind(
    name="elasticsearch",
    short="es",
    spec=ElasticsearchSpec,
    needs=NEEDS,
    watches=("compute", *NEEDS),
    driver=ElasticsearchDriver,
    observe=observe,
    diff=diff,
    plan=plan,
    status=status,
    remains=remains,
    teardown=teardown,
    writes=writes,
    references=lambda spec: (spec.unit_key,),
    # the unit becomes ready only after the first of its instances was registered
    dependencies=lambda _spec: (),
    guards=guards,
    probes=probes,
    keepalives=keepalives,
    remembered=remembered,
    remember=remember,
    own=OwnOfCluster,
    attributes=attributes,
    declares=lambda step: step.writes("registration.path"),
    gauges=GAUGES,
)
