"""/_cluster/health: how healthy a node takes its cluster for."""

from collections.abc import Collection

from localcloud.elasticsearch.api.shards import counters, indices_health, shards_status
from localcloud.elasticsearch.api.views import blocks
from localcloud.elasticsearch.api.wire import Body
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.state import Shard


def health(
    model: Elasticsearch,
    node: Node,
    *,
    timed_out: bool,
    indices: Collection[str] = (),
    level: str = "cluster",
) -> Body:
    members = model.members(node)
    shards = node.state.shards_of(indices)
    body: Body = {
        "cluster_name": node.spec.cluster_name,
        "status": _status(node, indices),
        "timed_out": timed_out,
        "number_of_nodes": len(members),
        "number_of_data_nodes": sum(member.spec.holds_data for member in members),
        **_discovered(node),
        **counters(shards),
        **_later_counters(node, shards),
    }
    if level in ("indices", "shards"):
        body["indices"] = indices_health(node.state, indices, level)
    return body


def _status(node: Node, indices: Collection[str]) -> str:
    """Red while a block lies on the whole cluster, or an index that was asked for is not there."""
    if blocks(node) or any(node.state.index(name) is None for name in indices):
        return "red"
    return shards_status(node.state.shards_of(indices))


def _discovered(node: Node) -> Body:
    if not node.spec.dialect.opensearch:
        return {}
    found = node.master is not None
    return {"discovered_master": found, "discovered_cluster_manager": found}


def _later_counters(node: Node, shards: Collection[Shard]) -> Body:
    """Those that came with later versions."""
    version = node.spec.dialect
    active = sum(one.active for one in shards)
    found: Body = {}
    if version.since(1, 7):
        found["delayed_unassigned_shards"] = sum(one.delayed for one in shards)
    if version.since(1, 5):
        found["number_of_pending_tasks"] = 0
    if version.since(1, 6):
        found["number_of_in_flight_fetch"] = 0
    if version.modern:
        found["task_max_waiting_in_queue_millis"] = 0
        found["active_shards_percent_as_number"] = 100.0 * active / len(shards) if shards else 100.0
    return found
