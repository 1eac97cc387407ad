"""Every path of the API that is served."""

from collections.abc import Mapping

from localcloud.compute.api.asked import Route
from localcloud.compute.api.reads import reads
from localcloud.compute.api.writes import writes
from localcloud.compute.errors import ApiError

ROUTES: tuple[Route, ...] = (*reads(), *writes())


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """The route of a path after its project, and the names in it."""
    segments = path.rstrip("/").split("/")
    found = [(route, where) for route in ROUTES if (where := route.match(segments)) is not None]
    for route, where in found:
        if route.method == method:
            return route, where
    if found:
        raise ApiError(405, "httpMethodNotAllowed", "Method Not Allowed")
    raise ApiError(404, "notFound", "Not Found")
