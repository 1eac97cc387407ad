"""Edits: what a new version of a document changes, path by path, and who wrote it. Pure."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from steersman.model.annotations import AUTHOR
from steersman.model.document import DocumentError, body

UNKNOWN = "unknown"  # whoever writes with etcdctl
PATHS_MAX = 20
TEXT_MAX = 120
# What may hold a secret: whole texts that are handed on, and whatever is called like one.
SECRET = re.compile(
    r"^(userData|content|value|variables|template)$|secret|password|passwd|token|credential|apikey",
    re.IGNORECASE,
)
HANDED_ON = "spec.metadata"  # of a pool, to its guests: keys and scripts are among it

Fields = Mapping[str, str]


def author_of(document: str) -> str:
    if "author" not in document:  # most are written with etcdctl, and reading takes its time
        return UNKNOWN
    found = _data(document).get("metadata")
    notes = found.get("annotations") if isinstance(found, Mapping) else None
    author = notes.get(AUTHOR) if isinstance(notes, Mapping) else None
    return _cut(author) if isinstance(author, str) else UNKNOWN


def changes(before: str, after: str) -> tuple[Fields, Fields]:
    """The fields that are not in both documents alike, as they were and as they are, at most
    PATHS_MAX of them; a hash stands for what may be secret."""
    old, new = _fields(before), _fields(after)
    paths = [path for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]
    shown = paths[:PATHS_MAX]
    return (
        {path: old[path] for path in shown if path in old},
        {path: new[path] for path in shown if path in new},
    )


def _fields(document: str) -> Fields:
    data = _data(document)
    parts = {part: data.get(part) for part in ("metadata", "spec")}
    return {path: text for path, text in _flat(parts, "", secret=False) if AUTHOR not in path}


def _data(document: str) -> Mapping[str, Any]:
    try:
        return body(document.encode()).data
    except DocumentError:  # of another release
        return {}


def _flat(value: Any, path: str, *, secret: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            place = f"{path}.{name}" if path else str(name)
            hidden = secret or place == HANDED_ON or bool(SECRET.search(str(name)))
            yield from _flat(each, place, secret=hidden)
    elif isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        for index, each in enumerate(value):
            yield from _flat(each, f"{path}[{index}]", secret=secret)
    elif value is not None:
        yield path, _told(value, secret=secret)


def _told(value: Any, *, secret: bool) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return f"sha256 {hashlib.sha256(text.encode()).hexdigest()}" if secret else _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}\u2026"
