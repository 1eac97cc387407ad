"""The network that every project has: a subnetwork in each region, and the routes."""

from dataclasses import dataclass
from ipaddress import IPv4Network

from localcloud.compute.catalog import REGIONS, Offered
from localcloud.compute.links import stable_id

DEFAULT = "default"

_FOR_REGIONS_BITS = 2  # a quarter of the network for each region; the last one stays free


@dataclass(frozen=True, slots=True)
class Network(Offered):
    name: str
    description: str
    scope: str = "global"

    @property
    def path(self) -> str:
        return f"global/networks/{self.name}"


@dataclass(frozen=True, slots=True)
class Subnetwork(Offered):
    """Of the default network, which has one in each region."""

    region: str
    range: IPv4Network
    name: str = DEFAULT

    @property
    def scope(self) -> str:
        return f"regions/{self.region}"

    @property
    def path(self) -> str:
        return f"{self.scope}/subnetworks/{self.name}"


@dataclass(frozen=True, slots=True)
class Route(Offered):
    """To the internet, or, with a `range` of the network, to its own machines."""

    name: str
    range: str
    description: str
    priority: int
    to_internet: bool
    scope: str = "global"

    @property
    def path(self) -> str:
        return f"global/routes/{self.name}"


NETWORKS = {DEFAULT: Network(DEFAULT, "Default network for the project")}


def subnetwork_range(network: IPv4Network, region: str) -> IPv4Network:
    ranges = network.subnets(prefixlen_diff=_FOR_REGIONS_BITS)
    return dict(zip(REGIONS, ranges, strict=False))[region]


def subnetworks(network: IPv4Network) -> tuple[Subnetwork, ...]:
    return tuple(Subnetwork(region, subnetwork_range(network, region)) for region in REGIONS)


def routes(network: IPv4Network) -> tuple[Route, ...]:
    internet = Route(
        f"default-route-{_suffix('internet')}",
        "0.0.0.0/0",
        "Default route to the Internet.",
        priority=1000,
        to_internet=True,
    )
    return (internet, *(_to(subnetwork) for subnetwork in subnetworks(network)))


def _to(subnetwork: Subnetwork) -> Route:
    return Route(
        f"default-route-{_suffix(subnetwork.region)}",
        str(subnetwork.range),
        f"Default local route to the subnetwork {subnetwork.range}.",
        priority=0,
        to_internet=False,
    )


def _suffix(what: str) -> str:
    return f"{int(stable_id(f'route {what}')):016x}"
