"""What the probes say of a node, and whether those who answer are one cluster."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from steersman.kinds.elasticsearch.observe import Cluster, Member
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.observed import Probe

# Elections take seconds: what is seen twice this far apart is no passing view.
STEADY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a node is not (yet) a good one."""

    reason: str
    message: str


def fault(
    probe: Probe | None, spec: ElasticsearchSpec, *, need_master: bool = True
) -> Fault | None:
    """The first thing that is wrong with what a node answered; None: it is a good node."""
    if probe is None:
        return Fault("NotProbed", "not probed yet")
    if probe.transport != "open":
        return Fault("Unreachable", f"transport port {spec.transport_port} is {probe.transport}")
    if probe.publish_ip is None:
        return Fault("NoAnswer", f"HTTP port {spec.http_port} does not tell its publish_address")
    if wrong_publish_address(probe):
        return Fault("WrongPublishAddress", f"publish_address is {published(probe)}")
    if probe.cluster_name not in (None, spec.cluster_name):
        return Fault("WrongClusterName", f"cluster.name is {probe.cluster_name}")
    return _no_master(probe) if need_master else None


def _no_master(probe: Probe) -> Fault | None:
    if probe.http_status != 200:
        return Fault("NotReady", f"HTTP status is {probe.http_status}")
    if probe.master is None or probe.cluster_name is None:
        return Fault("NoMaster", "it sees no master")
    return None


def wrong_publish_address(probe: Probe) -> bool:
    """A node that tells the others an address where they do not reach it (docker's bridge, say)."""
    told = (probe.publish_ip, probe.publish_port)
    return probe.publish_ip is not None and told != (probe.target.ip, probe.target.transport_port)


def published(probe: Probe) -> str:
    return f"{probe.publish_ip}:{probe.publish_port}"


def in_cluster(member: Member | None, spec: ElasticsearchSpec) -> bool:
    return member is not None and fault(member.last, spec) is None


def masters(probes: Iterable[Probe]) -> frozenset[str]:
    """Whom the nodes that answer take for their master; more than one is a split brain."""
    return frozenset(probe.master for probe in probes if probe.master)


def answers(cluster: Cluster) -> tuple[Probe, ...]:
    """The last word of each node that can be reached."""
    lasts = (member.last for member in cluster.members.values() if member.live)
    return tuple(probe for probe in lasts if probe is not None)


def earlier_answers(cluster: Cluster) -> tuple[Probe, ...]:
    """The same nodes, as they were seen long enough before for a view to count as steady."""
    found = (_before_last(member) for member in cluster.members.values() if member.live)
    return tuple(probe for probe in found if probe is not None)


def master(cluster: Cluster) -> str | None:
    """The one master, if those who answer agree on one."""
    found = masters(answers(cluster))
    return next(iter(found)) if len(found) == 1 else None


def _before_last(member: Member) -> Probe | None:
    last = member.probes[-1].at
    old = (probe for probe in reversed(member.probes) if last - probe.at >= STEADY)
    return next(old, None)
