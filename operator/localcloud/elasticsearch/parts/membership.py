"""Who belongs to whose cluster: what masters publish, whom they miss, and who misses them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from localcloud.elasticsearch.node import is_number
from localcloud.elasticsearch.parts import allocation
from localcloud.elasticsearch.parts.disks import Disks
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.parts.troubles import Troubles
from localcloud.elasticsearch.parts.voting import agreed, reconfigured
from localcloud.elasticsearch.state import ClusterState, Index
from localcloud.elasticsearch.timings import Timings

MINIMUM_MASTER_NODES = "discovery.zen.minimum_master_nodes"
RECOVER_AFTER = ("gateway.recover_after_nodes", "gateway.recover_after_data_nodes")
ID_BITS = 128


class MasterGoneError(Exception):
    """The master that a node follows is none any more, and the node does not know it yet."""


class Membership:
    """The processes with their links. A cluster is a master and those that follow it."""

    def __init__(self, rng: Random, timings: Timings) -> None:
        self.rng = rng
        self.timings = timings
        self.nodes: dict[str, Node] = {}  # by process
        self.disks = Disks()
        self.troubles = Troubles()
        self.doubts: dict[tuple[str, str], float] = {}  # (who, about which id) -> given up at

    # who is there

    def process(self, node_id: str | None) -> Node | None:
        return next((node for node in self.nodes.values() if node.id == node_id), None)

    def up(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.up]

    def master(self, node: Node) -> Node:
        """The master that the node follows."""
        master = self.process(node.master)
        if master is None or not master.is_master:
            raise MasterGoneError
        return master

    def hears(self, one: Node, other: Node) -> bool:
        """Whether packets go both ways, and both have the time to answer them."""
        names = (one.spec.name, other.spec.name)
        stopped = any(self.troubles.has("pause", name) for name in names)
        return one.up and other.up and not stopped and not self.troubles.cut(*names)

    def new_id(self) -> str:
        return f"{self.rng.getrandbits(ID_BITS):032x}"[:22]

    # what a master does

    def publish(self, master: Node, state: ClusterState, now: float) -> None:
        """Every change is a new version, which all that are listed and hear of it take over."""
        state = self._settled(master, state, now)
        state = replace(state, version=state.version + 1, uuid=self.new_id())
        before = master.state
        for node in [self.process(member.id) for member in state.nodes]:
            if node is master or (node is not None and self._gets(master, node)):
                self._take_over(node, state)
        self._copy_shards(before, state)

    def remove(self, master: Node, node_id: str, now: float) -> None:
        """It may cost the master the nodes that it needs."""
        self.publish(master, master.state.without(node_id), now)
        self.check_quorum(master, now)

    def check_quorum(self, master: Node, now: float) -> None:
        if not self._has_quorum(master):
            self.masterless(master, now)

    def masterless(self, node: Node, now: float) -> None:
        """It looks for a master again. 1.x forgets the one that it lost, the modern family keeps
        all that it knew."""
        state = node.state
        if not node.is_master and not node.spec.dialect.modern and state.master:
            state = state.without(state.master)
        node.state = replace(state, master=None)
        node.due = now + self.ping_seconds()

    def ping_seconds(self) -> float:
        return self.rng.uniform(self.timings.ping_min_seconds, self.timings.ping_max_seconds)

    def minimum_masters(self, node: Node) -> int:
        written = node.settings.get(MINIMUM_MASTER_NODES)
        return int(written) if written is not None else node.spec.minimum_master_nodes

    # what time brings

    def settle(self, now: float) -> None:
        """Those who hear that they do not belong together part at once; who hears nothing of
        another, that it should hear of, doubts it, and gives it up when the doubt has lasted."""
        for node in self.up():
            if self._deserted(node):
                self.masterless(node, now)
            for strayed in list(self._strayed(node)):
                self.remove(node, strayed, now)
            self._catch_up(node)
        since = now + self.timings.fault_detection_seconds
        self.doubts = {pair: self.doubts.get(pair, since) for pair in self._unheard()}

    def give_up(self, doubt: tuple[str, str], now: float) -> None:
        key, node_id = doubt
        del self.doubts[doubt]
        self.notice(self.nodes[key], node_id, now)

    def notice(self, node: Node, gone: str, now: float) -> None:
        """The node learns that another is gone."""
        if node.is_master and node.state.member(gone):
            self.remove(node, gone, now)
        elif node.master == gone:
            self.masterless(node, now)

    def terms(self, master: Node, now: float) -> allocation.Terms:
        delays = master.spec.dialect.since(1, 7)
        delay = self.timings.replica_delay_seconds if delays else 0.0
        return allocation.Terms(now, self._holders, self.timings.recovery_seconds, delay)

    # one state

    def _settled(self, master: Node, state: ClusterState, now: float) -> ClusterState:
        data_nodes = sum(member.spec.holds_data for member in state.nodes)
        enough = data_nodes >= _recover_after(master)
        state = replace(state, recovered=state.recovered or enough)
        if master.spec.dialect.modern:
            live = [member.id for member in state.nodes if member.spec.master_eligible]
            retired = {one.id for one in state.exclusions}
            voting = reconfigured(state.voting, live, retired, master.id)
            state = replace(state, voting=voting)
        return allocation.rerouted(state, self.terms(master, now))

    def _take_over(self, node: Node, state: ClusterState) -> None:
        node.state = state
        disk = self.disks.of(node.disk)
        disk.state = state
        disk.keep_only(state.indices)

    def _gets(self, master: Node, node: Node) -> bool:
        return self.hears(master, node) and not self.troubles.has("stale", node.spec.name)

    def _catch_up(self, node: Node) -> None:
        """A state that it missed comes with the next word of its master."""
        master = self.process(node.master)
        if master is None or not master.is_master or master is node:
            return
        if node.state.version < master.state.version and self._gets(master, node):
            self._take_over(node, master.state)

    def _copy_shards(self, before: ClusterState, after: ClusterState) -> None:
        """What has started on a node is on its disk then: a replica as its primary has it."""
        for shard in allocation.started_elsewhere(before, after):
            index = after.index(shard.index)
            target = self.process(shard.node)
            primary = before.primary(shard.index, shard.number)
            source = self.process(primary.node)
            if index is None or target is None:
                continue
            copy = self.disks.of(target.disk).copy(index, shard.number)
            if source is not None and source is not target:
                copy.clear()
                copy.update(self.disks.of(source.disk).copy(index, shard.number))

    def _holders(self, index: Index, number: int) -> frozenset[str]:
        return frozenset(
            node.id for node in self.up() if self.disks.of(node.disk).has(index, number)
        )

    def _has_quorum(self, master: Node) -> bool:
        eligible = [one.id for one in master.state.nodes if one.spec.master_eligible]
        if master.spec.dialect.modern:
            return agreed(master.state.voting, eligible)
        return len(eligible) >= self.minimum_masters(master)

    # doubts

    def _deserted(self, node: Node) -> bool:
        """It follows one that is no master any more, or that has given it up."""
        if node.master is None or node.is_master:
            return False
        master = self.process(node.master)
        if master is None or not self.hears(node, master):
            return False
        return not master.is_master or master.state.member(node.id) is None

    def _strayed(self, master: Node) -> Iterator[str]:
        """Those whom it lists and who follow another."""
        for member in master.state.nodes if master.is_master else ():
            node = self.process(member.id)
            if node is None or not self.hears(master, node):
                continue
            if node.master not in (None, master.id):
                yield member.id

    def _unheard(self) -> Iterator[tuple[str, str]]:
        for node in self.up():
            if not self.troubles.has("pause", node.spec.name):  # else it cannot even wonder
                yield from ((node.key, peer) for peer in self._missed(node))

    def _missed(self, node: Node) -> Iterable[str]:
        for peer in _peers(node):
            other = self.process(peer)
            if other is None or not self.hears(node, other):
                yield peer


def _peers(node: Node) -> list[str]:
    """A master looks after all that it lists, the others after their master."""
    if node.is_master:
        return [member.id for member in node.state.nodes if member.id != node.id]
    return [node.master] if node.master else []


def _recover_after(master: Node) -> int:
    written = next(
        (master.spec.settings[name] for name in RECOVER_AFTER if name in master.spec.settings), "0"
    )
    return int(written) if is_number(written) else 0
