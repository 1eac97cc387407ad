"""A request as HTTP carries it, alone or in a batch, what the API reads in it, and its reply."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import to_json

from localcloud.compute.api import partial
from localcloud.compute.api.asked import Asked
from localcloud.compute.errors import ApiError

NESTING_MAX = 100  # of a body
JSON_TYPE = "application/json; charset=utf-8"

_PATH = re.compile(r"/*(?:compute/v1/+)?projects/(?P<project>[^/]+)(?P<rest>/.*)?")


@dataclass(frozen=True, slots=True)
class Call:
    """`raw` is None where the body is larger than anybody reads."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # by whatever case
    raw: bytes | None = b""

    @property
    def verb(self) -> str:
        """What it asks for: a HEAD what a GET does, and a POST what it says, as a request does
        whose address grew too long."""
        if self.method == "POST":
            return self.headers.get("X-HTTP-Method-Override", "POST").upper()
        return "GET" if self.method == "HEAD" else self.method

    @property
    def caller(self) -> str:
        return self.headers.get("User-Agent", "")

    def content(self) -> bytes:
        """Raises ApiError where it is too large."""
        if self.raw is None:
            raise ApiError(413, "badRequest", "Request Entity Too Large")
        return self.raw

    def split(self) -> tuple[str, str]:
        """The project, and what follows it."""
        match = _PATH.fullmatch(self.path)
        if match is None:
            raise ApiError(404, "notFound", "Not Found")
        return match["project"], (match["rest"] or "").strip("/")

    def asked(self, project: str, where: Mapping[str, str]) -> Asked:
        raw = self.content()
        if self.method == "POST" and self.verb == "GET":  # the long address is in the body
            return Asked(project, where, dict(parse_qsl(raw.decode(errors="replace"))))
        return Asked(project, where, self.query, _json(raw))

    def mask(self, asked: Asked) -> partial.Mask:
        text = asked.query.get("fields", "") or self.headers.get("X-Goog-FieldMask", "")
        return partial.parse(text) if text else {}


@dataclass(frozen=True, slots=True)
class Reply:
    """`lost`: what was asked is done, but nobody is to hear of it."""

    status: int
    content: bytes
    lost: bool = False
    content_type: str = JSON_TYPE


def worded(error: ApiError, project: str) -> Reply:
    return Reply(error.status, json.dumps(error.body(project)).encode())


def _json(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return _writable(json.loads(raw, parse_constant=_no_json))
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "parseError", "Parse Error") from error


def _no_json(word: str) -> None:
    """NaN and Infinity, which Python takes."""
    raise ValueError(word)


def _writable(body: Any) -> Any:
    """Raises ValueError where it could not be written again, as half a surrogate pair could not."""
    to_json(body)
    if _depth(body) > NESTING_MAX:
        raise ValueError("it is nested too deeply")
    return body


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)
