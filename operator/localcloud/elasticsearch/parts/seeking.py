"""How a node without a master finds one, or becomes it."""

from collections.abc import Iterable
from dataclasses import replace

from localcloud.elasticsearch.parts.membership import Membership
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.parts.voting import agreed
from localcloud.elasticsearch.state import NO_CLUSTER, ClusterState

# a modern node of which none is set forms a cluster with those that it sees, as in development
DISCOVERY_SETTINGS = frozenset(
    {
        "discovery.seed_hosts",
        "discovery.seed_providers",
        "cluster.initial_master_nodes",
        "cluster.initial_cluster_manager_nodes",
    }
)


class Seeking:
    def __init__(self, membership: Membership) -> None:
        self._membership = membership

    def look(self, node: Node, now: float) -> None:
        """One round: join a master that somebody follows; else be elected; else look again. Who
        names a master that cannot be reached keeps others from being elected."""
        node.due = None
        seen = [other for other in self._membership.up() if self._sees(node, other)]
        named = {other.master for other in seen} - {None, node.id}
        masters = [one for one in seen if one.is_master and self._may_join(node, one)]
        if masters:
            self._join(node, min(masters, key=lambda one: one.id), now)
        elif not named and node.spec.master_eligible and self._elected(node, seen):
            self._lead(node, [one for one in seen if one.master is None], now)
        else:
            node.due = now + self._membership.ping_seconds()

    def _sees(self, node: Node, other: Node) -> bool:
        """A node that was asked knows who asked, so one list of two is enough."""
        if other is node or not self._membership.hears(node, other):
            return False
        return (
            _same_cluster(node, other)
            and (_asks(node, other) or _asks(other, node))
            and node.spec.reachable
            and other.spec.reachable
        )

    def _may_join(self, node: Node, master: Node) -> bool:
        """A modern node that has belonged to another cluster is not let in."""
        own = node.state.cluster_uuid
        return not node.spec.dialect.modern or own in (NO_CLUSTER, master.state.cluster_uuid)

    def _join(self, node: Node, master: Node, now: float) -> None:
        others = master.state.without(node.id).nodes
        self._membership.publish(master, master.state.with_nodes([*others, node.member]), now)

    # elections

    def _elected(self, node: Node, seen: Iterable[Node]) -> bool:
        voters = [node, *(one for one in seen if one.spec.master_eligible and one.master is None)]
        if node.spec.dialect.modern:
            return self._elected_by_votes(node, voters)
        first = min(voters, key=lambda one: one.id)
        return first is node and len(voters) >= self._membership.minimum_masters(node)

    def _elected_by_votes(self, node: Node, voters: list[Node]) -> bool:
        """Nobody votes for a node that knows less than it does itself."""
        if not node.state.voting:
            return self._bootstrapped(node, voters)
        votes = [one.id for one in voters if _knows(one) <= _knows(node)]
        return agreed(node.state.voting, votes)

    def _bootstrapped(self, node: Node, voters: list[Node]) -> bool:
        """The first election of all: by most of the nodes that the settings name. Where one has
        voted before, this is not the first."""
        if any(one.state.voting for one in voters):
            return False
        named = node.spec.initial_masters or _in_development(node)
        present = [one for one in voters if one.spec.name in named]
        return node in present and 2 * len(present) > len(named)

    def _lead(self, node: Node, followers: list[Node], now: float) -> None:
        """Those without a master follow it at once. The state goes on from the freshest that one
        of them has on its disk."""
        state = self._freshest(node, followers)
        members = [node.member, *(one.member for one in followers if self._may_join(node, one))]
        fresh = state.cluster_uuid == NO_CLUSTER
        cluster_uuid = self._membership.new_id() if fresh else state.cluster_uuid
        state = replace(state, term=state.term + 1, cluster_uuid=cluster_uuid, master=node.id)
        if not state.voting:
            state = replace(state, voting=(node.id,))
        self._membership.publish(node, state.with_nodes(members), now)
        self._membership.check_quorum(node, now)

    def _freshest(self, node: Node, followers: list[Node]) -> ClusterState:
        """1.x gathers the metadata from all, a modern master has it by its votes."""
        if node.spec.dialect.modern:
            return node.state
        eligible = [one for one in followers if one.spec.master_eligible]
        return max((node.state, *(one.state for one in eligible)), key=lambda one: one.version)


def _knows(node: Node) -> tuple[int, int]:
    return node.state.term, node.state.version


def _in_development(node: Node) -> tuple[str, ...]:
    """The node itself, where nothing is said about discovery."""
    return () if DISCOVERY_SETTINGS & node.spec.settings.keys() else (node.spec.name,)


def _same_cluster(node: Node, other: Node) -> bool:
    return (
        node.spec.cluster_name == other.spec.cluster_name
        and node.spec.dialect.distribution == other.spec.dialect.distribution
        and node.spec.dialect.parts[0] == other.spec.dialect.parts[0]
    )


def _asks(node: Node, other: Node) -> bool:
    """It asks the hosts of its list, and those of the cluster that it last belonged to."""
    known = (member.spec.transport_address for member in node.state.nodes)
    return other.spec.transport_address in (*node.spec.hosts, *known)
