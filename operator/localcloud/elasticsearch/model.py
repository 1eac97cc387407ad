"""How 1.x nodes find one another, elect a master and lose it, without a socket."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

from localcloud.clock import Clock
from localcloud.elasticsearch.node import ClusterSettings, Node, NodeSpec, load_node

MINIMUM_MASTER_NODES = "discovery.zen.minimum_master_nodes"
NODE_ID_BITS = 128


@dataclass(frozen=True, slots=True)
class Timings:
    start_seconds: float = 1.0  # from the start of the process to an open port
    ping_min_seconds: float = 1.0  # how long a node without a master looks for one
    ping_max_seconds: float = 3.0
    fault_detection_seconds: float = 9.0  # until a silent machine's node is given up


class Elasticsearch:
    """All nodes of the local cloud. A cluster is a master and the nodes that follow it."""

    def __init__(self, clock: Clock, rng: Random, timings: Timings | None = None) -> None:
        self._clock = clock
        self._rng = rng
        self._timings = timings or Timings()
        self._nodes: dict[str, Node] = {}

    # what happens to processes

    def start(self, spec: NodeSpec) -> str:
        """Start a process; its id is new each time, as a 1.x node's is."""
        now = self._clock.now()
        self._reset_connections(spec.ip)
        node = Node(self._new_id(), spec, started_at=now, due=now + self._timings.start_seconds)
        self._nodes[node.id] = node
        return node.id

    def stop(self, node_id: str) -> None:
        """The process ended: its connections close, and the others notice at once."""
        node = self._nodes.get(node_id)
        if node is not None:
            self._left(node, self._clock.now())

    def lose(self, node_id: str) -> None:
        """The machine died: nothing closes a connection, so the others notice later."""
        node = self._nodes.get(node_id)
        if node is not None:
            node.phase = "lost"
            node.due = self._clock.now() + self._timings.fault_detection_seconds

    # what others may ask

    def live(self) -> tuple[Node, ...]:
        """The nodes whose ports are open."""
        return tuple(node for node in self._nodes.values() if node.up)

    def node(self, node_id: str) -> Node | None:
        return self._nodes.get(node_id)

    def taken(self, ip: str, ports: Iterable[int]) -> bool:
        """Whether a process holds one of these ports of a machine."""
        wanted = set(ports)
        return any(
            node.spec.ip == ip and wanted & {node.spec.http_port, node.spec.transport_port}
            for node in self._nodes.values()
            if node.phase != "lost"
        )

    def members(self, node: Node) -> tuple[Node, ...]:
        """The cluster as this node sees it, the oldest first; itself alone without a master."""
        if node.master is None:
            return (node,)
        return tuple(sorted(self._followers(node.master), key=lambda other: other.age))

    def update_settings(self, node: Node, update: ClusterSettings) -> None:
        """As the master that the node follows does it; it may cost that master its quorum."""
        settings = ClusterSettings(
            {**node.settings.persistent, **update.persistent},
            {**node.settings.transient, **update.transient},
        )
        members = self.members(node)
        for member in members:
            member.settings = settings
        self._publish(members)
        self._check_quorum(node.master, self._clock.now())

    # seams.Model

    def tick(self) -> None:
        now = self._clock.now()
        while (node := self._earliest()) is not None and node.due is not None and node.due <= now:
            self._step(node, node.due)

    def next_due(self) -> float | None:
        node = self._earliest()
        return None if node is None else node.due

    def dump(self) -> dict[str, Any]:
        return {"nodes": [node.dump() for node in self._nodes.values()]}

    def load(self, state: dict[str, Any]) -> None:
        self._nodes = {node["id"]: load_node(node) for node in state["nodes"]}

    # one node's next step

    def _earliest(self) -> Node | None:
        planned = (node for node in self._nodes.values() if node.due is not None)
        return min(planned, key=lambda node: (node.due, node.age), default=None)

    def _step(self, node: Node, now: float) -> None:
        node.due = None
        match node.phase:
            case "starting":
                node.phase = "up"
                node.due = now + self._ping_seconds()
            case "lost":
                self._left(node, now)
            case _:
                self._find_master(node, now)

    def _find_master(self, node: Node, now: float) -> None:
        """Join a master that somebody follows; else the oldest of those that see one another
        becomes it, when they are enough; else look again."""
        seen = [other for other in self._nodes.values() if self._sees(node, other)]
        masters = self._masters_of(seen)
        if masters:
            self._join(node, masters[0])
            return
        candidates = [node, *seen]
        oldest = min(candidates, key=lambda other: other.age)
        if oldest is node and len(candidates) >= self._minimum_masters(node):
            self._become_master(node)
        else:
            node.due = now + self._ping_seconds()

    def _masters_of(self, seen: Iterable[Node]) -> list[Node]:
        """A lost master is still followed, but nobody can join it."""
        followed = {other.master for other in seen if other.master}
        found = (self._nodes[master] for master in followed)
        return sorted((master for master in found if master.up), key=lambda node: node.age)

    def _sees(self, node: Node, other: Node) -> bool:
        """A node that was asked knows who asked, so one list of two is enough."""
        if other is node or not other.up or other.spec.cluster_name != node.spec.cluster_name:
            return False
        return (_asks(node, other) or _asks(other, node)) and (
            node.spec.reachable and other.spec.reachable
        )

    def _join(self, node: Node, master: Node) -> None:
        node.master = master.id
        node.settings = master.settings
        self._publish(self.members(master))

    def _become_master(self, node: Node) -> None:
        node.master = node.id
        self._publish((node,))

    def _publish(self, members: tuple[Node, ...]) -> None:
        """Every change of a cluster is a new version of its state, which all members get."""
        version = max(member.version for member in members) + 1
        known = tuple(member.spec.transport_address for member in members)
        for member in members:
            member.version, member.known = version, known

    # a node leaves

    def _left(self, node: Node, now: float) -> None:
        followers = [other for other in self._followers(node.id) if other is not node]
        del self._nodes[node.id]
        if followers:
            self._masterless(followers, now)
        elif node.master is not None and node.master in self._nodes:
            self._publish(self.members(self._nodes[node.master]))
            self._check_quorum(node.master, now)

    def _check_quorum(self, master_id: str | None, now: float) -> None:
        """A master that has too few masters with it steps down, and all look for one again."""
        master = self._nodes.get(master_id or "")
        if master is not None and len(self.members(master)) < self._minimum_masters(master):
            self._masterless(self.members(master), now)

    def _masterless(self, nodes: Iterable[Node], now: float) -> None:
        for node in nodes:
            node.master = None
            if node.up:
                node.due = now + self._ping_seconds()

    def _reset_connections(self, ip: str) -> None:
        """A machine that is back refuses what its former life had open, so nobody waits on."""
        for node in [n for n in self._nodes.values() if n.phase == "lost" and n.spec.ip == ip]:
            self._left(node, self._clock.now())

    def _followers(self, master_id: str) -> list[Node]:
        return [node for node in self._nodes.values() if node.master == master_id]

    def _minimum_masters(self, node: Node) -> int:
        written = node.settings.get(MINIMUM_MASTER_NODES)
        return int(written) if written is not None else node.spec.minimum_master_nodes

    def _ping_seconds(self) -> float:
        return self._rng.uniform(self._timings.ping_min_seconds, self._timings.ping_max_seconds)

    def _new_id(self) -> str:
        return f"{self._rng.getrandbits(NODE_ID_BITS):032x}"[:22]


def _asks(node: Node, other: Node) -> bool:
    """1.x asks the hosts of its list, and those of the cluster that it last belonged to."""
    return other.spec.transport_address in (*node.spec.hosts, *node.known)
