"""What a cluster has to itself: the directory in which its nodes find one another."""

from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.plan import Target
from steersman.model.resource import Key


def writes(_key: Key, spec: ElasticsearchSpec) -> frozenset[Target]:
    """Whoever writes there: with a second cluster's nodes in it, both would become one."""
    if spec.registration.writer == "none":
        return frozenset()
    return frozenset({Target("keys", spec.registration.path)})
