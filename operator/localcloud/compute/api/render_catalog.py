"""What was always there, as the API writes it: the project, its places, types, images, networks."""

from localcloud.compute.api.render import ALWAYS_THERE, CPU_PLATFORM, Body, head, place, stamp
from localcloud.compute.catalog import (
    DISK_GB_MAX,
    REGIONS,
    DiskType,
    Image,
    MachineType,
    Region,
    Zone,
)
from localcloud.compute.fingerprints import EMPTY, fingerprint
from localcloud.compute.links import link, stable_id
from localcloud.compute.networks import DEFAULT, Network, Route, Subnetwork
from localcloud.compute.quotas import Quota


def project_body(project: str, quotas: tuple[Quota, ...]) -> Body:
    return {
        "kind": "compute#project",
        "id": stable_id(f"projects/{project}"),
        "name": project,
        "creationTimestamp": stamp(ALWAYS_THERE),
        "selfLink": link(project, "").removesuffix("/"),
        "commonInstanceMetadata": {"kind": "compute#metadata", "fingerprint": EMPTY},
        "defaultNetworkTier": "PREMIUM",
        "defaultServiceAccount": f"{stable_id(project)}-compute@developer.gserviceaccount.com",
        "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS",
        "quotas": _quotas(quotas),
    }


def zone(one: Zone, project: str) -> Body:
    return {
        **head("zone", one, project),
        "description": one.name,
        "status": "UP",
        "region": link(project, f"regions/{one.region}"),
        "availableCpuPlatforms": [CPU_PLATFORM],
        "supportsPzs": False,
    }


def region(one: Region, quotas: tuple[Quota, ...], project: str) -> Body:
    return {
        **head("region", one, project),
        "description": one.name,
        "status": "UP",
        "zones": [link(project, f"zones/{name}") for name in one.zones],
        "supportsPzs": False,
        "quotas": _quotas(quotas),
    }


def machine_type(one: MachineType, project: str) -> Body:
    shape = one.shape
    return {
        **head("machineType", one, project),
        "zone": one.zone,
        "guestCpus": shape.cpus,
        "memoryMb": shape.memory_mb,
        "isSharedCpu": shape.shared_cpu,
        "imageSpaceGb": 0,
        "maximumPersistentDisks": 16 if shape.shared_cpu else 128,
        "maximumPersistentDisksSizeGb": "3072" if shape.shared_cpu else "263168",
        "description": f"{shape.cpus} vCPU, {shape.memory_mb / 1024:.4g} GB RAM",
        "architecture": "X86_64",
    }


def disk_type(one: DiskType, project: str) -> Body:
    return {
        **head("diskType", one, project),
        "description": one.kind.description,
        "defaultDiskSizeGb": str(one.kind.default_gb),
        "validDiskSize": f"10GB-{DISK_GB_MAX}GB",
        **place(one.scope, project),
    }


def image(one: Image, project: str) -> Body:
    """An image belongs to its own project, which is also the one that is asked for it."""
    return {
        **head("image", one, project, one.created),
        "family": one.family,
        "status": "READY",
        "sourceType": "RAW",
        "rawDisk": {"source": "", "containerType": "TAR"},
        "diskSizeGb": str(one.size_gb),
        "archiveSizeBytes": str(one.size_gb << 26),
        "labelFingerprint": EMPTY,
        "architecture": "X86_64",
    }


def network(one: Network, project: str) -> Body:
    subnetworks = [link(project, f"regions/{name}/subnetworks/{DEFAULT}") for name in REGIONS]
    return {
        **head("network", one, project),
        "description": one.description,
        "autoCreateSubnetworks": True,
        "subnetworks": subnetworks,
        "routingConfig": {"routingMode": "REGIONAL"},
    }


def subnetwork(one: Subnetwork, project: str) -> Body:
    return {
        **head("subnetwork", one, project),
        "network": link(project, f"global/networks/{DEFAULT}"),
        "ipCidrRange": str(one.range),
        "gatewayAddress": str(one.range[1]),
        "privateIpGoogleAccess": False,
        "purpose": "PRIVATE",
        "stackType": "IPV4_ONLY",
        "fingerprint": fingerprint([str(one.range)]),
        **place(one.scope, project),
    }


def route(one: Route, project: str) -> Body:
    network = link(project, f"global/networks/{DEFAULT}")
    gateway = link(project, "global/gateways/default-internet-gateway")
    hop = {"nextHopGateway": gateway} if one.to_internet else {"nextHopNetwork": network}
    return {
        **head("route", one, project),
        "description": one.description,
        "network": network,
        "destRange": one.range,
        "priority": one.priority,
        **hop,
    }


def _quotas(all_of_them: tuple[Quota, ...]) -> list[Body]:
    return [
        {"metric": quota.metric, "limit": quota.limit, "usage": float(quota.usage)}
        for quota in all_of_them
    ]
