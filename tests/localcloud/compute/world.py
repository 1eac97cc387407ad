"""A model of Compute Engine with a clock that a test moves, and bodies to ask it with."""

import random
from ipaddress import IPv4Network
from typing import Any

from localcloud.clock import ManualClock
from localcloud.compute.model import Compute
from localcloud.compute.resources import Instance

ZONE = "europe-west1-b"
NETWORK = IPv4Network("127.20.0.0/16")
IMAGE = "projects/coreos-cloud/global/images/coreos-alpha-423-0-0-v20140828"
# An instance, and a firewall, of which more is asked than has to be.
RICH: dict[str, Any] = {
    "description": "a node",
    "labels": {"role": "core"},
    "tags": {"items": ["core"]},
    "metadata": {"items": [{"key": "user-data", "value": "#cloud-config"}]},
    "networkInterfaces": [{"accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]}],
    "scheduling": {"provisioningModel": "SPOT", "preemptible": True},
    "serviceAccounts": [{"email": "default", "scopes": ["a"]}],
    "minCpuPlatform": "Intel Haswell",
}
FIREWALL = {"name": "fw", "allowed": [{"IPProtocol": "icmp"}]}
LONG_SECONDS = 60.0  # more than anything takes


class World:
    def __init__(self, seed: int = 1) -> None:
        self.clock = ManualClock()
        self.compute = Compute(self.clock, random.Random(seed), NETWORK)

    def advance(self, seconds: float = LONG_SECONDS) -> None:
        self.clock.advance(seconds)
        self.compute.tick()

    def until(self, seconds: float) -> float:
        return self.clock.now() + seconds

    def insert(self, name: str = "core1", zone: str = ZONE, **extra: Any) -> Instance:
        """Inserted, and left alone until it runs."""
        self.compute.instances.insert(zone, body(name, zone, **extra))
        self.advance()
        return self.compute.instances.get(zone, name)

    def get(self, name: str = "core1") -> Instance:
        return self.compute.instances.get(ZONE, name)

    def names(self) -> list[str]:
        return [instance.name for instance in self.compute.state.instances.values()]


def body(name: str = "core1", zone: str = ZONE, **extra: Any) -> dict[str, Any]:
    """The smallest instance that Compute Engine takes, with its boot disk deleted with it."""
    return {
        "name": name,
        "machineType": f"zones/{zone}/machineTypes/g1-small",
        "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}],
        "networkInterfaces": [{"network": "global/networks/default"}],
        **extra,
    }
