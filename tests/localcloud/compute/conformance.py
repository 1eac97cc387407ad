"""Google's own description of the API, as the judge of what the local one answers."""

import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

Schema = dict[str, Any]

_WHOLE = re.compile(r"-?[0-9]+")


@cache
def _document() -> dict[str, Any]:
    path = files("googleapiclient") / "discovery_cache" / "documents" / "compute.v1.json"
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def violations(body: object, schema_name: str) -> list[str]:
    """Unknown fields, wrong types and unknown words of an answer; empty: it conforms."""
    return list(_check(body, {"$ref": schema_name}, schema_name))


def paths() -> set[str]:
    """Every `METHOD path` of the API."""
    return {
        f"{method['httpMethod']} {method['flatPath']}"
        for resource in _document()["resources"].values()
        for method in resource["methods"].values()
    }


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
