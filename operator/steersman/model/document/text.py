"""Bytes of a store or a file become documents: JSON where they are JSON, else YAML."""

from collections.abc import Iterator
from json import JSONDecodeError

import yaml

from steersman.model.document.body import DOCUMENT_BYTES_MAX, Body
from steersman.model.document.from_json import json_body, json_fault, looks_like_json
from steersman.model.document.from_yaml import yaml_bodies
from steersman.model.document.problem import DocumentError, Problem


def bodies(content: bytes) -> tuple[Body, ...]:
    """All documents of a file or a value. DocumentError for what is no mapping or too large."""
    text, fault = _text(content), None
    if looks_like_json(text):
        fault = json_fault(text)
        if fault is None:
            return (json_body(text),)
    try:
        return yaml_bodies(text)
    except yaml.YAMLError as error:
        raise DocumentError(*_syntax_problems(error, fault)) from error


def body(content: bytes) -> Body:
    """The one document of a value."""
    found = bodies(content)
    if len(found) != 1:
        raise DocumentError(Problem(f"one document is expected here, not {len(found)}"))
    return found[0]


def _text(content: bytes) -> str:
    if len(content) > DOCUMENT_BYTES_MAX:
        msg = f"{len(content)} bytes; a document has at most {DOCUMENT_BYTES_MAX}"
        raise DocumentError(Problem(msg))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DocumentError(Problem("not UTF-8 text", line=line)) from error
    return text


def _syntax_problems(error: yaml.YAMLError, fault: JSONDecodeError | None) -> Iterator[Problem]:
    """In the words of the parsers, which quote nothing."""
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    column = f" (column {mark.column + 1})" if mark else ""
    yield Problem(f"not YAML: {said}{column}", line=mark.line + 1 if mark else None)
    if fault is not None:
        yield Problem(f"nor JSON: {fault.msg} (column {fault.colno})", line=fault.lineno)
