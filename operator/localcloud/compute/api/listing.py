"""Lists: what a collection holds, filtered, in order, page by page; per scope or over all."""

import base64
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.compute import quotas
from localcloud.compute.api import filters, render, render_catalog
from localcloud.compute.api.instants import sortable
from localcloud.compute.api.render import Body
from localcloud.compute.catalog import (
    REGIONS,
    ZONES,
    Region,
    check_region,
    check_zone,
    disk_types,
    images,
    machine_types,
)
from localcloud.compute.errors import invalid, not_found
from localcloud.compute.links import link, singular
from localcloud.compute.model import Compute
from localcloud.compute.networks import NETWORKS, routes, subnetworks
from localcloud.compute.resources import Address, Instance

PAGE_MAX = 500

# The collections of each scope; "" is for those that are scopes themselves.
SCOPED: Mapping[str, tuple[str, ...]] = {
    "zones": ("diskTypes", "disks", "instances", "machineTypes", "operations"),
    "regions": ("addresses", "operations", "subnetworks"),
    "global": ("addresses", "firewalls", "images", "networks", "operations", "routes"),
    "": ("regions", "zones"),
}
AGGREGATED = (
    "addresses",
    "diskTypes",
    "disks",
    "instances",
    "machineTypes",
    "operations",
    "subnetworks",
)

_NEWEST_FIRST = "creationTimestamp desc"

Row = tuple[str, Body]  # the scope of a resource, and the resource as it is written


@dataclass(frozen=True, slots=True)
class Collection:
    """`held` is all that there is, over all scopes, of things with a name, an id and a scope."""

    held: Callable[[Compute, str], Iterable[Any]]
    render: Callable[[Compute, Any, str], Body]


def _plain(render: Callable[[Any, str], Body]) -> Callable[[Compute, Any, str], Body]:
    """For what is written without a look at the rest of the project."""
    return lambda _, one, project: render(one, project)


def _region(compute: Compute, one: Region, project: str) -> Body:
    return render_catalog.region(one, quotas.regional(compute.state, one.name), project)


def _instance(compute: Compute, one: Instance, project: str) -> Body:
    return render.instance(one, compute.state.disks, project)


def _address(compute: Compute, one: Address, project: str) -> Body:
    return render.address(one, compute.addresses.user(one), project)


_COLLECTIONS: Mapping[str, Collection] = {
    "addresses": Collection(lambda compute, _: compute.state.addresses.values(), _address),
    "diskTypes": Collection(lambda _, __: disk_types(), _plain(render_catalog.disk_type)),
    "disks": Collection(lambda compute, _: compute.state.disks.values(), _plain(render.disk)),
    "firewalls": Collection(
        lambda compute, _: compute.state.firewalls.values(), _plain(render.firewall)
    ),
    "images": Collection(lambda _, project: images(project), _plain(render_catalog.image)),
    "instances": Collection(lambda compute, _: compute.instances.listed(), _instance),
    "machineTypes": Collection(lambda _, __: machine_types(), _plain(render_catalog.machine_type)),
    "networks": Collection(lambda _, __: NETWORKS.values(), _plain(render_catalog.network)),
    "operations": Collection(
        lambda compute, _: compute.operations.listed(), _plain(render.operation)
    ),
    "regions": Collection(lambda _, __: REGIONS.values(), _region),
    "routes": Collection(lambda compute, _: routes(compute.network), _plain(render_catalog.route)),
    "subnetworks": Collection(
        lambda compute, _: subnetworks(compute.network), _plain(render_catalog.subnetwork)
    ),
    "zones": Collection(lambda _, __: ZONES.values(), _plain(render_catalog.zone)),
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
    if not re.fullmatch(r"[0-9]{1,9}", limit) or int(limit) > PAGE_MAX:
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
    return _COLLECTIONS[collection].render(compute, one, project)


def page(compute: Compute, project: str, scope: str, collection: str, asked: Query) -> Body:
    _check_scope(scope)
    path = f"{scope}/{collection}".removeprefix("/")
    chosen, token = _cut(_rows(compute, project, collection, {scope}), asked)
    body = _list_head(f"{singular(collection)}List", path, project)
    if chosen:
        body["items"] = [item for _, item in chosen]
    return body | token


def aggregated(compute: Compute, project: str, collection: str, asked: Query) -> Body:
    """Every scope is there; one that has nothing on this page says so in a warning, and one that
    does not answer says that: then nobody knows what it holds."""
    silent = [f"zones/{zone}" for zone in ZONES if compute.door.unreachable(zone)]
    scopes = _scopes(collection)
    rows = _rows(compute, project, collection, scopes.difference(silent))
    chosen, token = _cut(rows, asked)
    found: dict[str, list[Body]] = {}
    for scope, item in chosen:
        found.setdefault(scope, []).append(item)
    items: Body = {scope: _nothing(scope) for scope in sorted(scopes)}
    items |= {scope: {collection: those} for scope, those in found.items()}
    items |= {scope: _unreachable(scope) for scope in silent if scope in items}
    head = _list_head(f"{singular(collection)}AggregatedList", f"aggregated/{collection}", project)
    return {**head, "items": items, **token}


def project_body(compute: Compute, project: str) -> Body:
    return render_catalog.project_body(project, quotas.of_project(compute.state))


def _rows(compute: Compute, project: str, collection: str, scopes: Container[str]) -> list[Row]:
    kind = _COLLECTIONS[collection]
    held = (one for one in kind.held(compute, project) if one.scope in scopes)
    return [(one.scope, kind.render(compute, one, project)) for one in held]


def _list_head(kind: str, path: str, project: str) -> Body:
    return {
        "kind": f"compute#{kind}",
        "id": f"projects/{project}/{path}",
        "selfLink": link(project, path),
    }


def _scopes(collection: str) -> set[str]:
    """Where a collection can have anything."""
    scopes = {
        "zones": [f"zones/{zone}" for zone in ZONES],
        "regions": [f"regions/{region}" for region in REGIONS],
        "global": ["global"],
    }
    return {one for kind, those in scopes.items() if collection in SCOPED[kind] for one in those}


def _check_scope(scope: str) -> None:
    kind, _, name = scope.partition("/")
    if kind == "zones":
        check_zone(name)
    if kind == "regions":
        check_region(name)


def _find(compute: Compute, project: str, scope: str, collection: str, name: str) -> Any:
    place = scope.partition("/")[2]
    match collection:
        case "addresses":
            return compute.addresses.get(place, name)
        case "disks":
            return compute.disks.get(place, name)
        case "firewalls":
            return compute.firewalls.get(name)
        case "instances":
            return compute.instances.get(place, name)
        case "operations":
            return compute.operations.get(scope, name)
    path = f"{scope}/{collection}/{name}".removeprefix("/")
    return _offered(path, _COLLECTIONS[collection].held(compute, project), scope, name)


def _offered(path: str, ones: Iterable[Any], scope: str, name: str) -> Any:
    for one in ones:
        if one.scope == scope and name in (one.name, one.id):
            return one
    raise not_found(path)


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
    body = row[1]
    return sortable(body.get("creationTimestamp") or body.get("insertTime", "")), body["name"]


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


def _unreachable(scope: str) -> Body:
    message = f"The scope '{scope}' is not reachable."
    data = [{"key": "scope", "value": scope}]
    return {"warning": {"code": "UNREACHABLE", "message": message, "data": data}}
