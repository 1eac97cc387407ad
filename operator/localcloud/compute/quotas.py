"""Quotas: how much of what the project may have, regional or in all, and how much it has."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from localcloud.compute.catalog import DISK_KINDS, REGIONS, SHAPES, ZONES
from localcloud.compute.errors import Failure, over_quota, quota_exceeded
from localcloud.compute.networks import NETWORKS
from localcloud.compute.rates import GROUPS
from localcloud.compute.resources import Disk, Instance
from localcloud.compute.state import State

REGIONAL_LIMITS = {
    "CPUS": 2400.0,
    "DISKS_TOTAL_GB": 102_400.0,
    "INSTANCES": 2400.0,
    "IN_USE_ADDRESSES": 2400.0,
    "PREEMPTIBLE_CPUS": 2400.0,
    "SSD_TOTAL_GB": 51_200.0,
    "STATIC_ADDRESSES": 64.0,
}
GLOBAL_LIMITS = {
    "CPUS_ALL_REGIONS": 7200.0,
    "FIREWALLS": 100.0,
    "NETWORKS": 5.0,
    "ROUTES": 250.0,
    "STATIC_ADDRESSES": 64.0,
    "SUBNETWORKS": 100.0,
}
METRICS = frozenset(REGIONAL_LIMITS) | frozenset(GLOBAL_LIMITS) | frozenset(GROUPS)

_STOPPED = ("TERMINATED", "SUSPENDED")


@dataclass(frozen=True, slots=True)
class Quota:
    metric: str
    limit: float
    usage: float

    @property
    def exceeded(self) -> bool:
        return self.usage > self.limit


def regional(state: State, region: str) -> tuple[Quota, ...]:
    return _quotas(state, REGIONAL_LIMITS, _usage(state, REGIONS[region].zones, region))


def of_project(state: State) -> tuple[Quota, ...]:
    everywhere = _usage(state, ZONES, "")
    usage = {
        "CPUS_ALL_REGIONS": everywhere["CPUS_ALL_REGIONS"],
        "FIREWALLS": len(state.firewalls),
        "NETWORKS": len(NETWORKS),
        "ROUTES": 1 + len(REGIONS),
        "STATIC_ADDRESSES": everywhere["STATIC_ADDRESSES"],
        "SUBNETWORKS": len(REGIONS),
    }
    return _quotas(state, GLOBAL_LIMITS, Counter(usage))


def breach(state: State, zone: str, needs: Mapping[str, int]) -> Failure | None:
    """The first quota that what was made in `zone` has overrun, as its operation will tell it."""
    region = ZONES[zone].region
    for quota in regional(state, region):
        if quota.exceeded and needs.get(quota.metric):
            return over_quota(quota.metric, quota.limit, region)
    for quota in of_project(state):
        if quota.exceeded and needs.get(quota.metric):
            return over_quota(quota.metric, quota.limit, "")
    return None


def of_instance(instance: Instance, disks: Iterable[Disk] = ()) -> Counter[str]:
    """A stopped instance holds its disks and its name, but no processor and no address."""
    running = instance.status not in _STOPPED
    cpus = running * SHAPES[instance.machine_type].cpus
    spot = bool(instance.scheduling.get("preemptible"))
    needs = Counter(
        {
            "INSTANCES": 1,
            "CPUS": cpus,
            "CPUS_ALL_REGIONS": cpus,
            "PREEMPTIBLE_CPUS": cpus * spot,
            "IN_USE_ADDRESSES": int(running and instance.access is not None),
        }
    )
    for disk in disks:
        needs.update(of_disk(disk))
    return needs


def of_disk(disk: Disk) -> dict[str, int]:
    kind = "SSD_TOTAL_GB" if DISK_KINDS[disk.type].solid_state else "DISKS_TOTAL_GB"
    return {kind: disk.size_gb}


def check_one_more(state: State, metric: str, region: str = "") -> None:
    """Some quotas are refused at once, before anything is made."""
    for quota in regional(state, region) if region else of_project(state):
        if quota.metric == metric and quota.usage + 1 > quota.limit:
            raise quota_exceeded(metric, quota.limit, region)


def _quotas(state: State, limits: dict[str, float], usage: Counter[str]) -> tuple[Quota, ...]:
    lowered = state.faults.quotas
    return tuple(
        Quota(metric, lowered.get(metric, limit), usage[metric]) for metric, limit in limits.items()
    )


def _usage(state: State, zones: Collection[str], region: str) -> Counter[str]:
    """`region` is empty for the whole project, whose addresses are the global ones."""
    usage: Counter[str] = Counter()
    for instance in state.instances.values():
        if instance.zone in zones:
            usage.update(of_instance(instance))
    for disk in state.disks.values():
        if disk.zone in zones:
            usage.update(of_disk(disk))
    usage["STATIC_ADDRESSES"] = sum(one.region == region for one in state.addresses.values())
    return usage
