"""/_nodes: what the nodes of a cluster tell of themselves."""

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from localcloud.elasticsearch.api.wire import Body, address, bound, build_hash, nested
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import Member
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.version import Version

NODE_METRICS = frozenset(
    {"settings", "os", "process", "jvm", "thread_pool", "network", "transport", "http", "plugins"}
    | {"ingest", "aggregations", "indices", "search_pipelines"}
)
_MODERN_MACHINERY: Body = {
    "modules": [],
    "ingest": {"processors": []},
    "aggregations": {},
    "total_indexing_buffer": 50_331_648,
}
_MACHINERY: dict[str, Body] = {
    "1.x": {"network": {"refresh_interval_in_millis": 5000}},
    "elasticsearch": _MODERN_MACHINERY,
    "opensearch": {**_MODERN_MACHINERY, "search_pipelines": {}},
}
CONTENT_LENGTH_MAX_BYTES = 104_857_600


def nodes_info(
    model: Elasticsearch,
    node: Node,
    chosen: Sequence[str],
    metrics: Collection[str],
    *,
    flat: bool = False,
) -> Body:
    """Members that do not answer the node that was asked are told as failures, or left out."""
    members = [one for one in model.members(node) if is_chosen(one, node, chosen)]
    answering = model.answering(node, members)
    missing = [one for one in members if one not in answering]
    counted = {"_nodes": _counts(answering, missing)} if node.spec.dialect.modern else {}
    nodes = {one.id: _node_info(one, metrics, flat=flat) for one in answering}
    return {**counted, "cluster_name": node.spec.cluster_name, "nodes": nodes}


def is_chosen(member: Member, asked: Node, names: Sequence[str]) -> bool:
    """By id, name, address or attribute, with `*`; nothing chosen is everything."""
    return not names or any(_chosen_by(member, asked, name) for name in names)


def _chosen_by(member: Member, asked: Node, name: str) -> bool:
    special = {
        "_all": True,
        "_local": member.id == asked.id,
        "_master": member.id == asked.master,
        "_cluster_manager": member.id == asked.master and asked.spec.dialect.opensearch,
    }
    if name in special:
        return special[name]
    attribute, colon, value = name.partition(":")
    if colon:
        return fnmatchcase(member.spec.attributes.get(attribute, ""), value)
    own = (member.id, member.spec.name, member.spec.told_ip)
    return any(fnmatchcase(one, name) for one in own)


def _counts(answering: Sequence[Member], missing: Sequence[Member]) -> Body:
    failures = [_failure(one) for one in missing]
    return {
        "total": len(answering) + len(missing),
        "successful": len(answering),
        "failed": len(missing),
        **({"failures": failures} if failures else {}),
    }


def _failure(member: Member) -> Body:
    reason = f"[{member.spec.name}][{member.spec.transport_address}] Node not connected"
    return {
        "type": "failed_node_exception",
        "reason": f"Failed node [{member.id}]",
        "node_id": member.id,
        "caused_by": {"type": "node_not_connected_exception", "reason": reason},
    }


def _node_info(member: Member, metrics: Collection[str], *, flat: bool) -> Body:
    spec = member.spec
    written = dict(spec.settings)
    parts: Body = {
        "settings": written if flat else nested(written),
        "os": {"refresh_interval_in_millis": 1000, "available_processors": 1},
        "process": {"refresh_interval_in_millis": 1000, "id": 1, "mlockall": False},
        "jvm": {"pid": 1, "start_time_in_millis": int(member.started_at * 1000)},
        "thread_pool": {},
        "transport": {**_addresses(member, spec.transport_address), "profiles": {}},
        "http": {
            **_addresses(member, spec.http_address),
            "max_content_length_in_bytes": CONTENT_LENGTH_MAX_BYTES,
        },
        "plugins": [],
        **_MACHINERY[spec.dialect.distribution if spec.dialect.modern else "1.x"],
    }
    wanted = parts.keys() if not metrics or "_all" in metrics else metrics
    return _identity(member) | {name: part for name, part in parts.items() if name in wanted}


def _identity(member: Member) -> Body:
    spec = member.spec
    version = spec.dialect
    built: Body = (
        {**_flavor(version), "build_hash": build_hash(version.number), "roles": roles(member)}
        if version.modern
        else {
            "build": build_hash(version.number)[:7],
            "http_address": address(spec, spec.http_address),
        }
    )
    attributes = {"attributes": spec.attributes} if spec.attributes else {}
    return {
        "name": spec.name,
        "transport_address": address(spec, spec.transport_address),
        "host": spec.publish_ip if version.modern else spec.name,
        "ip": spec.told_ip,
        "version": version.number,
        **built,
        **attributes,
    }


def _flavor(version: Version) -> Body:
    kind = {"build_flavor": version.flavor} if version.flavor else {}
    return {**kind, "build_type": "docker"}


def roles(member: Member) -> list[str]:
    manager = "cluster_manager" if member.spec.dialect.opensearch else "master"
    held = [manager] if member.spec.master_eligible else []
    return sorted([*held, *(["data"] if member.spec.holds_data else [])])


def _addresses(member: Member, published: str) -> Body:
    return {
        "bound_address": bound(member.spec, published),
        "publish_address": address(member.spec, published),
    }
