"""All Elasticsearch nodes of the local cloud: processes that form clusters and lose them, without
a socket."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from random import Random
from typing import Any

from pydantic import TypeAdapter

from localcloud.clock import Clock
from localcloud.elasticsearch.node import Member, NodeSpec
from localcloud.elasticsearch.parts import allocation
from localcloud.elasticsearch.parts.disks import Disk
from localcloud.elasticsearch.parts.indices import Indices
from localcloud.elasticsearch.parts.membership import Membership
from localcloud.elasticsearch.parts.mishaps import Mishaps
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.parts.seeking import Seeking
from localcloud.elasticsearch.parts.troubles import Trouble
from localcloud.elasticsearch.parts.voters import Voters
from localcloud.elasticsearch.state import ClusterSettings, ClusterState
from localcloud.elasticsearch.timings import Timings


class Elasticsearch:
    """What happens to nodes, and what may be asked of them."""

    def __init__(self, clock: Clock, rng: Random, timings: Timings | None = None) -> None:
        self._clock = clock
        self._membership = Membership(rng, timings or Timings())
        self._seeking = Seeking(self._membership)
        self.indices = Indices(self._membership, clock)
        self.voters = Voters(self._membership, clock)
        self.mishaps = Mishaps(self._membership, clock)

    # what happens to processes

    def start(self, spec: NodeSpec) -> str:
        """Start a process, whose key is returned. 1.x has a new id each time; the modern family
        has the one of its data path."""
        now = self._clock.now()
        self._forget_former_life(spec.ip, now)
        key = self._membership.new_id()
        name = spec.disk or key
        node_id, state = self._from_disk(name, key, spec, now)
        due = now + self._membership.timings.start_seconds
        self._membership.nodes[key] = Node(key, node_id, spec, now, name, state, due=due)
        return key

    def stop(self, key: str) -> None:
        """The process ended: its connections close, and those that had one notice at once."""
        node = self._membership.nodes.get(key)
        if node is None:
            return
        others = [one for one in self._membership.up() if self._membership.hears(one, node)]
        self._drop(node)
        for other in others:
            self._membership.notice(other, node.id, self._clock.now())
        self._membership.settle(self._clock.now())

    def lose(self, key: str) -> None:
        """The machine died: nothing closes a connection, so the others notice later."""
        node = self._membership.nodes.get(key)
        if node is not None:
            self._drop(node)
            self._membership.settle(self._clock.now())

    def wipe(self, prefix: str) -> None:
        """The volumes whose names begin so are gone."""
        self._membership.disks.wipe_all(prefix)

    # what others may ask

    def now(self) -> float:
        return self._clock.now()

    def live(self) -> tuple[Node, ...]:
        """The nodes whose ports are open."""
        return tuple(self._membership.up())

    def node(self, key: str) -> Node | None:
        return self._membership.nodes.get(key)

    def taken(self, ip: str, ports: Iterable[int]) -> bool:
        """Whether a process holds one of these ports of a machine."""
        wanted = set(ports)
        return any(
            node.spec.ip == ip and wanted & {node.spec.http_port, node.spec.transport_port}
            for node in self._membership.nodes.values()
        )

    def members(self, node: Node) -> tuple[Member, ...]:
        """The cluster as this node sees it, the oldest first; at least itself."""
        return node.state.nodes or (node.member,)

    def answering(self, node: Node, members: Iterable[Member]) -> list[Member]:
        """Those of the members that answer when this node asks them."""
        return [one for one in members if self._answers(node, one)]

    def troubled(self, node: Node, *kinds: str) -> bool:
        return any(self._membership.troubles.has(kind, node.spec.name) for kind in kinds)

    def slow_seconds(self, node: Node) -> float:
        return self._membership.troubles.slow_seconds(node.spec.name)

    # what a master is asked to do; the node that was asked has one

    def set_settings(self, node: Node, settings: ClusterSettings) -> None:
        """It may cost the master its quorum."""
        master, now = self._membership.master(node), self._clock.now()
        self._membership.publish(master, replace(master.state, settings=settings), now)
        self._membership.check_quorum(master, now)
        self._membership.settle(now)

    def reroute(self, node: Node) -> None:
        master = self._membership.master(node)
        self._membership.publish(master, master.state, self._clock.now())

    # seams.Model

    def tick(self) -> None:
        now = self._clock.now()
        while (due := self.next_due()) is not None and due <= now:
            self._step(due)

    def next_due(self) -> float | None:
        """Of nodes that stand still nothing is due."""
        nodes = self._membership.nodes.values()
        dues = [node.due for node in nodes if not self._paused(node)]
        dues += [allocation.next_due(node.state) for node in nodes if node.is_master]
        dues += [*self._membership.doubts.values(), self._membership.troubles.next_due()]
        return min((due for due in dues if due is not None), default=None)

    def dump(self) -> dict[str, Any]:
        membership = self._membership
        return {
            "nodes": [asdict(node) for node in membership.nodes.values()],
            "disks": {name: asdict(disk) for name, disk in membership.disks.all.items()},
            "troubles": [asdict(trouble) for trouble in membership.troubles.all],
            "doubts": [[*pair, due] for pair, due in membership.doubts.items()],
        }

    def load(self, state: dict[str, Any]) -> None:
        membership = self._membership
        nodes = TypeAdapter(list[Node]).validate_python(state["nodes"])
        membership.nodes = {node.key: node for node in nodes}
        membership.disks.all = TypeAdapter(dict[str, Disk]).validate_python(state["disks"])
        troubles = TypeAdapter(frozenset[Trouble]).validate_python(state["troubles"])
        membership.troubles.all = troubles
        membership.doubts = {(key, about): due for key, about, due in state["doubts"]}

    # what is due

    def _step(self, now: float) -> None:
        self._membership.troubles.end(now)
        for node in list(self._membership.nodes.values()):
            if _is_past(node.due, now) and not self._paused(node):
                self._next(node, now)
            if node.is_master and _is_past(allocation.next_due(node.state), now):
                self._membership.publish(node, node.state, now)
        for doubt in [doubt for doubt, due in self._membership.doubts.items() if due <= now]:
            if doubt in self._membership.doubts:
                self._membership.give_up(doubt, now)
        self._membership.settle(now)

    def _next(self, node: Node, now: float) -> None:
        if node.up:
            self._seeking.look(node, now)
        else:
            node.phase = "up"
            node.due = now + self._membership.ping_seconds()

    def _paused(self, node: Node) -> bool:
        return self._membership.troubles.has("pause", node.spec.name)

    # beginnings and ends

    def _from_disk(
        self, name: str, key: str, spec: NodeSpec, now: float
    ) -> tuple[str, ClusterState]:
        disk = self._membership.disks.of(name)
        state = disk.state.restarted(now) if disk.state is not None else ClusterState()
        if not spec.dialect.modern:
            return key, state
        disk.node_id = disk.node_id or self._membership.new_id()
        return disk.node_id, state

    def _drop(self, node: Node) -> None:
        del self._membership.nodes[node.key]
        if node.wiped or node.spec.disk is None:
            self._membership.disks.wipe(node.disk)

    def _forget_former_life(self, ip: str, now: float) -> None:
        """A machine that is back refuses what its former life had open, so nobody waits on."""
        for key, about in list(self._membership.doubts):
            member = self._membership.nodes[key].state.member(about)
            if member is not None and member.spec.ip == ip and self._gone(about):
                self._membership.give_up((key, about), now)
        self._membership.settle(now)

    def _gone(self, node_id: str) -> bool:
        return self._membership.process(node_id) is None

    def _answers(self, node: Node, member: Member) -> bool:
        other = self._membership.process(member.id)
        return other is node or (other is not None and self._membership.hears(node, other))


def _is_past(due: float | None, now: float) -> bool:
    return due is not None and due <= now
