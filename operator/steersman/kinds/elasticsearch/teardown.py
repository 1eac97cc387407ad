"""How a cluster's registrations are taken down; its nodes are the unit's, and stay."""

from collections.abc import Iterator

from steersman.kinds.elasticsearch.observe import Cluster
from steersman.kinds.elasticsearch.plan import Deregister
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.drift import Drift
from steersman.model.observed import KeyItem
from steersman.model.plan import Plan, Target
from steersman.model.resource import Resource
from steersman.model.teardown import left_over, step


def remains(resource: Resource[ElasticsearchSpec], observed: Cluster) -> Drift:
    del resource
    left = {Target("keys", item.key): "registered" for item in _own(observed)}
    return left_over(left, complete=observed.registry_read)


def teardown(resource: Resource[ElasticsearchSpec], observed: Cluster, drift: Drift) -> Plan:
    return Plan(
        tuple(
            step(
                resource,
                Target("keys", item.key),
                Deregister(item),
                f"{item.key} is registered for this cluster: take it off the list",
                drift,
            )
            for item in _own(observed)
        )
    )


def _own(cluster: Cluster) -> Iterator[KeyItem]:
    """What we wrote, there or under another path, and what stands where an instance of the unit is
    and is kept alive by us."""
    if cluster.spec.registration.writer != "steersman":
        return
    for member in cluster.members.values():
        if member.item is not None and (member.written or member.unit is not None):
            yield member.item
    yield from cluster.former
