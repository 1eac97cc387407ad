"""What a nodepool has to itself: the names of its nodes, in whichever zone each is."""

from steersman.kinds.nodepool.spec import NodePool, node_name
from steersman.model.plan import Target
from steersman.model.resource import Key


def writes(key: Key, spec: NodePool) -> frozenset[Target]:
    ordinals = range(1, spec.replicas + 1)
    names = (node_name(spec.name_format, key.name, ordinal) for ordinal in ordinals)
    return frozenset(Target("compute", name) for name in names)
