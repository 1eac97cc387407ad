"""Quotas: how much of what the project may have, regional or in all, and how much it has."""

from collections import Counter
from dataclasses import dataclass

from localcloud.compute.catalog import NETWORKS, REGIONS, SHAPES, ZONES
from localcloud.compute.errors import Failure, over_quota
from localcloud.compute.state import State

REGIONAL_LIMITS = {
    "CPUS": 2400.0,
    "DISKS_TOTAL_GB": 102_400.0,
    "INSTANCES": 2400.0,
    "IN_USE_ADDRESSES": 2400.0,
}
GLOBAL_LIMITS = {"FIREWALLS": 100.0, "NETWORKS": 5.0}


@dataclass(frozen=True, slots=True)
class Quota:
    metric: str
    limit: float
    usage: float

    @property
    def exceeded(self) -> bool:
        return self.usage > self.limit


def regional(state: State, region: str) -> tuple[Quota, ...]:
    usage = _usage(state, region)
    return tuple(
        Quota(metric, state.faults.quotas.get(metric, limit), usage[metric])
        for metric, limit in REGIONAL_LIMITS.items()
    )


def of_project(state: State) -> tuple[Quota, ...]:
    usage = {"FIREWALLS": len(state.firewalls), "NETWORKS": len(NETWORKS)}
    return tuple(
        Quota(metric, state.faults.quotas.get(metric, limit), usage[metric])
        for metric, limit in GLOBAL_LIMITS.items()
    )


def breach(state: State, zone: str) -> Failure | None:
    """The first quota that the region of `zone` has overrun, as its operation will tell."""
    region = ZONES[zone].region
    for quota in regional(state, region):
        if quota.exceeded:
            return over_quota(quota.metric, quota.limit, region)
    return None


def _usage(state: State, region: str) -> Counter[str]:
    """A stopped instance holds its disks and its name, but no processor and no address."""
    zones = REGIONS[region].zones
    usage: Counter[str] = Counter()
    for instance in state.instances.values():
        if instance.zone in zones:
            running = instance.status != "TERMINATED"
            usage["INSTANCES"] += 1
            usage["CPUS"] += running * SHAPES[instance.machine_type].cpus
            usage["IN_USE_ADDRESSES"] += running and instance.external
    for disk in state.disks.values():
        if disk.zone in zones:
            usage["DISKS_TOTAL_GB"] += disk.size_gb
    return usage
