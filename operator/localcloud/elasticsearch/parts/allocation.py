"""Where the shards go: pure functions from one cluster state to the next."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from localcloud.elasticsearch.node import words
from localcloud.elasticsearch.state import ClusterState, Index, Shard

ENABLE = "cluster.routing.allocation.enable"
EXCLUDE_NAME = "cluster.routing.allocation.exclude._name"
EXCLUDE_IP = "cluster.routing.allocation.exclude._ip"
FAILED = "ALLOCATION_FAILED"
IMBALANCE_MIN = 2  # shards more on one node than on another, before one of them moves


@dataclass(frozen=True, slots=True)
class Terms:
    """What allocation depends on besides the state. `holders` tells which nodes have a copy of a
    shard on their disk; a replica waits `delay_seconds` for its node to come back."""

    now: float
    holders: Callable[[Index, int], frozenset[str]]
    recovery_seconds: float
    delay_seconds: float


def rerouted(state: ClusterState, terms: Terms) -> ClusterState:
    state = _with_moves_ended(_with_the_lost_unassigned(state, terms), terms.now)
    state = _with_wanted_copies(_without_orphans(state, terms.now), terms.now)
    if not state.recovered:
        return state
    for shard in sorted(state.shards, key=lambda one: not one.primary):
        if shard.state == "UNASSIGNED":
            state = _assigned(state, shard, terms)
    return _moving(state, terms)


def next_due(state: ClusterState) -> float | None:
    """When something of it ends by itself."""
    return min((one.until for one in state.shards if one.until is not None), default=None)


def _with_the_lost_unassigned(state: ClusterState, terms: Terms) -> ClusterState:
    alive = {member.id for member in state.nodes}
    lost = [one for one in state.shards if one.node is not None and one.node not in alive]
    for shard in lost:
        state = _without_copy(state, shard, terms)
    stranded = [one for one in state.shards if one.moving_to and one.moving_to not in alive]
    for shard in stranded:
        state = _changed(state, shard, replace(shard, state="STARTED", moving_to=None, until=None))
    return state


def _without_copy(state: ClusterState, lost: Shard, terms: Terms) -> ClusterState:
    """A replica that is active takes the place of a primary; the one that is now missing waits
    for its node before it is made anew elsewhere."""
    shard = next(one for one in state.copies(lost.index, lost.number) if one.node == lost.node)
    gone = shard.unassigned(terms.now, "NODE_LEFT")
    heirs = (one for one in state.copies(shard.index, shard.number) if one.active)
    heir = next((one for one in heirs if not one.primary), None)
    if shard.primary and heir is not None:
        state = _changed(state, heir, replace(heir, primary=True))
        gone = replace(gone, primary=False)
    if not gone.primary and terms.delay_seconds:
        gone = replace(gone, until=terms.now + terms.delay_seconds)
    return _changed(state, shard, gone)


def _without_orphans(state: ClusterState, now: float) -> ClusterState:
    """A replica that was being copied fails with its primary."""
    shards = (
        one
        if one.state != "INITIALIZING" or _startable(state, one)
        else one.unassigned(now, FAILED)
        for one in state.shards
    )
    return replace(state, shards=tuple(shards))


def _with_moves_ended(state: ClusterState, now: float) -> ClusterState:
    return replace(state, shards=tuple(_ended(one, now) for one in state.shards))


def _ended(shard: Shard, now: float) -> Shard:
    if shard.until is None or shard.until > now:
        return shard
    if shard.state == "UNASSIGNED":
        return replace(shard, until=None)
    node = shard.moving_to or shard.node
    return replace(shard, state="STARTED", node=node, moving_to=None, until=None)


def _with_wanted_copies(state: ClusterState, now: float) -> ClusterState:
    """As many replicas as the index asks for: unassigned ones are the first to go."""
    shards: list[Shard] = []
    for index in state.indices:
        for number in range(index.shards):
            copies = state.copies(index.name, number)
            copies.sort(key=lambda one: (not one.primary, not one.active, one.node is None))
            missing = 1 + index.replicas - len(copies)
            fresh = Shard(index.name, number, False, since=now, reason="REPLICA_ADDED")
            shards += [*copies[: 1 + index.replicas], *([fresh] * missing)]
    return replace(state, shards=tuple(shards))


def _assigned(state: ClusterState, shard: Shard, terms: Terms) -> ClusterState:
    if not _enabled(state, shard) or not _startable(state, shard):
        return state
    index = state.index(shard.index)
    assert index is not None
    holders = terms.holders(index, shard.number)
    homes = [one for one in _homes(state, shard) if not _must_return(shard) or one in holders]
    if shard.delayed:
        homes = [one for one in homes if one in holders]
    if not homes:
        return state
    home = min(homes, key=lambda one: (one not in holders, _load(state, one), one))
    until = terms.now + terms.recovery_seconds
    return _changed(state, shard, replace(shard, state="INITIALIZING", node=home, until=until))


def _must_return(shard: Shard) -> bool:
    """A primary that was once started is worth nothing on a node without its data."""
    return shard.primary and shard.reason != "INDEX_CREATED"


def _startable(state: ClusterState, shard: Shard) -> bool:
    """A replica is a copy of an active primary."""
    return shard.primary or state.primary(shard.index, shard.number).active


def _enabled(state: ClusterState, shard: Shard) -> bool:
    match _enabled_for(state):
        case "none":
            return False
        case "primaries":
            return shard.primary
        case "new_primaries":
            return shard.primary and shard.reason == "INDEX_CREATED"
    return True


def _enabled_for(state: ClusterState) -> str:
    return state.settings.get(ENABLE) or "all"


def _homes(state: ClusterState, shard: Shard) -> list[str]:
    """Nodes that may take it: with data, not excluded, without a copy of the same shard."""
    copies = state.copies(shard.index, shard.number)
    return [
        member.id
        for member in state.nodes
        if member.spec.holds_data
        and member.id not in _excluded(state)
        and not any(copy.held_by(member.id) for copy in copies)
    ]


def _excluded(state: ClusterState) -> frozenset[str]:
    """The nodes that a person wants to be empty."""
    names = words(state.settings.get(EXCLUDE_NAME) or "")
    addresses = words(state.settings.get(EXCLUDE_IP) or "")
    return frozenset(
        one.id for one in state.nodes if one.spec.name in names or one.spec.told_ip in addresses
    )


def _moving(state: ClusterState, terms: Terms) -> ClusterState:
    """Shards leave the nodes that are excluded, and one at a time evens the load."""
    if _enabled_for(state) != "all":
        return state
    for shard in state.shards:
        if shard.state == "STARTED" and shard.node in _excluded(state):
            state = _moved(state, shard, _homes(state, shard), terms)
    return _balanced(state, terms)


def _balanced(state: ClusterState, terms: Terms) -> ClusterState:
    if any(one.state != "STARTED" for one in state.shards):
        return state
    for shard in sorted(state.shards, key=lambda one: -_load(state, one.node)):
        homes = [one for one in _homes(state, shard) if _gain(state, shard, one) >= IMBALANCE_MIN]
        if homes:
            return _moved(state, shard, homes, terms)
    return state


def _gain(state: ClusterState, shard: Shard, home: str) -> int:
    return _load(state, shard.node) - _load(state, home)


def _moved(state: ClusterState, shard: Shard, homes: list[str], terms: Terms) -> ClusterState:
    if not homes:
        return state
    home = min(homes, key=lambda one: (_load(state, one), one))
    until = terms.now + terms.recovery_seconds
    moving = replace(shard, state="RELOCATING", moving_to=home, until=until)
    return _changed(state, shard, moving)


def _load(state: ClusterState, node_id: str | None) -> int:
    return sum(node_id is not None and one.held_by(node_id) for one in state.shards)


def _changed(state: ClusterState, old: Shard, new: Shard) -> ClusterState:
    """One shard replaced; of unassigned ones that are alike, one."""
    at = state.shards.index(old)
    return replace(state, shards=(*state.shards[:at], new, *state.shards[at + 1 :]))


def started_elsewhere(before: ClusterState, after: ClusterState) -> Iterator[Shard]:
    """The copies that have started, or arrived at another node, between two states."""
    was = {(one.index, one.number, one.node) for one in before.shards if one.active}
    for shard in after.shards:
        if shard.active and (shard.index, shard.number, shard.node) not in was:
            yield shard
