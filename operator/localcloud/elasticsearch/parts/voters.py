"""Nodes of the modern family that are asked not to vote, before they are taken away."""

from collections.abc import Sequence
from dataclasses import replace

from localcloud.clock import Clock
from localcloud.elasticsearch.parts.membership import Membership
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.state import ClusterState, Exclusion

EXCLUSIONS_MAX = 10  # unless the setting says otherwise
EXCLUSIONS_MAX_SETTING = "cluster.max_voting_config_exclusions"
ABSENT = "_absent_"


class TooManyExclusionsError(Exception):
    """More nodes than the cluster lets be excluded at once."""

    def __init__(self, asked: Sequence[str], maximum: int) -> None:
        super().__init__(f"more than {maximum}: {asked}")
        self.asked, self.maximum = asked, maximum


class Voters:
    def __init__(self, membership: Membership, clock: Clock) -> None:
        self._membership = membership
        self._clock = clock

    def exclude(self, node: Node, names: Sequence[str], ids: Sequence[str]) -> None:
        """Names that nobody bears are kept, for the day on which somebody does."""
        master = self._membership.master(node)
        state = master.state
        added = {*(_by_name(state, name) for name in names), *(_by_id(state, one) for one in ids)}
        exclusions = (*state.exclusions, *sorted(added - {*state.exclusions}, key=str))
        if len(exclusions) > _maximum(state):
            raise TooManyExclusionsError([*names, *ids], _maximum(state))
        self._publish(master, exclusions)

    def clear(self, node: Node) -> None:
        self._publish(self._membership.master(node), ())

    def any_present(self, node: Node) -> bool:
        """Whether a node that is excluded is still in the cluster."""
        return any(node.state.member(one.id) for one in node.state.exclusions)

    def _publish(self, master: Node, exclusions: tuple[Exclusion, ...]) -> None:
        now = self._clock.now()
        self._membership.publish(master, replace(master.state, exclusions=exclusions), now)
        self._abdicate(master, now)
        self._membership.settle(now)

    def _abdicate(self, master: Node, now: float) -> None:
        """A master that must not vote hands over to one that does."""
        if master.id in master.state.voting:
            return
        heirs = (self._membership.process(one) for one in master.state.voting)
        heir = next((one for one in heirs if one and self._membership.hears(master, one)), None)
        if heir is not None:
            state = replace(master.state, master=heir.id, term=master.state.term + 1)
            self._membership.publish(heir, state, now)


def _by_name(state: ClusterState, name: str) -> Exclusion:
    found = next((one for one in state.nodes if one.spec.name == name), None)
    return Exclusion(found.id if found else ABSENT, name)


def _by_id(state: ClusterState, node_id: str) -> Exclusion:
    found = state.member(node_id)
    return Exclusion(node_id, found.spec.name if found else ABSENT)


def _maximum(state: ClusterState) -> int:
    return int(state.settings.get(EXCLUSIONS_MAX_SETTING) or EXCLUSIONS_MAX)
