"""The wait_for_... parameters of /_cluster/health: what they ask for, and whether it is so."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.elasticsearch.api.errors import ApiError, illegal, no_number
from localcloud.elasticsearch.api.parameters import true
from localcloud.elasticsearch.api.shards import STATUSES
from localcloud.elasticsearch.node import is_number
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.version import Version

PRIORITIES = frozenset({"immediate", "urgent", "high", "normal", "low", "languid"})

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
    if match is None or not is_number(match[2]):
        raise no_number(wanted, 400 if version.modern else 500)
    return _COMPARISONS[match[1]](have, int(match[2]))


def _active_met(body: Mapping[str, Any], wanted: str | None, version: Version) -> bool:
    if wanted is None:
        return True
    if wanted == "all" and version.modern:
        return bool(body["unassigned_shards"] == body["initializing_shards"] == 0)
    if not is_number(wanted):
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
        return not true(query, "wait_for_no_relocating_shards") or not body["relocating_shards"]
    if old is not None and not is_number(old):
        raise _bad_count("wait_for_relocating_shards", old, version)
    return old is None or bool(body["relocating_shards"] <= int(old))


def _initializing_met(body: Mapping[str, Any], query: Mapping[str, str], version: Version) -> bool:
    asked = version.modern and true(query, "wait_for_no_initializing_shards")
    return not asked or not body["initializing_shards"]
