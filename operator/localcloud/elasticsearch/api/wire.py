"""How values are written: addresses, nested names, columns, and the parts that were asked for."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from localcloud.elasticsearch.node import NodeSpec

Body = dict[str, Any]
Rows = Sequence[Mapping[str, str]]


def separated(text: str) -> list[str]:
    """What stands between commas, as it stands there."""
    return [word for word in text.split(",") if word]


def address(spec: NodeSpec, published: str) -> str:
    return published if spec.dialect.modern else f"inet[/{published}]"


def bound(spec: NodeSpec, published: str) -> Any:
    """Inside of its container a node is bound to all addresses."""
    port = published.rpartition(":")[2]
    return [f"0.0.0.0:{port}"] if spec.dialect.modern else f"inet[/0:0:0:0:0:0:0:0:{port}]"


def build_hash(version: str) -> str:
    """Nobody compares it, but equal versions have equal ones."""
    return hashlib.sha256(version.encode()).hexdigest()[:40]


def flat(prefix: str, value: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """Nested and dotted names mean the same; values are kept as strings, null stays None."""
    pairs: list[tuple[str, str | None]] = []
    for name, inner in value.items():
        if isinstance(inner, dict):
            pairs += flat(f"{prefix}{name}.", inner)
        else:
            pairs.append((f"{prefix}{name}", _text(inner)))
    return pairs


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(str(item) for item in value)
    return str(value)


def nested(pairs: Mapping[str, str]) -> Body:
    """`a.b: c` as objects; a name that is both a value and a prefix stays dotted."""
    body: Body = {}
    for name, value in sorted(pairs.items()):
        *path, last = name.split(".")
        inner = body
        for step in path:
            inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner
        if isinstance(inner, dict):
            inner[last] = value
        else:
            body[name] = value
    return body


def filtered(body: Any, paths: Iterable[str]) -> Any:
    """What `filter_path` leaves: `a.b`, `*` for any name or part of one, `**` for any depth."""
    found = _kept(body, [path.split(".") for path in paths])
    return {} if found is None else found


def _kept(body: Any, paths: list[list[str]]) -> Any:
    if any(not path for path in paths):
        return body
    if isinstance(body, list):
        kept = [part for item in body if (part := _kept(item, paths)) is not None]
        return kept or None
    if not isinstance(body, dict):
        return body if any(path == ["**"] for path in paths) else None
    kept_items = {
        name: part
        for name, value in body.items()
        if (part := _kept(value, _below(name, paths)) if _below(name, paths) else None) is not None
    }
    return kept_items or None


def _below(name: str, paths: list[list[str]]) -> list[list[str]]:
    """What is still to be matched inside of a member of this name."""
    below: list[list[str]] = []
    for first, *rest in paths:
        if first == "**":
            below += [[first, *rest], *_below(name, [rest] if rest else [])]
        elif fnmatchcase(name, first):
            below.append(rest)
    return below


def text_table(rows: Rows, columns: Sequence[str], *, headed: bool, trailing: str) -> str:
    """As _cat prints it: columns padded to their widest cell; 1.x ends each line with a blank."""
    cells = [[row.get(column, "") for column in columns] for row in rows]
    if headed:
        cells.insert(0, list(columns))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    )
    return "".join(f"{line if trailing else line.rstrip()}{trailing}\n" for line in lines)
