"""Google's own description of the API, as the judge of what the local one answers."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Schema = dict[str, Any]

SUCCESS = 200

_WHOLE = re.compile(r"-?[0-9]+")


@cache
def _document() -> dict[str, Any]:
    path = files("googleapiclient") / "discovery_cache" / "documents" / "compute.v1.json"
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def violations(body: object, schema_name: str) -> list[str]:
    """Unknown fields, wrong types and unknown words of an answer; empty: it conforms."""
    return list(_check(body, {"$ref": schema_name}, schema_name))


@dataclass(frozen=True, slots=True)
class Method:
    """Of the API: `path` has its parameters in braces; `reply` is a schema, or empty."""

    http: str
    path: str
    reply: str

    def fits(self, http: str, path: str) -> bool:
        pattern = re.sub(r"\{\w+\}", "[^/]+", self.path)
        return http == self.http and re.fullmatch(pattern, path) is not None


@cache
def methods() -> dict[str, Method]:
    """By their ids: `instances.setLabels`."""
    return {
        f"{resource}.{name}": Method(
            method["httpMethod"], method["flatPath"], method.get("response", {}).get("$ref", "")
        )
        for resource, body in _document()["resources"].items()
        for name, method in body["methods"].items()
    }


@cache
def method(http: str, path: str) -> Method | None:
    """The most special one: a name may look like a word of another path."""
    fitting = (one for one in methods().values() if one.fits(http, path))
    return min(fitting, key=lambda one: one.path.count("{"), default=None)


def wrong_reply(http: str, path: str, status: int, body: object) -> list[str]:
    """What is wrong with a reply of any kind; `path` begins with the project."""
    if status != SUCCESS:
        return list(_wrong_error(status, body))
    known = method(http, path)
    if known is None:
        return [f"{http} {path} is not of the API"]
    if not known.reply:
        return [f"{body!r} is not empty"] if body else []
    return violations(body, known.reply)


def _wrong_error(status: int, body: object) -> Iterator[str]:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or error.get("code") != status:
        yield f"{body!r} is no error {status}"
        return
    for one in error.get("errors", [{}]):
        if not {"message", "domain", "reason"} <= one.keys() or one["message"] != error["message"]:
            yield f"{one!r} does not tell why"


def _check(value: object, schema: Schema, where: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = _document()["schemas"][schema["$ref"]]
    kind = schema.get("type")
    if kind == "object":
        yield from _check_object(value, schema, where)
    elif kind == "array":
        yield from _check_array(value, schema, where)
    elif kind != "any" and not _is(kind, schema.get("format"), value):
        yield f"{where}: {value!r} is no {kind} ({schema.get('format', 'plain')})"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not one of the words allowed"


def _check_object(value: object, schema: Schema, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no object"
        return
    known = schema.get("properties", {})
    for name, inner in value.items():
        rule = known.get(name, schema.get("additionalProperties"))
        if rule is None:
            yield f"{where}.{name}: unknown field"
        else:
            yield from _check(inner, rule, f"{where}.{name}")


def _check_array(value: object, schema: Schema, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: {value!r} is no array"
        return
    for index, inner in enumerate(value):
        yield from _check(inner, schema["items"], f"{where}[{index}]")


def _is(kind: object, form: object, value: object) -> bool:
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str) and _has_form(form, value)
    return False


def _has_form(form: object, value: str) -> bool:
    if form in ("int64", "uint64"):
        return _WHOLE.fullmatch(value) is not None
    if form == "byte":
        return bool(base64.urlsafe_b64decode(value))
    return True
