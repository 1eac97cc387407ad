"""Which paths a version knows, with which methods and parameters."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from localcloud.elasticsearch.api.answers import Answers
from localcloud.elasticsearch.api.asked import Asked
from localcloud.elasticsearch.api.replies import Reply
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
_SETTINGS = _LOCAL | {"flat_settings", "include_defaults"}
_PUT_SETTINGS = _MASTER | {"timeout", "flat_settings"}
_NODES = frozenset({"timeout", "flat_settings"})
_REROUTE = _MASTER | {"dry_run", "explain", "retry_failed", "metric", "timeout"}

Handler = Callable[[Answers, Asked], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """`{name}` in the path stands for one segment."""

    methods: str
    path: str
    handler: Handler
    parameters: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Found:
    route: Route
    parts: Mapping[str, str]


_EVERYWHERE = (
    Route("GET HEAD", "/", Answers.root),
    Route("GET", "/_cluster/health", Answers.health, _HEALTH),
    Route("GET", "/_cluster/health/{index}", Answers.health, _HEALTH),
    Route("GET", "/_cluster/state", Answers.state, _STATE),
    Route("GET", "/_cluster/state/{metrics}", Answers.state, _STATE),
    Route("GET", "/_cluster/state/{metrics}/{index}", Answers.state, _STATE),
    Route("GET", "/_cluster/settings", Answers.settings, _SETTINGS),
    Route("PUT", "/_cluster/settings", Answers.put_settings, _PUT_SETTINGS),
    Route("GET", "/_cluster/pending_tasks", Answers.pending_tasks, _LOCAL),
    Route("POST", "/_cluster/reroute", Answers.reroute, _REROUTE),
    Route("GET", "/_nodes", Answers.nodes, _NODES),
    Route("GET", "/_nodes/{chosen}", Answers.nodes, _NODES),
    Route("GET", "/_nodes/{chosen}/{metrics}", Answers.nodes, _NODES),
    Route("GET POST", "/_flush", Answers.flush, _FLUSH),
    Route("GET POST", "/_refresh", Answers.flush, _FLUSH),
    Route("GET", "/_count", Answers.count, _READ),
    Route("GET POST", "/{index}/_flush", Answers.flush, _FLUSH),
    Route("GET POST", "/{index}/_refresh", Answers.flush, _FLUSH),
    Route("GET POST", "/{index}/_count", Answers.count, _READ),
    Route("GET POST", "/{index}/_search", Answers.search, _READ),
    Route("GET", "/{index}/_settings", Answers.index_settings, _INDEX),
    Route("PUT", "/{index}/_settings", Answers.put_index_settings, _INDEX),
    Route("PUT", "/{index}", Answers.create_index, _INDEX),
    Route("DELETE", "/{index}", Answers.delete_index, _INDEX),
    Route("HEAD", "/{index}", Answers.has_index, _INDEX),
)
_SYNCED = (Route("GET POST", "/_flush/synced", Answers.flush_synced, _FLUSH),)  # from 1.6 on
_MODERN = (
    Route("POST DELETE", "/_cluster/voting_config_exclusions", Answers.voting, _VOTING),
    Route("POST", "/_cluster/voting_config_exclusions/{names}", Answers.voting_by_path, _VOTING),
    Route("DELETE", "/", Answers.delete_no_index, _INDEX),
    Route("GET", "/{index}", Answers.get_index, _INDEX),
    Route("PUT POST", "/{index}/_doc/{id}", Answers.put_document, _WRITE),
    Route("GET HEAD", "/{index}/_doc/{id}", Answers.get_document, _READ),
    Route("DELETE", "/{index}/_doc/{id}", Answers.delete_document, _WRITE),
)
# 1.x has types, and takes any name for one: so it has hardly an unknown path
_OLD = (Route("POST", "/{index}", Answers.create_index, _INDEX),)
_TYPED = (
    Route("POST", "/{index}/{type}", Answers.add_document, _WRITE),
    Route("PUT POST", "/{index}/{type}/{id}", Answers.put_document, _WRITE),
    Route("GET HEAD", "/{index}/{type}/{id}", Answers.get_document, _READ),
    Route("DELETE", "/{index}/{type}/{id}", Answers.delete_document, _WRITE),
)
_FEATURES = (
    Route("GET", "/{index}", Answers.get_index_or_feature),
    Route("GET", "/{index}/{feature}", Answers.no_feature),
)


def routes(version: Version, cat: Iterable[str]) -> tuple[Route, ...]:
    """The first that fits counts, so those with words come before those with blanks to fill."""
    found = [Route("GET", f"/_cat/{name}", Answers.cat, _CAT | _cat_master(name)) for name in cat]
    found += _EVERYWHERE
    found += _SYNCED if version.since(1, 6) else ()
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
