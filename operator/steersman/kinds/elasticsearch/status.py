"""How the cluster is: one condition for each thing that can be wrong with it, and a summary."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from steersman.kinds.elasticsearch.health import (
    answers,
    earlier_answers,
    fault,
    master,
    masters,
    published,
    wrong_publish_address,
)
from steersman.kinds.elasticsearch.observe import Cluster
from steersman.kinds.elasticsearch.register import Registrar, assess
from steersman.kinds.elasticsearch.spec import ElasticsearchSpec
from steersman.model.drift import Drift
from steersman.model.observed import Probe
from steersman.model.plan import Waiting
from steersman.model.resource import Resource
from steersman.model.status import Condition, Status, shortened

# What is so wrong that the cluster is not ready, the worst first.
FATAL = (
    "RegistrarBlind",
    "SplitBrain",
    "QuorumLost",
    "WrongClusterName",
    "WrongPublishAddress",
    "NotInCluster",
)


def status(
    resource: Resource[ElasticsearchSpec],
    observed: Cluster,
    drift: Drift,
    waiting: tuple[Waiting, ...],
    now: datetime,
) -> Status:
    del resource, waiting  # the spec is in `observed`, and what waits says nothing of the nodes
    if not drift.known:
        return Status((Condition.of("Ready", None, *_unknown(observed)),))
    registrar = assess(observed, now)
    found = dict(_findings(observed, registrar))
    conditions = [
        Condition.of(type_, message is not None, type_ if message else "NoneSeen", message or "")
        for type_, message in found.items()
    ]
    return Status((_ready(observed, registrar, found), *conditions), _summary(observed))


def _unknown(cluster: Cluster) -> tuple[str, str]:
    if cluster.units is None:
        return "UnitUnknown", f"{cluster.spec.unit} tells no instances"
    return "NotObserved", "fleet, the keys or the nodes were not read yet"


def _ready(cluster: Cluster, registrar: Registrar, found: Mapping[str, str | None]) -> Condition:
    for type_ in FATAL:
        if message := found[type_]:
            blind = type_ == "RegistrarBlind"
            return Condition.of("Ready", None if blind else False, type_, message)
    if cluster.leaf is not None:
        return Condition.of("Ready", False, "NotADirectory", f"{cluster.leaf.key} is a key")
    units = cluster.units or ()
    missing = dict(_missing(cluster, registrar))
    count = f"{len(units) - len(missing)}/{len(units)} nodes in the cluster"
    if missing:
        why = "; ".join(f"{unit}: {said}" for unit, said in missing.items())
        return Condition.of("Ready", False, "NodesMissing", f"{count}: {why}")
    return Condition.of("Ready", True, "AllNodes", f"{count}, master {master(cluster)}")


def _missing(cluster: Cluster, registrar: Registrar) -> Iterator[tuple[str, str]]:
    """The instances that are not both registered and in the cluster, and why."""
    for unit in cluster.units or ():
        member = cluster.at(unit)
        if member is None:
            yield unit, "not placed"
        elif wrong := fault(member.last, cluster.spec):
            yield unit, wrong.message
        elif not member.registered and cluster.spec.registration.writer != "none":
            yield unit, registrar.standings[member.ip].message


def _findings(cluster: Cluster, registrar: Registrar) -> Iterator[tuple[str, str | None]]:
    """Each condition's type, and what is wrong; None: nothing that can be seen."""
    seen = answers(cluster)
    yield "RegistrarBlind", "most nodes are unreachable at once" if registrar.blind else None
    yield "SplitBrain", _split_brain(cluster, seen)
    yield "QuorumLost", _quorum_lost(cluster, seen)
    yield "WrongClusterName", _wrong_cluster_name(cluster, seen)
    yield "WrongPublishAddress", _wrong_publish_address(seen)
    yield "NotInCluster", _not_in_cluster(cluster, seen)
    yield "MixedVersions", _mixed_versions(seen)
    yield "SecondWriter", _second_writer(cluster)


def _split_brain(cluster: Cluster, seen: tuple[Probe, ...]) -> str | None:
    if len(masters(seen)) < 2 or len(masters(earlier_answers(cluster))) < 2:
        return None
    views = (f"{probe.target.ip} follows {probe.master}" for probe in seen if probe.master)
    return "; ".join(views)


def _quorum_lost(cluster: Cluster, seen: tuple[Probe, ...]) -> str | None:
    told = [probe for probe in seen if probe.http_status is not None]
    if not cluster.formed or not told or masters(seen):
        return None
    return f"{_addresses(told)}: no master"


def _wrong_cluster_name(cluster: Cluster, seen: tuple[Probe, ...]) -> str | None:
    wanted = cluster.spec.cluster_name
    wrong = [probe for probe in seen if probe.cluster_name not in (None, wanted)]
    said = ", ".join(f"{probe.target.ip} says {probe.cluster_name}" for probe in wrong)
    return f"cluster.name is to be {wanted}; {said}" if wrong else None


def _wrong_publish_address(seen: tuple[Probe, ...]) -> str | None:
    wrong = [probe for probe in seen if wrong_publish_address(probe)]
    said = (
        f"publish_address is {published(probe)}, to be"
        f" {probe.target.ip}:{probe.target.transport_port}"
        for probe in wrong
    )
    return "; ".join(said) or None


def _not_in_cluster(cluster: Cluster, seen: tuple[Probe, ...]) -> str | None:
    """Nodes that are up while the one master does not count them among its own."""
    leader = next((probe for probe in seen if probe.name and probe.name == master(cluster)), None)
    if leader is None:
        return None
    out = [probe for probe in seen if probe.name and probe.name not in leader.nodes]
    said = ", ".join(f"{probe.name} ({probe.target.ip})" for probe in out)
    return f"the master {leader.name} does not know {said}" if out else None


def _mixed_versions(seen: tuple[Probe, ...]) -> str | None:
    versions = _versions(seen)
    return ", ".join(versions) if len(versions) > 1 else None


def _second_writer(cluster: Cluster) -> str | None:
    """Keys that we did not write; one that is no plain IPv4 address keeps nodes from starting."""
    keys = shortened(item.key for item in cluster.strangers)
    return f"not ours: {keys}" if keys else None


def _summary(cluster: Cluster) -> Mapping[str, Any]:
    seen, leader = answers(cluster), master(cluster)
    names = sorted({probe.cluster_name for probe in seen if probe.cluster_name})
    healths = [probe.health for probe in seen if probe.health and probe.name == leader]
    return {
        "expected": len(cluster.units or ()),
        "registered": [member.ip for member in cluster.registered],
        "master": leader,
        "version": ", ".join(_versions(seen)) or None,
        "clusterName": ", ".join(names) or None,
        "health": healths[0] if healths else None,
    }


def _versions(seen: tuple[Probe, ...]) -> list[str]:
    return sorted({probe.version for probe in seen if probe.version})


def _addresses(probes: list[Probe]) -> str:
    return ", ".join(probe.target.ip for probe in probes)
