"""Where the registrations and the record of the first start are not as they should be.

Only what time does not change: how long a node has to be silent before its registration goes is
the registrar's to tell.
"""

from collections.abc import Iterator

from steersman.kinds.elasticsearch import bootstrap
from steersman.kinds.elasticsearch.health import fault
from steersman.kinds.elasticsearch.observe import Cluster, Member
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.drift import Difference, Drift
from steersman.model.resource import Resource

ABSENT = "absent"


def diff(resource: Resource[ElasticsearchSpec], observed: Cluster) -> Drift:
    if not observed.known:
        return Drift(known=False)
    if resource.spec.registration.writer == "none":
        return Drift()
    registry = (*_leaf(observed), *_registrations(observed), *_former(observed))
    return Drift((*_record(observed), *registry))


def _record(cluster: Cluster) -> Iterator[Difference]:
    wanted = bootstrap.wanted(cluster)
    if wanted is not None:
        now = cluster.bootstrap.phase if cluster.bootstrap else ABSENT
        yield Difference(cluster.name, "bootstrap", wanted.phase, now)


def _leaf(cluster: Cluster) -> Iterator[Difference]:
    if cluster.leaf is not None:
        yield Difference(cluster.leaf.key, "registration.path", "directory", cluster.leaf.value)


def _former(cluster: Cluster) -> Iterator[Difference]:
    for item in cluster.former:
        yield Difference(item.key, "registration.path", ABSENT, item.value)


def _registrations(cluster: Cluster) -> Iterator[Difference]:
    for member in cluster.members.values():
        desired, observed = _desired(member, cluster), _observed(member)
        if desired != observed:
            yield Difference(member.key, "registration", desired, observed)


def _desired(member: Member, cluster: Cluster) -> str:
    if member.death is not None:
        return ABSENT
    if member.registered or fault(member.last, cluster.spec, need_master=False) is None:
        return cluster.spec.value
    return ABSENT  # nobody registers a node that does not answer, and silence removes none at once


def _observed(member: Member) -> str:
    if member.item is None:
        return ABSENT
    expires = "" if member.item.expires_at else " (never expires)"
    return member.item.value + expires
