"""Indices and shards as they are told: routing, metadata, and how healthy they are."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from localcloud.elasticsearch.api.wire import Body, nested
from localcloud.elasticsearch.state import ClusterState, Index, Shard
from localcloud.elasticsearch.version import Version

STATUSES = ("red", "yellow", "green")  # the worst first


def routing_table(state: ClusterState, version: Version, indices: Collection[str]) -> Body:
    return {
        "indices": {
            index.name: {
                "shards": {
                    str(number): [_routed(one, version) for one in state.copies(index.name, number)]
                    for number in range(index.shards)
                }
            }
            for index in state.indices_of(indices)
        }
    }


def routing_nodes(state: ClusterState, version: Version, *, empty: bool) -> Body:
    """By node, the empty ones too if it is asked for; a shard that moves is listed where it comes
    from and where it goes to."""
    listed = [one.id for one in state.nodes if empty and one.spec.holds_data]
    nodes: dict[str, list[Body]] = {node_id: [] for node_id in listed}
    for shard in state.shards:
        for node_id in filter(None, (shard.node, shard.moving_to)):
            nodes.setdefault(node_id, []).append(_routed_on(shard, node_id, version))
    unassigned = [_routed(one, version) for one in state.shards if one.state == "UNASSIGNED"]
    return {"unassigned": unassigned, "nodes": nodes}


def _routed_on(shard: Shard, node_id: str, version: Version) -> Body:
    if node_id != shard.moving_to:
        return _routed(shard, version)
    return _routed(shard, version) | {
        "state": "INITIALIZING",
        "node": node_id,
        "relocating_node": shard.node,
    }


def _routed(shard: Shard, version: Version) -> Body:
    body: Body = {
        "state": shard.state,
        "primary": shard.primary,
        "node": shard.node,
        "relocating_node": shard.moving_to,
        "shard": shard.number,
        "index": shard.index,
    }
    if version.modern and shard.node:
        body["allocation_id"] = {"id": _allocation_id(shard)}
    if version.since(1, 7) and shard.state == "UNASSIGNED":
        body |= _unassigned(shard, version)
    return body


def _unassigned(shard: Shard, version: Version) -> Body:
    at = datetime.fromtimestamp(shard.since, UTC).isoformat(timespec="milliseconds")
    info = {"reason": shard.reason, "at": at.replace("+00:00", "Z")}
    if not version.modern:
        return {"unassigned_info": info}
    later = {"delayed": shard.delayed, "allocation_status": "no_attempt"}
    source = "EXISTING_STORE" if shard.primary else "PEER"
    return {"recovery_source": {"type": source}, "unassigned_info": {**info, **later}}


def _allocation_id(shard: Shard) -> str:
    """A copy keeps it as long as it stays on its node."""
    text = f"{shard.index} {shard.number} {shard.node}"
    return hashlib.sha256(text.encode()).hexdigest()[:22]


def index_metadata(index: Index, version: Version) -> Body:
    return {
        "state": "open",
        "settings": index_settings(index, version),
        "mappings": {},
        "aliases": [],
    }


def index_settings(index: Index, version: Version) -> Body:
    return nested({f"index.{name}": value for name, value in _index_settings(index, version)})


def _index_settings(index: Index, version: Version) -> Iterable[tuple[str, str]]:
    yield from index.provided.items()
    yield "number_of_shards", str(index.shards)
    yield "number_of_replicas", str(index.replicas)
    yield "uuid", index.uuid
    yield "creation_date", str(int(index.created_at * 1000))
    if version.modern:
        yield "provided_name", index.name


# health


def counters(shards: Collection[Shard]) -> Body:
    return {
        "active_primary_shards": sum(one.primary and one.active for one in shards),
        "active_shards": sum(one.active for one in shards),
        "relocating_shards": sum(one.state == "RELOCATING" for one in shards),
        "initializing_shards": sum(one.state == "INITIALIZING" for one in shards),
        "unassigned_shards": sum(one.state == "UNASSIGNED" for one in shards),
    }


def shards_status(shards: Collection[Shard]) -> str:
    if any(one.primary and not one.active for one in shards):
        return "red"
    return "green" if all(one.active for one in shards) else "yellow"


def indices_health(state: ClusterState, names: Collection[str], level: str) -> Body:
    """The part of a health body that `level` asks for."""
    return {one.name: _index_health(state, one, level) for one in state.indices_of(names)}


def _index_health(state: ClusterState, index: Index, level: str) -> Body:
    shards = state.shards_of([index.name])
    body: Body = {
        "status": shards_status(shards),
        "number_of_shards": index.shards,
        "number_of_replicas": index.replicas,
        **counters(shards),
    }
    if level == "shards":
        numbers = range(index.shards)
        body["shards"] = {str(n): _shard_health(state.copies(index.name, n)) for n in numbers}
    return body


def _shard_health(copies: Collection[Shard]) -> Body:
    numbers = counters(copies)
    return {
        "status": shards_status(copies),
        "primary_active": bool(numbers.pop("active_primary_shards")),
        **numbers,
    }
