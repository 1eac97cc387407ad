"""Unit files as go-systemd reads and writes them: fleet's hash depends on every byte."""

import hashlib
from collections.abc import Iterable, Iterator

from localcloud.seams import Option

LINE_BYTES_MAX = 2048  # of a value's line, its newline included


class UnitFileError(ValueError):
    """The text is no unit file; the message is the one that go-systemd gives."""


def serialise(options: Iterable[Option]) -> str:
    """Sections in order of first appearance, their options together in the given order."""
    sections: dict[str, list[Option]] = {}
    for option in options:
        sections.setdefault(option.section, []).append(option)
    return "\n".join(_section(name, group) for name, group in sections.items())


def _section(name: str, options: list[Option]) -> str:
    return f"[{name}]\n" + "".join(f"{option.name}={option.value}\n" for option in options)


def text_hash(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def unit_hash(options: Iterable[Option]) -> str:
    return text_hash(serialise(options))


def parse(text: str) -> tuple[Option, ...]:
    """Comments are dropped and values trimmed; a continued value keeps its backslashes."""
    options = []
    section: str | None = None
    lines = iter(text.split("\n"))
    for line in lines:
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if stripped[0] == "[":
            section = _section_name(stripped)
        elif section is not None:  # whatever precedes the first section is skipped
            options.append(_option(section, line, lines))
    return tuple(options)


def _section_name(line: str) -> str:
    name, closed, garbage = line[1:].partition("]")
    if not closed:
        raise UnitFileError("unable to find end of section")
    if garbage.strip():
        message = f"found garbage after section name {name}: {garbage.strip()}"
        raise UnitFileError(message)
    return name


def _option(section: str, line: str, following: Iterator[str]) -> Option:
    name, equals, first = line.partition("=")
    if not equals:
        raise UnitFileError("unexpected newline encountered while parsing option name")
    return Option(section, name.strip(), _value(first, following))


def _value(line: str, following: Iterator[str]) -> str:
    """A value goes on after a backslash, up to an empty line or the end of the file."""
    parts = []
    while line.strip():
        if len(line.encode()) >= LINE_BYTES_MAX:
            message = f"line too long (max {LINE_BYTES_MAX} bytes)"
            raise UnitFileError(message)
        parts.append(line)
        if not line.endswith("\\"):
            break
        line = next(following, "")
    return "\n".join(parts).strip()
