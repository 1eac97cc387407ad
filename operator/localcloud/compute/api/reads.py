"""The paths of the API that only look."""

import re
from collections.abc import Iterator

from localcloud.compute import catalog, rates
from localcloud.compute.api import listing, render, render_catalog
from localcloud.compute.api.asked import SCOPES, Asked, Read, Route
from localcloud.compute.api.render import Body
from localcloud.compute.errors import invalid, not_found
from localcloud.compute.model import Compute

_INSTANCE = "zones/{zone}/instances/{name}"
_SERIAL_PORTS = ("1", "2", "3", "4")


def reads() -> Iterator[Route]:
    """The more special path comes first: the first that matches answers."""
    yield _get("", rates.READ, lambda model, asked: listing.project_body(model, asked.project))
    yield _get(f"{_INSTANCE}/serialPort", rates.READ, _serial_port)
    yield _get("global/images/family/{name}", rates.READ, _image_family)
    yield _get("zones/{zone}/imageFamilyViews/{name}", rates.READ, _image_family_view)
    for scope, collections in listing.SCOPED.items():
        for collection in collections:
            path = f"{SCOPES[scope]}{collection}"
            group = rates.OPERATION_READ if collection == "operations" else rates.READ
            yield _get(path, rates.LIST, _lister(scope, collection))
            yield _get(f"{path}/{{name}}", group, getter(scope, collection))
    for collection in listing.AGGREGATED:
        yield _get(f"aggregated/{collection}", rates.HEAVY, _aggregator(collection))


def _get(path: str, group: str, read: Read) -> Route:
    return Route("GET", path, group, read)


def _lister(scope: str, collection: str) -> Read:
    def read(model: Compute, asked: Asked) -> Body:
        query = listing.query(asked.query)
        return listing.page(model, asked.project, asked.scope(scope), collection, query)

    return read


def _aggregator(collection: str) -> Read:
    def read(model: Compute, asked: Asked) -> Body:
        return listing.aggregated(model, asked.project, collection, listing.query(asked.query))

    return read


def getter(scope: str, collection: str) -> Read:
    def read(model: Compute, asked: Asked) -> Body:
        return listing.get(model, asked.project, asked.scope(scope), collection, asked.name)

    return read


def _serial_port(model: Compute, asked: Asked) -> Body:
    start, port = asked.query.get("start", "0"), asked.query.get("port", "1")
    if not re.fullmatch(r"-?[0-9]{1,18}", start):
        raise invalid("start", start, "A whole number is expected.")
    if port not in _SERIAL_PORTS:
        raise invalid("port", port, "Must be 1 to 4.")
    instance = model.instances.get(asked.zone, asked.name)
    return render.serial_port(instance, asked.project, int(port), int(start))


def _image_family(_: Compute, asked: Asked) -> Body:
    return _image(asked, f"global/images/family/{asked.name}")


def _image_family_view(_: Compute, asked: Asked) -> Body:
    """The family as a zone offers it, which is the same in all; `-` stands for any."""
    if asked.zone != "-":
        catalog.check_zone(asked.zone)
    return {"image": _image(asked, f"zones/{asked.zone}/imageFamilyViews/{asked.name}")}


def _image(asked: Asked, path: str) -> Body:
    image = catalog.image(asked.project, path)
    if image is None:
        raise not_found(path)
    return render_catalog.image(image, asked.project)
