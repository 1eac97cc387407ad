"""Where nodes should answer: at the unit's instances, and at addresses that others registered."""

from itertools import islice

from steersman.kinds.elasticsearch.observe import is_address, observe, target_of
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.observed import ProbeTarget
from steersman.model.resource import Resource
from steersman.model.world import World

STRANGERS_MAX = 20  # whoever registers more makes no look at our own nodes come late


def probes(resource: Resource[ElasticsearchSpec], world: World) -> frozenset[ProbeTarget]:
    cluster = observe(resource, world)
    prefix = resource.spec.registration.path + "/"
    strangers = (item.key.removeprefix(prefix) for item in cluster.strangers)
    ips = {*cluster.members, *islice(filter(is_address, strangers), STRANGERS_MAX)}
    return frozenset(target_of(resource.spec, ip) for ip in ips)
