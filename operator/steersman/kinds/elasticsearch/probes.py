"""Where nodes should answer: at the unit's instances, and at every address that is registered."""

from steersman.kinds.elasticsearch.observe import is_address, observe, target_of
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.observed import ProbeTarget
from steersman.model.resource import Resource
from steersman.model.world import World


def probes(resource: Resource[ElasticsearchSpec], world: World) -> frozenset[ProbeTarget]:
    cluster = observe(resource, world)
    prefix = resource.spec.registration.path + "/"
    strangers = (item.key.removeprefix(prefix) for item in cluster.strangers)
    ips = {*cluster.members, *filter(is_address, strangers)}
    return frozenset(target_of(resource.spec, ip) for ip in ips)
