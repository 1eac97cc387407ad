"""What PUT /_cluster/settings asks for, and which of it a version takes."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from localcloud.elasticsearch.api.errors import ApiError, illegal
from localcloud.elasticsearch.api.wire import flat
from localcloud.elasticsearch.node import is_number
from localcloud.elasticsearch.parts.allocation import ENABLE
from localcloud.elasticsearch.parts.membership import MINIMUM_MASTER_NODES
from localcloud.elasticsearch.parts.voters import EXCLUSIONS_MAX_SETTING
from localcloud.elasticsearch.state import ClusterSettings, ClusterState
from localcloud.elasticsearch.version import Version

SCOPES = ("persistent", "transient")
ENABLE_VALUES = frozenset({"all", "primaries", "new_primaries", "none"})
_OLD_DYNAMIC = (
    *("cluster.routing.", "cluster.blocks.", "cluster.info.", "discovery.zen."),
    *("indices.", "threadpool.", "logger."),
)
_STATIC = (
    *("cluster.name", "cluster.initial_", "discovery.seed_", "discovery.type", "gateway."),
    *("http.", "network.", "node.", "path.", "transport.port", "transport.host"),
)
_DYNAMIC = (
    *("action.", "indices.", "ingest.", "logger.", "search.", "transport."),
    *("cluster.auto_shrink_voting_configuration", "cluster.blocks.", "cluster.indices."),
    *("cluster.info.", "cluster.max_", "cluster.metadata.", "cluster.no_master_block"),
    *("cluster.no_cluster_manager_block", "cluster.persistent_tasks.", "cluster.remote."),
    *("cluster.routing.", "cluster.service."),
)
_NUMBERS = frozenset({MINIMUM_MASTER_NODES, EXCLUSIONS_MAX_SETTING})

Pairs = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Update:
    """`removed` are the full names that fall back to their default."""

    written: ClusterSettings
    removed: frozenset[str] = field(default_factory=frozenset)


def parse_update(text: str, version: Version, state: ClusterState) -> Update:
    """Raises ApiError."""
    body = _body(text, version)
    scopes = {scope: _pairs(body.get(scope) or {}) for scope in SCOPES}
    if not version.modern:
        return _old_update(scopes, version, state)
    _refuse_nothing(scopes)
    for scope, pairs in scopes.items():
        for name, value in pairs:
            _check(scope, name, value, version)
    written = {scope: _values(pairs) for scope, pairs in scopes.items()}
    return Update(ClusterSettings(**written), frozenset(_removed(scopes, state)))


def _body(text: str, version: Version) -> dict[str, Any]:
    if not text:
        reason = "request body is required"
        old = "ElasticsearchParseException[Failed to derive xcontent]"
        raise ApiError(400, "parse_exception", reason, old)
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        status = 400 if version.modern else 500
        raise ApiError(status, "json_parse_exception", str(error)) from error
    if not isinstance(body, dict) and not version.modern:
        raise ApiError(400, "parse_exception", "Failed to derive xcontent")
    return body if isinstance(body, dict) else {}


def _pairs(scope: Any) -> Pairs:
    if not isinstance(scope, dict):
        reason = f"class {type(scope).__name__} cannot be cast to class java.util.Map"
        raise ApiError(500, "class_cast_exception", reason)
    return flat("", scope)


def _values(pairs: Pairs) -> dict[str, str]:
    return {name: value for name, value in pairs if value is not None}


def _refuse_nothing(scopes: dict[str, Pairs]) -> None:
    if not any(scopes.values()):
        reason = "Validation Failed: 1: no settings to update;"
        raise ApiError(400, "action_request_validation_exception", reason)


# 1.x: what it does not know, or finds out of place, is dropped without a word


def _old_update(scopes: dict[str, Pairs], version: Version, state: ClusterState) -> Update:
    given = {scope: _values(pairs) for scope, pairs in scopes.items()}
    _refuse_nothing({scope: list(pairs.items()) for scope, pairs in given.items()})
    taken = _old_taken(version, state)
    written = {
        scope: {name: value for name, value in pairs.items() if taken(name, value)}
        for scope, pairs in given.items()
    }
    return Update(ClusterSettings(**written))


def _old_taken(version: Version, state: ClusterState) -> Callable[[str, str], bool]:
    eligible = sum(member.spec.master_eligible for member in state.nodes)

    def taken(name: str, value: str) -> bool:
        if name != MINIMUM_MASTER_NODES:
            return name.startswith(_OLD_DYNAMIC)
        return is_number(value) and (not version.since(1, 4, 1) or int(value) <= eligible)

    return taken


# the modern family


def _check(scope: str, name: str, value: str | None, version: Version) -> None:
    if name.startswith(_STATIC):
        msg = f"{scope} setting [{name}], not dynamically updateable"
        raise illegal(msg)
    if not _recognized(name, version):
        msg = f"{scope} setting [{name}], not recognized"
        raise illegal(msg)
    if name == ENABLE and value is not None and value.lower() not in ENABLE_VALUES:
        msg = f"Illegal allocation.enable value [{value.upper()}]"
        raise illegal(msg)
    if name in _NUMBERS and value is not None and not is_number(value):
        msg = f"Failed to parse value [{value}] for setting [{name}]"
        raise illegal(msg)


def _recognized(name: str, version: Version) -> bool:
    """Elasticsearch 7 still takes the quorum of its forerunners, and does nothing with it."""
    if name == MINIMUM_MASTER_NODES:
        return not version.opensearch
    return name.startswith(_DYNAMIC)


def _removed(scopes: dict[str, Pairs], state: ClusterState) -> Iterable[str]:
    """`scope/name` of what null takes away; a name may end in `*`."""
    for scope, pairs in scopes.items():
        patterns = [name for name, value in pairs if value is None]
        for name in getattr(state.settings, scope):
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                yield f"{scope}/{name}"


def merged(before: ClusterSettings, update: Update) -> ClusterSettings:
    scopes = {
        scope: {
            name: value
            for name, value in getattr(before, scope).items()
            if f"{scope}/{name}" not in update.removed
        }
        | dict(getattr(update.written, scope))
        for scope in SCOPES
    }
    return ClusterSettings(**scopes)
