"""Documents in YAML, of which no more is read than documents need: no tags, no odd numbers."""

import re
from collections.abc import Iterable
from typing import Any

import yaml

from steersman.model.document.body import DEPTH_MAX, NODES_MAX, Body, Places
from steersman.model.document.problem import DocumentError, Path, Problem, spell

ALIASES_MAX = 100

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAGS = "tag:yaml.org,2002:"
_COLLECTIONS = (f"{_TAGS}map", f"{_TAGS}seq")
_NUMBERS = (f"{_TAGS}int", f"{_TAGS}float")
_MERGE = f"{_TAGS}merge"
# What YAML sees in a date, in = and in <<, where no quotes say that they are text: they are.
_TEXT = (f"{_TAGS}str", f"{_TAGS}timestamp", f"{_TAGS}value", _MERGE)
_READ = frozenset({*_COLLECTIONS, *_NUMBERS, *_TEXT, f"{_TAGS}bool", f"{_TAGS}null"})
_NAMED = ("binary", "omap", "pairs", "set")  # any other tag may be a password that begins with !
# To YAML 0600 is 384, 1:30 is 90 and 0x10 is 16; nobody else may have meant that.
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?")


def yaml_bodies(text: str) -> tuple[Body, ...]:
    """All documents of the text. YAMLError: it is no YAML."""
    _limit(yaml.parse(text, Loader=Loader))
    nodes = [node for node in yaml.compose_all(text, Loader=Loader) if not _empty(node)]
    return tuple(_body(node) for node in nodes)


def _limit(events: Iterable[yaml.Event]) -> None:
    """Refuse what would take long or deep to load, before anything is loaded."""
    depth = aliases = 0
    for count, event in enumerate(events):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        aliases += isinstance(event, yaml.AliasEvent)
        limits = {"nested deeper than": (depth, DEPTH_MAX), "more values than": (count, NODES_MAX)}
        limits["more aliases than"] = (aliases, ALIASES_MAX)
        for what, (value, limit) in limits.items():
            if value > limit:
                line = event.start_mark.line + 1 if event.start_mark else None
                raise DocumentError(Problem(f"{what} {limit}", line=line))


def _empty(node: yaml.Node | None) -> bool:
    """Nothing, or a comment, between two document marks."""
    return node is None or (isinstance(node, yaml.ScalarNode) and not node.value)


def _body(node: yaml.Node) -> Body:
    if not isinstance(node, yaml.MappingNode):
        raise DocumentError(Problem("a document is a mapping with `spec`", line=_line(node)))
    reading = _Reading()
    data = reading.value(node, ())
    return Body(data, reading.places.lines)


class _Reading:
    """Turns nodes into plain data; aliased values count each time."""

    def __init__(self) -> None:
        self.places = Places()
        self._scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path) -> Any:
        holds_more = isinstance(node, yaml.CollectionNode)
        self.places.put(path, _line(node), holds_more=holds_more)
        if node.tag not in _READ or holds_more != (node.tag in _COLLECTIONS):
            raise self.places.refused(_unread(node.tag), path)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, at)) for at, each in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in node.value:
            line = _line(name)
            if said := _misnamed(name):
                raise DocumentError(Problem(said, spell(path), line))
            key: str = name.value
            self.places.refuse_repeated(found, key, path, line)
            found[key] = self.value(value, (*path, key))
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag in _TEXT:
            return node.value
        if node.tag in _NUMBERS:
            self._refuse_odd_number(node.value, path)
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError) as error:  # as at `!!bool maybe`
            raise self.places.refused("not what its tag says", path) from error

    def _refuse_odd_number(self, number: str, path: Path) -> None:
        self.places.refuse_long(number, path)
        if not _DECIMAL.fullmatch(number):
            raise self.places.refused("a number is decimal; text needs quotes", path)


def _misnamed(name: yaml.Node) -> str | None:
    """What is wrong with the name of a field."""
    if not isinstance(name, yaml.ScalarNode):
        return "a field name is a plain word"
    if name.tag == _MERGE:
        return "YAML's merge key << is not read here: an alias stands for a whole mapping"
    return None if name.tag in _READ else _unread(name.tag)


def _unread(tag: str) -> str:
    word = tag.removeprefix(_TAGS)
    named = f"!!{word}" if word in _NAMED else "this tag"
    return f"{named} is not read here; text that begins with ! needs quotes"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
