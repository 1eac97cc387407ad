"""Answers before they are sent, and those that every handler can give."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from localcloud.elasticsearch.api.errors import ApiError
from localcloud.elasticsearch.api.wire import filtered, separated
from localcloud.elasticsearch.version import Version

JSON = "application/json; charset=UTF-8"
PLAIN = "text/plain; charset=UTF-8"
YAML = "application/yaml"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    content_type: str
    text: str = ""


def reply(body: Any, status: int, query: Mapping[str, str]) -> Reply:
    paths = separated(query.get("filter_path", ""))
    if paths and isinstance(body, dict):
        body = filtered(body, paths)
    if query.get("format") == "yaml":
        return Reply(status, YAML, "---\n" + yaml.safe_dump(body, sort_keys=False))
    indent = 2 if query.get("pretty", "false") != "false" else None
    return Reply(status, JSON, json.dumps(body, indent=indent))


def plain(text: str, status: int = 200) -> Reply:
    return Reply(status, PLAIN, text)


def empty(version: Version, status: int = 200) -> Reply:
    return Reply(status, JSON if version.modern else PLAIN)


def refused(error: ApiError, version: Version) -> Reply:
    return reply(error.body(version), error.status, {})


def unsupported(content_type: str) -> Reply:
    error = f"Content-Type header [{content_type}] is not supported"
    return reply({"error": error, "status": 406}, 406, {})


def no_handler(method: str, path_qs: str, allowed: Iterable[str], version: Version) -> Reply:
    """The modern family tells which methods the path has."""
    if not version.modern:
        return plain(f"No handler found for uri [{path_qs}] and method [{method}]", 400)
    if not allowed:
        error = f"no handler found for uri [{path_qs}] and method [{method}]"
        return reply({"error": error}, 400, {})
    methods = ", ".join(sorted(allowed))
    error = f"Incorrect HTTP method for uri [{path_qs}] and method [{method}], allowed: [{methods}]"
    return reply({"error": error, "status": 405}, 405, {})
