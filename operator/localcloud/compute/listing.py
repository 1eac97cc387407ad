"""Lists: what a collection holds, filtered, in order, page by page; per scope or over all."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.compute import catalog, filters, quotas, render
from localcloud.compute.catalog import REGIONS, ZONES
from localcloud.compute.errors import invalid, not_found
from localcloud.compute.instances import check_zone
from localcloud.compute.links import link, stable_id
from localcloud.compute.model import Compute
from localcloud.compute.render import RENDER, Body

PAGE_MAX = 500

ZONAL = ("disks", "instances", "machineTypes", "operations")
REGIONAL = ("operations",)
GLOBAL = ("firewalls", "images", "networks", "operations")

_NEWEST_FIRST = "creationTimestamp desc"

Row = tuple[str, Body]  # the scope of a resource, and the resource as it is written

# All that a collection holds, over all scopes: values with a name, an id and a scope.
_HELD: Mapping[str, Callable[[Compute, str], Iterable[Any]]] = {
    "disks": lambda compute, _: compute.state.disks.values(),
    "firewalls": lambda compute, _: compute.state.firewalls.values(),
    "images": lambda _, project: catalog.images(project),
    "instances": lambda compute, _: compute.instances.listed(),
    "machineTypes": lambda _, __: catalog.machine_types(),
    "networks": lambda _, __: catalog.NETWORKS.values(),
    "operations": lambda compute, _: compute.state.operations.values(),
    "regions": lambda _, __: REGIONS.values(),
    "zones": lambda _, __: ZONES.values(),
}


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a list; `last` is where the page before ended."""

    matches: filters.Predicate
    limit: int
    newest_first: bool
    last: tuple[str, str] | None


def query(parameters: Mapping[str, str]) -> Query:
    """Parameters that are not known are tolerated, as the real API does."""
    order = parameters.get("orderBy", "")
    if order not in ("", "name", _NEWEST_FIRST):
        raise invalid("orderBy", order, "Only 'name' and 'creationTimestamp desc' are supported.")
    limit = parameters.get("maxResults", str(PAGE_MAX))
    if not limit.isdigit() or int(limit) > PAGE_MAX:
        raise invalid("maxResults", limit, f"Must be between 0 and {PAGE_MAX}.")
    return Query(
        matches=filters.parse(parameters.get("filter", "")),
        limit=int(limit) or PAGE_MAX,
        newest_first=order == _NEWEST_FIRST,
        last=_untoken(parameters.get("pageToken", "")),
    )


def get(compute: Compute, project: str, scope: str, collection: str, name: str) -> Body:
    """By name, or by numeric id."""
    _check_scope(scope)
    one = _find(compute, project, scope, collection, name)
    return _rendered(compute, collection, one, project)


def page(compute: Compute, project: str, scope: str, collection: str, asked: Query) -> Body:
    _check_scope(scope)
    kind = f"compute#{collection.removesuffix('s')}List"
    path = f"{scope}/{collection}".removeprefix("/")
    rows = [
        (scope, _rendered(compute, collection, one, project))
        for one in _HELD[collection](compute, project)
        if one.scope == scope
    ]
    chosen, token = _cut(rows, asked)
    body: Body = {"kind": kind, "id": f"projects/{project}/{path}", "selfLink": link(project, path)}
    if chosen:
        body["items"] = [item for _, item in chosen]
    return body | token


def aggregated(compute: Compute, project: str, collection: str, asked: Query) -> Body:
    """Every scope is there; one that has nothing on this page says so in a warning."""
    path = f"aggregated/{collection}"
    rows = [
        (one.scope, _rendered(compute, collection, one, project))
        for one in _HELD[collection](compute, project)
    ]
    chosen, token = _cut(rows, asked)
    found: dict[str, list[Body]] = {}
    for scope, item in chosen:
        found.setdefault(scope, []).append(item)
    scopes = sorted({f"zones/{zone}" for zone in ZONES} | found.keys())
    return {
        "kind": f"compute#{collection.removesuffix('s')}AggregatedList",
        "id": f"projects/{project}/{path}",
        "items": {
            scope: {collection: found[scope]} if scope in found else _nothing(scope)
            for scope in scopes
        },
        "selfLink": link(project, path),
        **token,
    }


def project_body(compute: Compute, project: str) -> Body:
    return {
        "kind": "compute#project",
        "id": stable_id(f"projects/{project}"),
        "name": project,
        "creationTimestamp": render.stamp(render.ALWAYS_THERE),
        "selfLink": link(project, "").removesuffix("/"),
        "quotas": render.quotas(quotas.of_project(compute.state)),
    }


def _check_scope(scope: str) -> None:
    kind, _, name = scope.partition("/")
    if kind == "zones":
        check_zone(name)
    if kind == "regions" and name not in REGIONS:
        raise invalid("region", name, "Unknown region.")


def _find(compute: Compute, project: str, scope: str, collection: str, name: str) -> Any:
    zone = scope.removeprefix("zones/")
    match collection:
        case "disks":
            return compute.disks.get(zone, name)
        case "firewalls":
            return compute.firewalls.get(name)
        case "instances":
            return compute.instances.get(zone, name)
        case "operations":
            return compute.operations.get(scope, name)
    path = f"{scope}/{collection}/{name}".removeprefix("/")
    return _offered(path, _HELD[collection](compute, project), scope, name)


def _offered(path: str, ones: Iterable[Any], scope: str, name: str) -> Any:
    for one in ones:
        if one.scope == scope and name in (one.name, one.id):
            return one
    raise not_found(path)


def _rendered(compute: Compute, collection: str, one: Any, project: str) -> Body:
    body = RENDER[collection](one, project)
    if collection == "regions":
        body["quotas"] = render.quotas(quotas.regional(compute.state, one.name))
    return body


def _cut(rows: list[Row], asked: Query) -> tuple[list[Row], Body]:
    """The rows of one page, and the token of the next where there is one."""
    key = _age if asked.newest_first else _place
    rest = sorted((row for row in rows if asked.matches(row[1])), key=key)
    if asked.newest_first:
        rest.reverse()
    if asked.last:
        last = asked.last
        rest = [row for row in rest if (key(row) < last if asked.newest_first else key(row) > last)]
    chosen = rest[: asked.limit]
    return chosen, {"nextPageToken": _token(key(chosen[-1]))} if len(rest) > len(chosen) else {}


def _place(row: Row) -> tuple[str, str]:
    return row[0], row[1]["name"]


def _age(row: Row) -> tuple[str, str]:
    return row[1].get("creationTimestamp", ""), row[1]["name"]


def _token(place: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(" ".join(place).encode()).decode()


def _untoken(token: str) -> tuple[str, str] | None:
    if not token:
        return None
    try:
        scope, name = base64.urlsafe_b64decode(token).decode().split(" ")
    except ValueError as error:
        raise invalid("pageToken", token, "The page token is not one of ours.") from error
    return scope, name


def _nothing(scope: str) -> Body:
    message = f"There are no results for scope '{scope}' on this page."
    data = [{"key": "scope", "value": scope}]
    return {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": message, "data": data}}
