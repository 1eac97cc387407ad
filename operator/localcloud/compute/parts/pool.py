"""Which addresses are free: one internal range for each region, and the internet."""

from ipaddress import IPv4Address, IPv4Network

from localcloud.compute.errors import ApiError, invalid
from localcloud.compute.networks import subnetwork_range
from localcloud.compute.parts.kernel import Kernel

EXTERNAL = IPv4Network("198.18.0.0/15")  # set aside for benchmarks: never a real machine

_FIRST_HOST = 2  # .1 is the gateway
_WANTED = "resource.networkInterfaces[0].networkIP"


class Pool:
    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def internal(self, region: str, wanted: str = "") -> str:
        """The wanted address, or the next free one: an address rests before it is used again."""
        network = subnetwork_range(self._kernel.network, region)
        in_use = {instance.ip for instance in self._kernel.state.instances.values()}
        if wanted:
            return _checked(wanted, network, in_use)
        return self._next(region, network, in_use | self._reserved(internal=True))

    def external(self) -> str:
        """Another one at each start, and never one that is in use."""
        instances = self._kernel.state.instances.values()
        taken = {instance.nat_ip for instance in instances} | self._reserved(internal=False)
        while True:  # ends: there are far more addresses than instances can have
            address = str(EXTERNAL[self._kernel.rng.randrange(1, EXTERNAL.num_addresses - 1)])
            if address not in taken:
                return address

    def _next(self, region: str, network: IPv4Network, taken: set[str]) -> str:
        hosts = network.num_addresses - _FIRST_HOST - 1  # the last one is broadcast
        last = self._kernel.state.last_hosts.get(region, _FIRST_HOST - 1)
        for step in range(hosts):
            host = _FIRST_HOST + (last - _FIRST_HOST + 1 + step) % hosts
            address = str(network[host])
            if address not in taken:
                self._kernel.state.last_hosts[region] = host
                return address
        raise ApiError(403, "quotaExceeded", f"The range {network} is exhausted.")

    def _reserved(self, *, internal: bool) -> set[str]:
        addresses = self._kernel.state.addresses.values()
        return {address.ip for address in addresses if address.internal is internal}


def _checked(wanted: str, network: IPv4Network, in_use: set[str]) -> str:
    try:
        inside = IPv4Address(wanted) in network
    except ValueError:
        inside = False
    if not inside:
        raise invalid(_WANTED, wanted, f"Must be within the range {network}.")
    if wanted in in_use:
        raise invalid(_WANTED, wanted, "IP is already being used by another resource.")
    return wanted
