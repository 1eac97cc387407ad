"""A request to a node, as the API reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.elasticsearch.api.errors import ApiError
from localcloud.elasticsearch.api.parameters import seconds, true
from localcloud.elasticsearch.api.wire import separated
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.version import Version


@dataclass(frozen=True, slots=True)
class Request:
    """As it came over the wire; `path_qs` is the path with its query, as it was written."""

    method: str
    path: str
    path_qs: str
    query: Mapping[str, str]
    content_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """`node` is the node as it was when it was asked; `parts` are those of the path."""

    node: Node
    request: Request
    parts: Mapping[str, str]

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query

    @property
    def version(self) -> Version:
        return self.node.spec.dialect

    def true(self, name: str) -> bool:
        return true(self.query, name)

    def listed(self, part: str) -> list[str]:
        return separated(self.parts.get(part, ""))

    def seconds(self, *names: str) -> float:
        """Of the first of these parameters that was given, or the default."""
        name = next((one for one in names if one in self.query), names[0])
        return seconds(self.query.get(name), name, self.version)

    def json(self) -> dict[str, Any]:
        try:
            body = json.loads(self.request.text) if self.request.text else {}
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "parse_exception", f"Failed to parse: {error}") from error
        if not isinstance(body, dict):
            raise ApiError(400, "parse_exception", "the body is not an object")
        return body
