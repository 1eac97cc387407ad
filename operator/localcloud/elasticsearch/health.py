"""/_cluster/health: what it tells, and what its wait_for_... parameters ask for."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from localcloud.elasticsearch.errors import ApiError, illegal, no_number
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.process import Node
from localcloud.elasticsearch.shards import STATUSES, counters, indices_health, shards_status
from localcloud.elasticsearch.version import Version
from localcloud.elasticsearch.views import blocks
from localcloud.elasticsearch.wire import Body

WAIT_SECONDS_DEFAULT = 30.0
WAIT_SECONDS_MAX = 120.0

PRIORITIES = frozenset({"immediate", "urgent", "high", "normal", "low", "languid"})

_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_TIME_UNITS_SECONDS = {None: 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_COUNT = re.compile(r"(>=|<=|>|<|ge|le|gt|lt)?\(?(\d+)\)?")
_COMPARISONS: Mapping[str | None, Callable[[int, int], bool]] = {
    None: lambda have, want: have == want,
    ">=": lambda have, want: have >= want,
    "ge": lambda have, want: have >= want,
    "<=": lambda have, want: have <= want,
    "le": lambda have, want: have <= want,
    ">": lambda have, want: have > want,
    "gt": lambda have, want: have > want,
    "<": lambda have, want: have < want,
    "lt": lambda have, want: have < want,
}


# what it tells


def health(
    model: Elasticsearch,
    node: Node,
    *,
    timed_out: bool,
    indices: Collection[str] = (),
    level: str = "cluster",
) -> Body:
    members = model.members(node)
    shards = [one for one in node.state.shards if not indices or one.index in indices]
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
    return shards_status([one for one in node.state.shards if not indices or one.index in indices])


def _discovered(node: Node) -> Body:
    if not node.spec.dialect.opensearch:
        return {}
    found = node.master is not None
    return {"discovered_master": found, "discovered_cluster_manager": found}


def _later_counters(node: Node, shards: Collection[Any]) -> Body:
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


# what is waited for


def seconds(text: str | None, name: str, version: Version) -> float:
    """`30s` or `500ms`; 1.x takes a bare number for milliseconds."""
    if text is None:
        return WAIT_SECONDS_DEFAULT
    match = _TIME.fullmatch(text)
    if match is None or (version.modern and not match[2] and text not in ("0", "-1")):
        raise _bad_time(text, name, version)
    return min(float(match[1]) * _TIME_UNITS_SECONDS[match[2]], WAIT_SECONDS_MAX)


def _bad_time(text: str, name: str, version: Version) -> ApiError:
    if not version.modern:
        return ApiError(400, "parse_exception", f"Failed to parse [{text}]", cause=no_number(text))
    reason = (
        f"failed to parse setting [{name}] with value [{text}] as a time value:"
        " unit is missing or unrecognized"
    )
    return illegal(reason)


def met(body: Mapping[str, Any], query: Mapping[str, str], node: Node) -> bool:
    """Everything that the query asks for; each part is looked at, so that a bad one is found."""
    version = node.spec.dialect
    return all(
        [
            _priority_known(query.get("wait_for_events"), version),
            _status_met(body["status"], query.get("wait_for_status"), version),
            _count_met(body["number_of_nodes"], query.get("wait_for_nodes"), version),
            _active_met(body, query.get("wait_for_active_shards"), version),
            _relocations_met(body, query, version),
            _initializing_met(body, query, version),
        ]
    )


def _priority_known(wanted: str | None, version: Version) -> bool:
    """No task waits here; 1.x takes a priority that it does not know for the default."""
    if wanted is not None and version.modern and wanted.lower() not in PRIORITIES:
        package = "opensearch" if version.opensearch else "elasticsearch"
        msg = f"No enum constant org.{package}.common.Priority.{wanted.upper()}"
        raise illegal(msg)
    return True


def _status_met(status: str, wanted: str | None, version: Version) -> bool:
    if wanted is None:
        return True
    if wanted.lower() not in STATUSES:
        raise _bad_status(wanted, version)
    return STATUSES.index(status) >= STATUSES.index(wanted.lower())


def _bad_status(wanted: str, version: Version) -> ApiError:
    package = "opensearch" if version.opensearch else "elasticsearch"
    where = "cluster.health" if version.modern else "action.admin.cluster.health"
    reason = f"No enum constant org.{package}.{where}.ClusterHealthStatus.{wanted.upper()}"
    kind, old = "illegal_argument_exception", f"IllegalArgumentException[{reason}]"
    return ApiError(400 if version.modern else 500, kind, reason, old)


def _count_met(have: int, wanted: str | None, version: Version) -> bool:
    """1.x notices too late that it is no number, and blames itself."""
    if wanted is None:
        return True
    match = _COUNT.fullmatch(wanted)
    if match is None:
        raise no_number(wanted, 400 if version.modern else 500)
    return _COMPARISONS[match[1]](have, int(match[2]))


def _active_met(body: Mapping[str, Any], wanted: str | None, version: Version) -> bool:
    if wanted is None:
        return True
    if wanted == "all" and version.modern:
        return bool(body["unassigned_shards"] == body["initializing_shards"] == 0)
    if not wanted.isdecimal():
        raise _bad_count("wait_for_active_shards", wanted, version)
    return bool(body["active_shards"] >= int(wanted))


def _bad_count(name: str, text: str, version: Version) -> ApiError:
    if version.modern:
        return illegal(f"cannot parse ActiveShardCount[{text}]", no_number(text))
    return illegal(f"Failed to parse int parameter [{name}] with value [{text}]", no_number(text))


def _relocations_met(body: Mapping[str, Any], query: Mapping[str, str], version: Version) -> bool:
    old = query.get("wait_for_relocating_shards")
    if version.modern:
        if old is not None:
            raise illegal(
                "wait_for_relocating_shards has been removed,"
                " use wait_for_no_relocating_shards [true/false] instead"
            )
        return not _true(query, "wait_for_no_relocating_shards") or not body["relocating_shards"]
    if old is not None and not old.isdecimal():
        raise _bad_count("wait_for_relocating_shards", old, version)
    return old is None or bool(body["relocating_shards"] <= int(old))


def _initializing_met(body: Mapping[str, Any], query: Mapping[str, str], version: Version) -> bool:
    asked = version.modern and _true(query, "wait_for_no_initializing_shards")
    return not asked or not body["initializing_shards"]


def _true(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "false") not in {"false", "0", "no", "off"}
