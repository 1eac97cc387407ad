"""A cloud that a test drives: it inserts instances, launches units, and lets time pass."""

import json
from ipaddress import IPv4Network
from typing import Any

from localcloud.clock import ManualClock
from localcloud.cloud import Cloud
from localcloud.elasticsearch.parts.process import Node
from localcloud.fleet.records import UnitBody
from localcloud.seams import Option
from tests.localcloud.support import CORE_USER_DATA, FakeKeys, unit_options

ZONE = "europe-west1-b"
IMAGE = "projects/coreos-cloud/global/images/coreos-alpha-423-0-0-v20140828"
READ_THE_CONFIGURATION = "elasticsearch/bin/elasticsearch -Des.config=/data/elasticsearch.yml"


class Story:
    """A cloud that a test drives: `after` lets time pass, then looks."""

    def __init__(self, seed: int = 7, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.keys = FakeKeys({"/configs/elasticsearch": "cluster.name: es-prod\n"})
        self.cloud = self._new(seed)

    def _new(self, seed: int) -> Cloud:
        return Cloud(self.clock, seed, IPv4Network("127.20.0.0/16"), self.keys)

    def restarted(self, seed: int = 7) -> None:
        state = json.loads(json.dumps(self.cloud.dump()))
        self.cloud = self._new(seed)
        self.cloud.load(state)

    def insert(self, name: str, user_data: str = CORE_USER_DATA) -> None:
        self.cloud.compute.instances.insert(ZONE, instance_body(name, user_data))

    def cores(self) -> None:
        for name in ("core1", "core2", "core3"):
            self.insert(name)
        self.after(10)

    def launch(self, name: str, options: tuple[Option, ...]) -> None:
        self.cloud.fleet.put_unit(name, UnitBody(name, "launched", options))

    def after(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.cloud.tick()

    def three_nodes(self) -> None:
        """The first one alone, and registered, before the others start."""
        self.cores()
        for number in (1, 2, 3):
            self.launch(f"elasticsearch@{number}.service", elasticsearch_options())
            self.after(20)
            for node in self.cloud.elasticsearch.live():
                self.keys.put(f"/services/elasticsearch/{node.spec.ip}", "{}")

    def states(self) -> dict[str, str]:
        return {state.name: state.active for state in self.cloud.fleet.states()}

    def nodes(self) -> dict[str, Node]:
        return {node.spec.name: node for node in self.cloud.elasticsearch.live()}

    def machines(self) -> set[str]:
        return {machine.ip for machine in self.cloud.fleet.machines()}

    def instance(self, name: str) -> str:
        return self.cloud.compute.instances.by_name(name).id


def instance_body(name: str, user_data: str = CORE_USER_DATA) -> dict[str, Any]:
    return {
        "name": name,
        "machineType": f"zones/{ZONE}/machineTypes/g1-small",
        "disks": [{"boot": True, "autoDelete": True, "initializeParams": {"sourceImage": IMAGE}}],
        "networkInterfaces": [{"network": "global/networks/default"}],
        "metadata": {"items": [{"key": "user-data", "value": user_data}]},
    }


def elasticsearch_options() -> tuple[Option, ...]:
    """The unit of the story, with the option that makes it read its configuration."""
    return tuple(
        Option(
            option.section,
            option.name,
            option.value.replace("elasticsearch/bin/elasticsearch", READ_THE_CONFIGURATION),
        )
        for option in unit_options("elasticsearch@.service")
    )
