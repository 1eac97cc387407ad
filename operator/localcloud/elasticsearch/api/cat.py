"""/_cat: tables for people. A value is always text; JSON has the same rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from localcloud.elasticsearch.api.health import health
from localcloud.elasticsearch.api.shards import shards_status
from localcloud.elasticsearch.api.wire import separated, text_table
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import Member
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.state import Index, Shard
from localcloud.elasticsearch.version import Version

Row = Mapping[str, str]
SHORT_ID_LENGTH = 4
DISK = {"disk.used": "10gb", "disk.avail": "10gb", "disk.total": "20gb", "disk.percent": "50"}
LOAD = {"heap.percent": "12", "ram.percent": "40", "cpu": "5"}
LOAD |= dict.fromkeys(("load", "load_1m", "load_5m", "load_15m"), "0.10")
BYTES = "0b"
NEVER = "-"


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are those that are shown when none are asked for; rows may have more."""

    columns: Callable[[Version], Sequence[str]]
    rows: Callable[[Elasticsearch, Node], list[Row]]


def shown(
    table: Table, rows: Sequence[Row], version: Version, query: Mapping[str, str]
) -> tuple[Sequence[str], list[Row]]:
    """The columns that `h` asks for, or those of the table; who does not ask for whole ids gets
    the beginnings."""
    asked = separated(query.get("h", ""))
    columns = asked or list(table.columns(version))
    if query.get("full_id", "false") == "false" and "id" in asked:
        rows = [{**row, "id": row["id"][:SHORT_ID_LENGTH]} for row in rows]
    return [one for one in columns if not rows or one in rows[0]], list(rows)


def text(columns: Sequence[str], rows: Sequence[Row], version: Version, *, headed: bool) -> str:
    return text_table(rows, columns, headed=headed, trailing="" if version.modern else " ")


# the tables


def _nodes(model: Elasticsearch, node: Node) -> list[Row]:
    return [_node_row(one, node) for one in model.members(node)]


def _node_row(member: Member, asked: Node) -> Row:
    version = member.spec.dialect
    mark = _mark(member, asked)
    kinds = ("d" if member.spec.holds_data else "") + ("m" if member.spec.master_eligible else "")
    roles = ["cluster_manager"] if member.spec.master_eligible else []
    roles += ["data"] if member.spec.holds_data else []
    named = (
        {"http_address": member.spec.http_address} if version.modern else {"host": _host(member)}
    )
    return {
        "id": member.id,
        "pid": "1",
        **named,
        "ip": member.spec.told_ip,
        "port": member.spec.transport_address.rpartition(":")[2],
        "version": version.number,
        **LOAD,
        "node.role": kinds if version.modern else ("d" if member.spec.holds_data else "c"),
        "node.roles": ",".join(roles) or NEVER,
        "master": mark,
        "cluster_manager": mark,
        "name": member.spec.name,
    }


def _mark(member: Member, asked: Node) -> str:
    """Who is the master, and in 1.x who could be."""
    if member.id == asked.master:
        return "*"
    return NEVER if member.spec.dialect.modern or not member.spec.master_eligible else "m"


def _node_columns(version: Version) -> Sequence[str]:
    if not version.modern:
        return ["host", "ip", "heap.percent", "ram.percent", "load", "node.role", "master", "name"]
    head = [
        "ip",
        "heap.percent",
        "ram.percent",
        "cpu",
        "load_1m",
        "load_5m",
        "load_15m",
        "node.role",
    ]
    tail = ["node.roles", "cluster_manager"] if version.opensearch else ["master"]
    return [*head, *tail, "name"]


def _master(model: Elasticsearch, node: Node) -> list[Row]:
    """A line of dashes where there is none."""
    member = node.state.member(node.master)
    if member is None:
        return [dict.fromkeys(("id", "host", "ip", "node"), NEVER)]
    spec = member.spec
    return [{"id": member.id, "host": _host(member), "ip": spec.told_ip, "node": spec.name}]


def _health(model: Elasticsearch, node: Node) -> list[Row]:
    body = health(model, node, timed_out=False)
    now = model.now()
    percent = body.get("active_shards_percent_as_number", 100.0)
    return [
        {
            **_moment(now),
            "cluster": body["cluster_name"],
            "status": body["status"],
            "node.total": str(body["number_of_nodes"]),
            "node.data": str(body["number_of_data_nodes"]),
            "discovered_cluster_manager": str(node.master is not None).lower(),
            "shards": str(body["active_shards"]),
            "pri": str(body["active_primary_shards"]),
            "relo": str(body["relocating_shards"]),
            "init": str(body["initializing_shards"]),
            "unassign": str(body["unassigned_shards"]),
            "pending_tasks": "0",
            "max_task_wait_time": NEVER,
            "active_shards_percent": f"{percent:.1f}%",
        }
    ]


def _health_columns(version: Version) -> Sequence[str]:
    found = ["discovered_cluster_manager"] if version.opensearch else []
    head = ["epoch", "timestamp", "cluster", "status", "node.total", "node.data", *found]
    tail = ["shards", "pri", "relo", "init", "unassign"]
    tail += ["pending_tasks"] if version.since(1, 5) else []
    later = ["max_task_wait_time", "active_shards_percent"] if version.modern else []
    return [*head, *tail, *later]


def _shards(model: Elasticsearch, node: Node) -> list[Row]:
    return [_shard_row(model, node, shard) for shard in node.state.shards]


def _shard_row(model: Elasticsearch, node: Node, shard: Shard) -> Row:
    row = {
        "index": shard.index,
        "shard": str(shard.number),
        "prirep": "p" if shard.primary else "r",
        "state": shard.state,
    }
    member = node.state.member(shard.node)
    if member is None:
        return row
    documents = model.indices.documents_of(node.state, shard)
    name = member.spec.name + _destination(node, shard)
    return {
        **row,
        "docs": str(documents),
        "store": BYTES,
        "ip": member.spec.told_ip,
        "node": name,
    }


def _destination(node: Node, shard: Shard) -> str:
    target = node.state.member(shard.moving_to)
    if target is None:
        return ""
    return f" -> {target.spec.publish_ip} {target.id} {target.spec.name}"


def _indices(model: Elasticsearch, node: Node) -> list[Row]:
    return [_index_row(model, node, index) for index in node.state.indices]


def _index_row(model: Elasticsearch, node: Node, index: Index) -> Row:
    shards = node.state.shards_of([index.name])
    return {
        "health": shards_status(shards),
        "status": "open",
        "index": index.name,
        "uuid": index.uuid,
        "pri": str(index.shards),
        "rep": str(index.replicas),
        "docs.count": str(model.indices.count(node.state, index.name)),
        "docs.deleted": "0",
        "store.size": BYTES,
        "pri.store.size": BYTES,
    }


def _index_columns(version: Version) -> Sequence[str]:
    uuid = ["uuid"] if version.modern else []
    tail = ["pri", "rep", "docs.count", "docs.deleted", "store.size", "pri.store.size"]
    return ["health", "status", "index", *uuid, *tail]


def _allocation(model: Elasticsearch, node: Node) -> list[Row]:
    rows: list[Row] = [
        {
            "shards": str(sum(one.held_by(member.id) for one in node.state.shards)),
            "disk.indices": BYTES,
            **DISK,
            "host": _host(member),
            "ip": member.spec.publish_ip,
            "node": member.spec.name,
        }
        for member in model.members(node)
        if member.spec.holds_data
    ]
    unassigned = sum(one.state == "UNASSIGNED" for one in node.state.shards)
    return [*rows, {"shards": str(unassigned), "node": "UNASSIGNED"}] if unassigned else rows


def _allocation_columns(version: Version) -> Sequence[str]:
    stored = ["disk.indices"] if version.modern else []
    return ["shards", *stored, *DISK, "host", "ip", "node"]


def _attributes(model: Elasticsearch, node: Node) -> list[Row]:
    return [
        {
            "node": member.spec.name,
            "host": _host(member),
            "ip": member.spec.publish_ip,
            "attr": name,
            "value": value,
        }
        for member in model.members(node)
        for name, value in member.spec.attributes.items()
    ]


def _count(model: Elasticsearch, node: Node) -> list[Row]:
    counts = (model.indices.count(node.state, index.name) for index in node.state.indices)
    return [{**_moment(model.now()), "count": str(sum(counts))}]


def _host(member: Member) -> str:
    return member.spec.publish_ip if member.spec.dialect.modern else member.spec.name


def _moment(seconds: float) -> Row:
    at = datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")
    return {"epoch": str(int(seconds)), "timestamp": at}


def _always(*columns: str) -> Callable[[Version], Sequence[str]]:
    return lambda version: columns


TABLES: Mapping[str, Table] = {
    "nodes": Table(_node_columns, _nodes),
    "master": Table(_always("id", "host", "ip", "node"), _master),
    "health": Table(_health_columns, _health),
    "shards": Table(
        _always("index", "shard", "prirep", "state", "docs", "store", "ip", "node"), _shards
    ),
    "indices": Table(_index_columns, _indices),
    "allocation": Table(_allocation_columns, _allocation),
    "nodeattrs": Table(_always("node", "host", "ip", "attr", "value"), _attributes),
    "count": Table(_always("epoch", "timestamp", "count"), _count),
    "pending_tasks": Table(
        _always("insertOrder", "timeInQueue", "priority", "source"), lambda *_: []
    ),
}


def tables(version: Version) -> dict[str, Table]:
    """Those that a version has, by the name in the path."""
    found = dict(TABLES)
    if not version.modern:
        del found["nodeattrs"]
    if version.opensearch:
        found["cluster_manager"] = found["master"]
    return found
