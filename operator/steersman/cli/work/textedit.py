"""Editing a document within its own text: all other bytes stay as somebody wrote them."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from steersman.cli.show.plain import yaml_text
from steersman.model.document import Body, DocumentError, Problem, body, spell


def with_value(content: bytes, path: Sequence[str], value: Any) -> bytes:
    """The document with this value at this path, in YAML and in JSON. DocumentError: it cannot be
    read, or has something else than a mapping on the way."""
    before = body(content)
    _refuse_scalars(before, path)
    wanted = _set(before.data, path, value)
    if wanted == before.data:
        return content
    text = content.decode("utf-8-sig")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:  # there is JSON that YAML cannot read: tabs, halves of characters
        return json.dumps(wanted, indent=2, ensure_ascii=False).encode()
    assert isinstance(root, yaml.MappingNode), "it was read as a mapping"
    edited = _edited(text, root, path, value).encode()
    # what aliases make of an edit shows only when it is read again
    return edited if _says(edited, wanted) else yaml_text(wanted).encode()


def _refuse_scalars(before: Body, path: Sequence[str]) -> None:
    data: Any = before.data
    for depth, name in enumerate(path[:-1], start=1):
        data = data.get(name) or {}
        if not isinstance(data, Mapping):
            line = before.line(tuple(path[:depth]))
            raise DocumentError(Problem("a mapping is expected here", spell(path[:depth]), line))


def _set(data: Mapping[str, Any] | None, path: Sequence[str], value: Any) -> Mapping[str, Any]:
    name, *rest = path
    known = data or {}
    return {**known, name: _set(known.get(name), rest, value) if rest else value}


def _says(content: bytes, wanted: object) -> bool:
    try:
        return body(content).data == wanted
    except DocumentError:
        return False


def _edited(text: str, mapping: yaml.MappingNode, path: Sequence[str], value: Any) -> str:
    name, rest = path[0], path[1:]
    child = next((node for key, node in mapping.value if key.value == name), None)
    if child is None:
        return _with_entry(text, mapping, path, value)
    if rest and isinstance(child, yaml.MappingNode):
        return _edited(text, child, rest, value)
    return _replaced(text, child, _flow(rest, value, json.dumps))


def _flow(path: Sequence[str], value: Any, spelled: Callable[[str], str]) -> str:
    """The value, within mappings for what is left of its path."""
    text = json.dumps(value, ensure_ascii=False)
    for name in reversed(path):
        text = f"{{{spelled(name)}: {text}}}"
    return text


def _with_entry(text: str, mapping: yaml.MappingNode, path: Sequence[str], value: Any) -> str:
    """The text with one more entry, the first, of a mapping; in the flow style it may be JSON."""
    start, spelled = mapping.start_mark.index, json.dumps if mapping.flow_style else str
    entry = f"{spelled(path[0])}: {_flow(path[1:], value, spelled)}"
    if mapping.flow_style:
        comma = ", " if mapping.value else ""
        return f"{text[: start + 1]}{entry}{comma}{text[start + 1 :]}"
    return f"{text[:start]}{entry}\n{' ' * mapping.start_mark.column}{text[start:]}"


def _replaced(text: str, node: yaml.Node, value: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    gap = "" if text[start - 1 : start].isspace() else " "
    return f"{text[:start]}{gap}{value}{text[end:]}"
