"""What a 1.x node answers, as bodies: pure functions of the model and the node that was asked."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import ClusterSettings, Node

NO_MASTER_BLOCK = {
    "2": {
        "description": "no master",
        "retryable": True,
        "levels": ["read", "write", "metadata"],
    }
}
STATE_METRICS = frozenset({"blocks", "nodes", "metadata", "routing_table"})
LUCENE_VERSIONS = {"1.0": "4.6", "1.1": "4.7", "1.2": "4.8", "1.3": "4.9"}

Body = dict[str, Any]


def root(node: Node) -> Body:
    status = 200 if node.master else 503
    return {
        "status": status,
        "name": node.spec.name,
        "cluster_name": node.spec.cluster_name,
        "version": {
            "number": node.spec.version,
            "build_hash": _build_hash(node.spec.version),
            "build_timestamp": "2014-08-18T00:00:00Z",
            "build_snapshot": False,
            "lucene_version": LUCENE_VERSIONS.get(node.spec.version[:3], "4.10"),
        },
        "tagline": "You Know, for Search",
    }


def health(model: Elasticsearch, node: Node, *, timed_out: bool) -> Body:
    """No index is ever made here, so a cluster with a master is green."""
    members = len(model.members(node))
    counters = (
        "active_primary_shards",
        "active_shards",
        "relocating_shards",
        "initializing_shards",
        "unassigned_shards",
    )
    return {
        "cluster_name": node.spec.cluster_name,
        "status": "green" if node.master else "red",
        "timed_out": timed_out,
        "number_of_nodes": members,
        "number_of_data_nodes": members,
        **dict.fromkeys(counters, 0),
    }


def state(model: Elasticsearch, node: Node, metrics: Collection[str]) -> Body:
    """The version and the master are always part of it; `metrics` choose the rest."""
    members = model.members(node)
    wanted = STATE_METRICS if not metrics or "_all" in metrics else metrics
    body: Body = {
        "cluster_name": node.spec.cluster_name,
        "version": node.version,
        "master_node": node.master,
    }
    parts: Mapping[str, Body] = {
        "blocks": {"blocks": {} if node.master else {"global": NO_MASTER_BLOCK}},
        "nodes": {"nodes": {member.id: _state_node(member) for member in members}},
        "metadata": {"metadata": {"templates": {}, "indices": {}}},
        "routing_table": {
            "routing_table": {"indices": {}},
            "routing_nodes": {"unassigned": [], "nodes": {member.id: [] for member in members}},
            "allocations": [],
        },
    }
    for name, part in parts.items():
        body |= part if name in wanted else {}
    return body


def nodes_info(
    model: Elasticsearch, node: Node, chosen: Sequence[str], metrics: Collection[str]
) -> Body:
    members = [m for m in model.members(node) if _chosen(m, node, chosen)]
    return {
        "cluster_name": node.spec.cluster_name,
        "nodes": {member.id: _node_info(member, metrics) for member in members},
    }


def settings(written: ClusterSettings, *, flat: bool) -> Body:
    shape = dict if flat else _nested
    return {"persistent": shape(written.persistent), "transient": shape(written.transient)}


def cat_nodes(model: Elasticsearch, node: Node) -> list[dict[str, str]]:
    return [
        {
            "host": member.spec.name,
            "ip": member.spec.publish_ip,
            "heap.percent": "12",
            "ram.percent": "40",
            "load": "0.10",
            "node.role": "d",
            "master": "*" if member.id == node.master else "m",
            "name": member.spec.name,
        }
        for member in model.members(node)
    ]


def cat_master(model: Elasticsearch, node: Node) -> list[dict[str, str]]:
    return [
        {
            "id": member.id,
            "host": member.spec.name,
            "ip": member.spec.publish_ip,
            "node": member.spec.name,
        }
        for member in model.members(node)
        if member.id == node.master
    ]


def text_table(rows: Sequence[Mapping[str, str]], *, headed: bool) -> str:
    """As _cat prints it: columns padded to their widest cell."""
    cells = [list(row.values()) for row in rows]
    if headed and rows:
        cells.insert(0, list(rows[0]))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "".join(
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " \n"
        for line in cells
    )


def _build_hash(version: str) -> str:
    """Nobody compares it, but equal versions have equal ones."""
    return hashlib.sha256(version.encode()).hexdigest()[:40]


def _state_node(node: Node) -> Body:
    return {
        "name": node.spec.name,
        "transport_address": _inet(node.spec.transport_address),
        "attributes": {},
    }


def _node_info(node: Node, metrics: Collection[str]) -> Body:
    spec = node.spec
    http_address = f"{spec.publish_ip}:{spec.http_port or 9200}"
    body: Body = {
        "name": spec.name,
        "transport_address": _inet(spec.transport_address),
        "host": spec.name,
        "ip": spec.publish_ip,
        "version": spec.version,
        "build": _build_hash(spec.version)[:7],
        "http_address": _inet(http_address),
    }
    parts: Body = {
        "settings": _nested(dict(spec.settings)),
        "jvm": {"start_time_in_millis": int(node.started_at * 1000)},
        "http": _addresses(http_address),
        "transport": _addresses(spec.transport_address),
    }
    return body | {name: part for name, part in parts.items() if not metrics or name in metrics}


def _addresses(published: str) -> Body:
    """Inside of its container a node is bound to all addresses."""
    port = published.rpartition(":")[2]
    return {"bound_address": f"inet[/0:0:0:0:0:0:0:0:{port}]", "publish_address": _inet(published)}


def _inet(address: str) -> str:
    return f"inet[/{address}]"


def _chosen(member: Node, asked: Node, names: Sequence[str]) -> bool:
    """By id, name or address; nothing chosen is everything."""
    special = {"_all": True, "_local": member is asked, "_master": member.id == asked.master}
    own = (member.id, member.spec.name, member.spec.publish_ip)
    return not names or any(special.get(name, name in own) for name in names)


def _nested(flat: Mapping[str, str]) -> Body:
    """`a.b: c` as objects; a name that is both a value and a prefix stays dotted."""
    body: Body = {}
    for name, value in sorted(flat.items()):
        *path, last = name.split(".")
        inner = body
        for step in path:
            inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner
        if isinstance(inner, dict):
            inner[last] = value
        else:
            body[name] = value
    return body
