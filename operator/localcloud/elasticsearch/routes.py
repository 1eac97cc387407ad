"""Which paths a version knows, with which methods and parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from localcloud.elasticsearch.version import Version

COMMON = frozenset({"pretty", "human", "error_trace", "format", "filter_path"})
_MASTER = frozenset({"master_timeout", "cluster_manager_timeout"})
_LOCAL = _MASTER | {"local"}
_WAIT = {"wait_for_status", "wait_for_nodes", "wait_for_events", "wait_for_active_shards"}
_WAIT |= {"wait_for_relocating_shards", "wait_for_no_relocating_shards"}
_WAIT |= {"wait_for_no_initializing_shards"}
_HEALTH = _LOCAL | _WAIT | {"level", "timeout", "expand_wildcards"}
_STATE = _LOCAL | {"flat_settings", "wait_for_metadata_version", "wait_for_timeout"}
_STATE |= {"ignore_unavailable", "allow_no_indices", "expand_wildcards"}
_CAT = frozenset({"v", "h", "s", "help", "bytes", "time", "ts", "full_id"})
_VOTING = frozenset({"node_names", "node_ids", "timeout", "wait_for_removal"})
_WRITE = frozenset({"timeout", "refresh", "routing", "version", "wait_for_active_shards"})
_WRITE |= {"op_type"}
_INDEX = _MASTER | {"timeout", "wait_for_active_shards", "flat_settings", "include_type_name"}
_READ = frozenset({"q", "size", "from", "routing", "preference", "ignore_unavailable"})
_FLUSH = frozenset({"force", "wait_if_ongoing", "ignore_unavailable"})
_REROUTE = _MASTER | {"dry_run", "explain", "retry_failed", "metric", "timeout"}


@dataclass(frozen=True, slots=True)
class Route:
    """`handler` is the name of what answers; `{name}` in the path stands for one segment."""

    methods: str
    path: str
    handler: str
    parameters: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Found:
    route: Route
    parts: Mapping[str, str]


_EVERYWHERE = (
    Route("GET HEAD", "/", "root"),
    Route("GET", "/_cluster/health", "health", _HEALTH),
    Route("GET", "/_cluster/health/{index}", "health", _HEALTH),
    Route("GET", "/_cluster/state", "state", _STATE),
    Route("GET", "/_cluster/state/{metrics}", "state", _STATE),
    Route("GET", "/_cluster/state/{metrics}/{index}", "state", _STATE),
    Route("GET", "/_cluster/settings", "settings", _LOCAL | {"flat_settings", "include_defaults"}),
    Route("PUT", "/_cluster/settings", "put_settings", _MASTER | {"timeout", "flat_settings"}),
    Route("GET", "/_cluster/pending_tasks", "pending_tasks", _LOCAL),
    Route("POST", "/_cluster/reroute", "reroute", _REROUTE),
    Route("GET", "/_nodes", "nodes", frozenset({"timeout", "flat_settings"})),
    Route("GET", "/_nodes/{chosen}", "nodes", frozenset({"timeout", "flat_settings"})),
    Route("GET", "/_nodes/{chosen}/{metrics}", "nodes", frozenset({"timeout", "flat_settings"})),
    Route("GET POST", "/_flush", "flush", _FLUSH),
    Route("GET POST", "/_flush/synced", "flush_synced", _FLUSH),
    Route("GET POST", "/_refresh", "flush", _FLUSH),
    Route("GET", "/_count", "count", _READ),
    Route("GET POST", "/{index}/_flush", "flush", _FLUSH),
    Route("GET POST", "/{index}/_refresh", "flush", _FLUSH),
    Route("GET POST", "/{index}/_count", "count", _READ),
    Route("GET POST", "/{index}/_search", "search", _READ),
    Route("GET", "/{index}/_settings", "index_settings", _INDEX),
    Route("PUT", "/{index}/_settings", "put_index_settings", _INDEX),
    Route("PUT", "/{index}", "create_index", _INDEX),
    Route("DELETE", "/{index}", "delete_index", _INDEX),
    Route("HEAD", "/{index}", "has_index", _INDEX),
)
_MODERN = (
    Route("POST DELETE", "/_cluster/voting_config_exclusions", "voting", _VOTING),
    Route("POST", "/_cluster/voting_config_exclusions/{names}", "voting_by_path", _VOTING),
    Route("DELETE", "/", "delete_no_index", _INDEX),
    Route("GET", "/{index}", "get_index", _INDEX),
    Route("PUT POST", "/{index}/_doc/{id}", "put_document", _WRITE),
    Route("GET", "/{index}/_doc/{id}", "get_document", _READ),
)
# 1.x has types, and takes any name for one: so it has hardly an unknown path
_OLD = (Route("POST", "/{index}", "create_index", _INDEX),)
_TYPED = (
    Route("POST", "/{index}/{type}", "add_document", _WRITE),
    Route("PUT POST", "/{index}/{type}/{id}", "put_document", _WRITE),
    Route("GET", "/{index}/{type}/{id}", "get_document", _READ),
)
_FEATURES = (
    Route("GET", "/{index}", "get_index_or_feature"),
    Route("GET", "/{index}/{feature}", "no_feature"),
)


def routes(version: Version, cat: Iterable[str]) -> tuple[Route, ...]:
    """The first that fits counts, so those with words come before those with blanks to fill."""
    found = [Route("GET", f"/_cat/{name}", "cat", _CAT | _cat_master(name)) for name in cat]
    found += [one for one in _EVERYWHERE if version.since(1, 6) or one.handler != "flush_synced"]
    found += _MODERN if version.modern else _OLD
    if not version.opensearch:
        found += _TYPED
    if not version.modern and version.since(1, 4):
        found += _FEATURES
    return tuple(found)


def _cat_master(name: str) -> frozenset[str]:
    return frozenset() if name in ("health", "count") else _LOCAL


def find(
    table: Iterable[Route], method: str, path: str, version: Version
) -> Found | frozenset[str]:
    """The route, or the methods that the path would have had. Where a path has words of its own,
    the modern family does not take the first of them for an index."""
    matched = [
        Found(route, parts) for route in table if (parts := _matched(route.path, path)) is not None
    ]
    worded = [one for one in matched if not one.route.path.startswith("/{")]
    if version.modern and worded:
        matched = worded
    fits = (one for one in matched if method in one.route.methods.split())
    allowed = frozenset(word for one in matched for word in one.route.methods.split())
    return next(fits, allowed)


def _matched(pattern: str, path: str) -> dict[str, str] | None:
    wanted = pattern.strip("/").split("/")
    given = path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    parts: dict[str, str] = {}
    for want, have in zip(wanted, given, strict=True):
        if want.startswith("{") and have:
            parts[want.strip("{}")] = have
        elif want != have:
            return None
    return parts
