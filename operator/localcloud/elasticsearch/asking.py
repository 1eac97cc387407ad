"""A request to a node, and the answers that every handler can give."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from aiohttp import web

from localcloud.elasticsearch.errors import ApiError, illegal
from localcloud.elasticsearch.health import seconds
from localcloud.elasticsearch.process import Node
from localcloud.elasticsearch.routes import COMMON, Found
from localcloud.elasticsearch.version import Version
from localcloud.elasticsearch.wire import filtered

MASTER_TIMEOUTS = ("master_timeout", "cluster_manager_timeout")
CONTENT_TYPES = frozenset({"application/json", "application/yaml", "application/x-ndjson"})


@dataclass(frozen=True, slots=True)
class Asked:
    """`node` is the node as it was when it was asked; `parts` are those of the path."""

    node: Node
    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    text: str

    @property
    def version(self) -> Version:
        return self.node.spec.dialect

    def true(self, name: str) -> bool:
        return self.query.get(name, "false") not in {"false", "0", "no", "off"}

    def listed(self, part: str) -> list[str]:
        return [name for name in self.parts.get(part, "").split(",") if name]

    def seconds(self, *names: str) -> float:
        """Of the first of these parameters that was given, or the default."""
        name = next((one for one in names if one in self.query), names[0])
        return seconds(self.query.get(name), name, self.version)

    def json(self) -> dict[str, Any]:
        try:
            body = json.loads(self.text) if self.text else {}
        except (ValueError, RecursionError) as error:
            raise ApiError(400, "parse_exception", f"Failed to parse: {error}") from error
        if not isinstance(body, dict):
            raise ApiError(400, "parse_exception", "the body is not an object")
        return body


def refuse_unknown(found: Found, path: str, query: Mapping[str, str], version: Version) -> None:
    """1.x reads the parameters that it knows, and no others."""
    unknown = sorted(query.keys() - found.route.parameters - COMMON)
    if not version.modern or not unknown:
        return
    plural = "s" if len(unknown) > 1 else ""
    names = ", ".join(f"[{name}]" for name in unknown)
    msg = f"request [{path}] contains unrecognized parameter{plural}: {names}"
    raise illegal(msg)


def unsupported(request: web.Request, text: str, version: Version) -> str | None:
    """The Content-Type of a body that is refused for it."""
    if not version.modern or not text:
        return None
    given = request.headers.get("Content-Type", "")
    return None if given.partition(";")[0].strip() in CONTENT_TYPES else given


def reply(body: Any, status: int, query: Mapping[str, str]) -> web.Response:
    paths = [path for path in query.get("filter_path", "").split(",") if path]
    if paths and isinstance(body, dict):
        body = filtered(body, paths)
    if query.get("format") == "yaml":
        text = "---\n" + yaml.safe_dump(body, sort_keys=False)
        return web.Response(body=text.encode(), status=status, content_type="application/yaml")
    indent = 2 if query.get("pretty", "false") != "false" else None
    text = json.dumps(body, indent=indent)
    return web.Response(text=text, status=status, content_type="application/json", charset="UTF-8")


def plain(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/plain", charset="UTF-8")


def empty(version: Version, status: int = 200) -> web.Response:
    kind = "application/json" if version.modern else "text/plain"
    return web.Response(status=status, content_type=kind, charset="UTF-8")


def no_handler(
    method: str, path_qs: str, allowed: frozenset[str], version: Version
) -> web.Response:
    """The modern family tells which methods the path has."""
    if not version.modern:
        return plain(f"No handler found for uri [{path_qs}] and method [{method}]", 400)
    if not allowed:
        error = f"no handler found for uri [{path_qs}] and method [{method}]"
        return reply({"error": error}, 400, {})
    methods = ", ".join(sorted(allowed))
    error = f"Incorrect HTTP method for uri [{path_qs}] and method [{method}], allowed: [{methods}]"
    return reply({"error": error, "status": 405}, 405, {})
