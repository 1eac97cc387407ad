"""What a node answers, as bodies: pure functions of the model and the node that was asked."""

from collections.abc import Collection

from localcloud.elasticsearch.api.shards import index_metadata, routing_nodes, routing_table
from localcloud.elasticsearch.api.wire import Body, address, build_hash, nested
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import Member
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.state import NO_CLUSTER, ClusterSettings, ClusterState
from localcloud.elasticsearch.version import Version

NO_MASTER = "2"  # the numbers of the blocks
NOT_RECOVERED = "1"
LUCENE_VERSIONS = {"1.0": "4.6", "1.1": "4.7", "1.2": "4.8", "1.3": "4.9"}


def root(node: Node) -> Body:
    version = node.spec.dialect
    if version.modern:
        return _modern_root(node, version)
    named = {"cluster_name": node.spec.cluster_name} if version.since(1, 4) else {}
    return {
        "status": root_status(node),
        "name": node.spec.name,
        **named,
        "version": {
            "number": version.number,
            "build_hash": build_hash(version.number),
            "build_timestamp": "2014-08-18T00:00:00Z",
            "build_snapshot": False,
            "lucene_version": LUCENE_VERSIONS.get(version.number[:3], "4.10"),
        },
        "tagline": "You Know, for Search",
    }


def root_status(node: Node) -> int:
    """The modern family answers for itself, 1.x for its cluster."""
    return 503 if blocks(node) and not node.spec.dialect.modern else 200


def _modern_root(node: Node, version: Version) -> Body:
    kind = {"build_flavor": version.flavor} if version.flavor else {"distribution": "opensearch"}
    oldest = ("7.10.0", "7.0.0") if version.opensearch else ("6.8.0", "6.0.0-beta1")
    tagline = "The OpenSearch Project: https://opensearch.org/" if version.opensearch else None
    return {
        "name": node.spec.name,
        "cluster_name": node.spec.cluster_name,
        "cluster_uuid": node.state.cluster_uuid,
        "version": {
            **kind,
            "number": version.number,
            "build_type": "docker",
            "build_hash": build_hash(version.number),
            "build_date": "2021-01-13T00:42:12.435326Z",
            "build_snapshot": False,
            "lucene_version": "9.12.1" if version.opensearch else "8.7.0",
            "minimum_wire_compatibility_version": oldest[0],
            "minimum_index_compatibility_version": oldest[1],
        },
        "tagline": tagline or "You Know, for Search",
    }


def blocks(node: Node) -> Body:
    """Those that keep the whole cluster from something."""
    found: Body = {}
    if not node.state.recovered:
        found[NOT_RECOVERED] = {
            "description": "state not recovered / initialized",
            "retryable": True,
            "disable_state_persistence": True,
            "levels": ["read", "write", "metadata_read", "metadata_write"],
        }
    if node.master is None:
        word = node.spec.dialect.manager
        writes = [] if node.spec.dialect.opensearch else ["write"]
        levels = [*writes, "metadata_write"]
        found[NO_MASTER] = {"description": f"no {word}", "retryable": True, "levels": levels}
    return found


# the state


def state(
    model: Elasticsearch, node: Node, metrics: Collection[str], indices: Collection[str] = ()
) -> Body:
    """No metrics are all of them; the name is always part of it."""
    parts = _state_parts(model, node, metrics, indices)
    wanted = [name for name in parts if not metrics or "_all" in metrics or name in metrics]
    body: Body = {"cluster_name": node.spec.cluster_name}
    if node.spec.dialect.modern:
        body["cluster_uuid"] = node.state.cluster_uuid
    for name in wanted:
        body |= parts[name]
    return body


def reroute_state(model: Elasticsearch, node: Node) -> Body:
    """The state as _cluster/reroute adds it to its answer: without metadata and names."""
    parts = _state_parts(model, node, (), ())
    body = {"cluster_uuid": node.state.cluster_uuid} if node.spec.dialect.modern else {}
    for name, part in parts.items():
        body |= part if name != "metadata" else {}
    return body


def _state_parts(
    model: Elasticsearch, node: Node, metrics: Collection[str], indices: Collection[str]
) -> dict[str, Body]:
    state = node.state
    version = node.spec.dialect
    state_uuid = {"state_uuid": state.uuid} if version.modern else {}
    manager = {"cluster_manager_node": state.master} if version.opensearch else {}
    found = blocks(node)
    empty = not metrics or bool({"_all", "nodes"} & set(metrics))
    routed = {"routing_nodes": routing_nodes(state, version, empty=empty)}
    nodes = {member.id: _state_node(member) for member in model.members(node)}
    along: Body = {} if version.modern else {**routed, "allocations": []}
    return {
        "version": {"version": state.version, **state_uuid},
        "master_node": {"master_node": state.master},
        "cluster_manager_node": manager,
        "blocks": {"blocks": {"global": found} if found else {}},
        "nodes": {"nodes": nodes},
        "metadata": {"metadata": _metadata(state, version, indices)},
        "routing_table": {"routing_table": routing_table(state, version, indices), **along},
        "routing_nodes": routed,
    }


def _metadata(state: ClusterState, version: Version, indices: Collection[str]) -> Body:
    return {
        **(_coordination(state) if version.modern else {}),
        "templates": {},
        "indices": {
            index.name: index_metadata(index, version) for index in state.indices_of(indices)
        },
    }


def _coordination(state: ClusterState) -> Body:
    exclusions = [{"node_id": one.id, "node_name": one.name} for one in state.exclusions]
    return {
        "cluster_uuid": state.cluster_uuid,
        "cluster_uuid_committed": state.cluster_uuid != NO_CLUSTER,
        "index-graveyard": {"tombstones": []},
        "cluster_coordination": {
            "term": state.term,
            "last_committed_config": list(state.voting),
            "last_accepted_config": list(state.voting),
            "voting_config_exclusions": exclusions,
        },
    }


def _state_node(member: Member) -> Body:
    ephemeral = {"ephemeral_id": member.ephemeral_id} if member.spec.dialect.modern else {}
    return {
        "name": member.spec.name,
        **ephemeral,
        "transport_address": address(member.spec, member.spec.transport_address),
        "attributes": member.spec.attributes,
    }


def settings(written: ClusterSettings, *, flat: bool) -> Body:
    shape = dict if flat else nested
    return {"persistent": shape(written.persistent), "transient": shape(written.transient)}


# what a write answers


def reroute(model: Elasticsearch, node: Node) -> Body:
    return {"acknowledged": True, "state": reroute_state(model, node)}
