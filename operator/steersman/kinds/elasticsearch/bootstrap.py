"""The ordered first start: one node forms the cluster, the others join it.

A 1.x node reads whom to look for once, when it starts, and clusters never merge: of three nodes
that start side by side each may become a cluster of its own. So one instance, the seed, starts
alone; what was decided is recorded before, for ever.
"""

from steersman.kinds.elasticsearch.health import in_cluster, master
from steersman.kinds.elasticsearch.observe import Cluster, Member
from steersman.model.world import FORMED, FORMING, Bootstrap


def wanted(cluster: Cluster) -> Bootstrap | None:
    """What the record should say; None: as it is."""
    if cluster.formed or not cluster.units:
        return None
    member = _member_with_master(cluster)
    if member is not None and member.unit is not None:
        seed = cluster.bootstrap.seed if cluster.bootstrap else member.unit
        return Bootstrap(FORMED, seed)
    return None if cluster.bootstrap else Bootstrap(FORMING, cluster.units[0])


def _member_with_master(cluster: Cluster) -> Member | None:
    """A registered node of a cluster that has one master: the seed's, or one that was there before
    its document."""
    if master(cluster) is None:
        return None
    found = (each for each in cluster.registered if in_cluster(each, cluster.spec))
    return next(found, None)
