"""Nodes on a virtual clock, for tests of the model."""

from collections.abc import Iterable
from random import Random

from localcloud.clock import ManualClock
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import NodeSpec
from localcloud.elasticsearch.parts.process import Node

SETTLED_SECONDS = 30.0
MODERN = "7.10.2"


class World:
    def __init__(self, seed: int = 5) -> None:
        self.clock = ManualClock()
        self.model = Elasticsearch(self.clock, Random(seed))

    def start(self, number: int, hosts: Iterable[int] = (), **options: object) -> str:
        ip = address(number)
        spec = NodeSpec(
            **{
                "ip": ip,
                "name": f"node-{number}",
                "publish_ip": ip,
                "hosts": tuple(f"{address(host)}:9300" for host in hosts),
            }
            | options  # type: ignore[arg-type]
        )
        return self.model.start(spec)

    def three(self, **options: object) -> list[str]:
        """One cluster, each node with a volume of its own."""
        keys = [
            self.start(number, hosts=(1, 2, 3), disk=f"disk-{number}", **options)
            for number in (1, 2, 3)
        ]
        self.after()
        return keys

    def three_modern(self) -> list[str]:
        names = {"cluster.initial_master_nodes": "node-1,node-2,node-3"}
        return self.three(version=MODERN, settings=names)

    def after(self, seconds: float = SETTLED_SECONDS) -> None:
        self.clock.advance(seconds)
        self.model.tick()

    def node(self, key: str) -> Node:
        node = self.model.node(key)
        assert node is not None
        return node

    def named(self, number: int) -> Node:
        return next(one for one in self.model.live() if one.spec.name == f"node-{number}")

    def master(self) -> Node:
        """The one that all follow."""
        (master,) = (one for one in self.model.live() if one.is_master)
        return master

    def follower(self) -> Node:
        return next(one for one in self.model.live() if not one.is_master)

    def clusters(self) -> set[frozenset[str]]:
        """The sets of names that nodes with a master see themselves in."""
        return {
            frozenset(member.spec.name for member in self.model.members(node))
            for node in self.model.live()
            if node.master
        }

    def statuses(self, index: str) -> list[str]:
        return sorted(one.state for one in self.master().state.shards if one.index == index)


def address(number: int) -> str:
    return f"127.20.0.{number}"


def cluster(*numbers: int) -> frozenset[str]:
    return frozenset(f"node-{number}" for number in numbers)
