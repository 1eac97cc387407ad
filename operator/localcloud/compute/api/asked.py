"""A request as the API reads it, and what a path of the API is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.compute.api.render import Body
from localcloud.compute.model import Compute
from localcloud.compute.resources import Operation

SCOPES = {"zones": "zones/{zone}/", "regions": "regions/{region}/", "global": "global/", "": ""}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as the API reads it; `where` holds the names in its path."""

    project: str
    where: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None

    @property
    def name(self) -> str:
        return self.where["name"]

    @property
    def zone(self) -> str:
        return self.where.get("zone", "")

    @property
    def region(self) -> str:
        """Empty: global."""
        return self.where.get("region", "")

    def scope(self, kind: str) -> str:
        """zones | regions | global -> the one of that kind that is asked."""
        return f"{kind}/{self.zone or self.region}" if kind in ("zones", "regions") else kind

    @property
    def request_id(self) -> str:
        return self.query.get("requestId", "")


Read = Callable[[Compute, Asked], Body]
Write = Callable[[Compute, Asked], Operation]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is what follows the project; `group` counts its requests. A write answers with the
    operation that it began."""

    method: str
    path: str
    group: str
    answer: Callable[[Compute, Asked], Body | Operation]
    action: str = ""

    @property
    def waits(self) -> bool:
        return self.path.endswith("/wait")

    def match(self, segments: list[str]) -> Mapping[str, str] | None:
        """The names that a path puts in; None: it is another path."""
        wanted = self.path.split("/")
        if len(wanted) != len(segments):
            return None
        where = {}
        for one, given in zip(wanted, segments, strict=True):
            if one.startswith("{") and given:
                where[one[1:-1]] = given
            elif one != given:
                return None
        return where
