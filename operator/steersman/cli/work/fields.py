"""Explaining fields: type, default, bounds and meaning of each, from the spec models."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steersman.cli.exits import NotFoundError
from steersman.cli.given import Given, Output
from steersman.cli.show.plain import print_data
from steersman.cli.show.terminal import Table, Terminal
from steersman.cli.work.references import kind_named
from steersman.cli.work.schemas import document_schema
from steersman.model.document import nearest

COLUMNS = ("FIELD", "TYPE", "DEFAULT", "WHAT")
REQUIRED = "(required)"
NO_DEFAULT = "-"
DEFAULT_CHARACTERS_MAX = 24  # a longer one is a structure, whose own fields tell it
BOUNDS = (("minimum", "at least"), ("maximum", "at most"), ("pattern", "matching"))

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Explained:
    """`schema` is that of one field, `definitions` what it refers to."""

    path: str
    schema: Schema
    definitions: Mapping[str, Schema]
    required: bool

    @property
    def about(self) -> str:
        """What is said of the field itself, or of what it is made of."""
        own: str | None = self.schema.get("description")
        return own or next(filter(None, (each.get("description") for each in self._objects())), "")

    @property
    def type(self) -> str:
        return _type(self.schema, self.definitions)

    @property
    def default(self) -> str:
        if self.required:
            return REQUIRED
        value = self.schema.get("default")
        shown = value if isinstance(value, str) else _plain(value)
        return shown if shown and len(shown) <= DEFAULT_CHARACTERS_MAX else NO_DEFAULT

    @property
    def bounds(self) -> str:
        told = [f"{word} {self.schema[name]}" for name, word in BOUNDS if name in self.schema]
        return ", ".join(told)

    def fields(self) -> tuple["Explained", ...]:
        return tuple(
            Explained(name, field, self.definitions, name in each.get("required", ()))
            for each in self._objects()
            for name, field in each.get("properties", {}).items()
        )

    def field(self, name: str) -> "Explained | None":
        found = next((each for each in self.fields() if each.path == name), None)
        if found is None:
            return None
        return Explained(f"{self.path}.{name}", found.schema, self.definitions, found.required)

    def _objects(self) -> Iterator[Schema]:
        """The mappings that the field may hold, itself or in a list."""
        open_ones = [self.schema]
        while open_ones:
            each = _resolved(open_ones.pop(), self.definitions)
            open_ones += [*each.get("anyOf", ()), *each.get("oneOf", ()), *_inside(each)]
            if each.get("type") == "object":
                yield each


def explain(given: Given, what: str) -> None:
    """NotFoundError names the field that there is not, and the nearest one."""
    kind, *names = what.split(".")
    found = _found(kind_named(kind), names)
    if given.output in (Output.JSON, Output.YAML):
        print_data(_view(found), given.output)
        return
    terminal = Terminal(given)
    for line in _heading(found):
        terminal.line(line)
    if found.fields():
        terminal.line("")
        terminal.table(Table(COLUMNS, [_row(each) for each in found.fields()]))


def _found(kind: str, names: Sequence[str]) -> Explained:
    schema = document_schema(kind)
    at = Explained(kind, schema, schema.get("$defs", {}), required=False)
    if names and at.field(names[0]) is None:  # what stands in the spec need not say so
        names = ["spec", *names]
    for name in names:
        below = at.field(name)
        if below is None:
            raise NotFoundError(_unknown(at, name))
        at = below
    return at


def _unknown(at: Explained, name: str) -> str:
    hint = nearest(name, [each.path for each in at.fields()])
    return f"{at.path} has no field {name!r}" + (f" (did you mean {hint}?)" if hint else "")


def _heading(found: Explained) -> Iterator[str]:
    default = "" if found.default in (REQUIRED, NO_DEFAULT) else f", {found.default} by default"
    bounds = f", {found.bounds}" if found.bounds else ""
    yield f"{found.path}: {found.type}{default}{bounds}" + (" (required)" * found.required)
    if found.about:
        yield found.about


def _row(field: Explained) -> tuple[str, ...]:
    about = f"{field.about} ({field.bounds})" if field.bounds else field.about
    return (field.path, field.type, field.default, about)


def _view(found: Explained) -> dict[str, Any]:
    return {
        "path": found.path,
        "type": found.type,
        "required": found.required,
        "default": found.schema.get("default"),
        "description": found.about,
        "fields": [_view(each) for each in found.fields()],
    }


def _type(schema: Schema, definitions: Mapping[str, Schema]) -> str:
    at = _resolved(schema, definitions)
    options = [*at.get("anyOf", ()), *at.get("oneOf", ())]
    if options and "type" not in at:
        told = [_type(each, definitions) for each in options]
        return " or ".join(each for each in told if each != "null")
    if "const" in at:
        return str(at["const"])
    if "enum" in at:
        return "|".join(map(str, at["enum"]))
    return _container(at, definitions)


def _container(at: Schema, definitions: Mapping[str, Schema]) -> str:
    inside = [_type(each, definitions) for each in _inside(at)]
    word = "list" if at.get("type") == "array" else "map"
    return f"{word} of {inside[0]}" if inside else str(at.get("type", "any"))


def _inside(at: Schema) -> list[Schema]:
    """What a list or a map is made of."""
    values = at.get("items") or at.get("additionalProperties")
    return [values] if isinstance(values, Mapping) else []


def _resolved(schema: Schema, definitions: Mapping[str, Schema]) -> Schema:
    reference = schema.get("$ref")
    return definitions[reference.rpartition("/")[2]] if reference else schema


def _plain(value: Any) -> str:
    if value is None or value in ({}, [], ()):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
