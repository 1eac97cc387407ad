"""Documents: bytes of a store or a file become plain data with line numbers, or named problems."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from steersman.model.errors import SteersmanError

DOCUMENT_BYTES_MAX = 256 * 1024
DEPTH_MAX = 32
NODES_MAX = 20_000
ALIASES_MAX = 100
NUMBER_CHARACTERS_MAX = 100  # a longer one takes long to read, and may not be written again
PROBLEMS_MAX = 20

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]

_TAGS = "tag:yaml.org,2002:"
_NUMBERS = (f"{_TAGS}int", f"{_TAGS}float")
_TIMESTAMP = f"{_TAGS}timestamp"
_REPEATED = "the key {key!r} stands here twice"
_PYDANTIC_SAYS = {
    "extra_forbidden": "unknown field",
    "missing": "required, but missing",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: `line` counts from 1, `path` is like spec.zones[0]."""

    message: str
    path: str = ""
    line: int | None = None
    did_you_mean: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        place = [self.file, None if self.line is None else f"line {self.line}", self.path]
        hint = f" (did you mean {self.did_you_mean}?)" if self.did_you_mean else ""
        return ": ".join([*(each for each in place if each), self.message + hint])


class DocumentError(SteersmanError):
    """A document that cannot be accepted, with all that is wrong with it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems[:PROBLEMS_MAX])))
        self.problems = problems[:PROBLEMS_MAX]

    def in_file(self, file: str) -> "DocumentError":
        return DocumentError(*(replace(each, file=file) for each in self.problems))


@dataclass(frozen=True, slots=True)
class Body:
    """The plain data of one document, and the line of each of its values."""

    data: Mapping[str, Any]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of a value, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def bodies(content: bytes) -> tuple[Body, ...]:
    """All documents of a file or a value. DocumentError for what is no mapping or too large."""
    text = _text(content)
    try:
        _limit(yaml.parse(text, Loader=Loader))
        nodes = [node for node in yaml.compose_all(text, Loader=Loader) if not _empty(node)]
    except yaml.YAMLError as error:
        raise DocumentError(_syntax_problem(error)) from error
    return tuple(_body(node) for node in nodes)


def body(content: bytes) -> Body:
    """The one document of a value."""
    found = bodies(content)
    if len(found) != 1:
        raise DocumentError(Problem(f"one document is expected here, not {len(found)}"))
    return found[0]


def spell(path: Iterable[str | int]) -> str:
    """A path as people write it: spec.zones[0]."""
    parts = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return "".join(parts).lstrip(".")


def nearest(word: str, words: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)), None)


def problems_of(
    error: ValidationError, model: type[BaseModel], around: Path, lines: Body
) -> Iterator[Problem]:
    """What pydantic found first, in our words. `around` is where `model` stands in the document."""
    for each in islice(error.errors(include_url=False, include_input=False), PROBLEMS_MAX):
        where = (*around, *_data_path(each["loc"], lines.data, around))
        unknown = each["type"] == "extra_forbidden"
        hint = nearest(str(each["loc"][-1]), _fields(model, each["loc"][:-1])) if unknown else None
        said = _PYDANTIC_SAYS.get(each["type"], each["msg"].removeprefix("Value error, "))
        yield Problem(said, spell(where), lines.line(where), hint)


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


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or str(error)
    column = f" (column {mark.column + 1})" if mark else ""
    return Problem(f"not YAML: {said}{column}", line=mark.line + 1 if mark else None)


def _empty(node: yaml.Node | None) -> bool:
    """Nothing, or a comment, between two document marks."""
    return node is None or (isinstance(node, yaml.ScalarNode) and not node.value)


def _body(node: yaml.Node) -> Body:
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise DocumentError(Problem("a document is a mapping with `spec`", line=line))
    building = _Building()
    data = building.value(node, ())
    return Body(data, building.lines)


class _Building:
    """Turns YAML nodes into plain data, remembering lines; aliased values count each time."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self._scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if len(path) > DEPTH_MAX or len(self.lines) > NODES_MAX:
            msg = f"more than {NODES_MAX} values, or nested deeper than {DEPTH_MAX}"
            raise DocumentError(Problem(msg, spell(path), self.lines[path]))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, at)) for at, each in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in node.value:
            key = name.value if isinstance(name, yaml.ScalarNode) else None
            line = name.start_mark.line + 1
            if not isinstance(key, str):
                raise DocumentError(Problem("a field name is a plain word", spell(path), line))
            if key in found:
                raise DocumentError(Problem(_REPEATED.format(key=key), spell(path), line))
            found[key] = self.value(value, (*path, key))
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if node.tag == _TIMESTAMP:  # a date in quotes' absence is still text
            return node.value
        if node.tag in _NUMBERS and len(node.value) > NUMBER_CHARACTERS_MAX:
            msg = f"a number of more than {NUMBER_CHARACTERS_MAX} characters"
            raise DocumentError(Problem(msg, spell(path), self.lines[path]))
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError) as error:
            raise DocumentError(
                Problem(_misread(node, error), spell(path), self.lines[path])
            ) from error


def _misread(node: yaml.Node, error: Exception) -> str:
    """What a tag, or the look of a value, promises and the value does not keep."""
    if isinstance(error, LookupError):  # how PyYAML fails at `!!bool maybe` and `!!int ""`
        return f"{node.value!r} is no {node.tag.removeprefix(_TAGS)}"
    return getattr(error, "problem", None) or str(error)


def _data_path(loc: tuple[str | int, ...], data: Any, around: Path) -> Iterator[str | int]:
    """pydantic's loc without what it adds for itself (names of union members, validators)."""
    for each in around:
        data = data.get(each, {}) if isinstance(data, Mapping) else {}
    for at, each in enumerate(loc):
        last = at == len(loc) - 1
        if isinstance(data, Mapping) and (each in data or last):
            yield each
            data = data.get(each) if isinstance(each, str) else None
        elif isinstance(data, list) and isinstance(each, int):
            yield each
            data = data[each] if each < len(data) else None


def _fields(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The field names that are known at a place below a model."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    at = [schema]
    for each in loc:
        at = [down for here in at for down in _below(_resolved(here, definitions), each)]
    return [name for here in at for name in _properties(here, definitions)]


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[dict[str, Any]]:
    options = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return [
        definitions[each["$ref"].rsplit("/", 1)[-1]] if "$ref" in each else dict(each)
        for each in options
    ]


def _below(options: list[dict[str, Any]], each: str | int) -> Iterator[dict[str, Any]]:
    for schema in options:
        if isinstance(each, int) and isinstance(schema.get("items"), dict):
            yield schema["items"]
        elif each in schema.get("properties", {}):
            yield schema["properties"][each]


def _properties(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    for option in _resolved(schema, definitions):
        yield from option.get("properties", {})
