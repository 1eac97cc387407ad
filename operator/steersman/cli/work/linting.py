"""Warnings: what is accepted in a document and will hurt, at its place in the file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from steersman.kinds import KINDS
from steersman.model.document import Body, Problem
from steersman.model.finding import Finding
from steersman.model.reading import Read


def warnings(read: Read, body: Body, file: Path, content: bytes) -> Iterator[Problem]:
    """Of a document that stands in `file`, whose bytes are `content`."""
    lines = content.decode("utf-8-sig").split("\n")
    for found in KINDS[read.key.kind].lint(read.spec):
        yield _warning(found, _line(found, body, lines), file)


def inlined_warnings(read: Read, file: Path) -> Iterator[Problem]:
    """Of a document whose text is that of a file of its own."""
    for found in KINDS[read.key.kind].lint(read.spec):
        yield _warning(found, found.line, file)


def _warning(found: Finding, line: int | None, file: Path) -> Problem:
    return Problem(f"{found.message} [{found.rule}]", found.path, line, file=str(file))


def _line(found: Finding, body: Body, lines: Sequence[str]) -> int | None:
    """A block of literal text has a line of the file for each of its own; what is quoted or folded
    has not, and is told by its first."""
    path = tuple(found.path.split("."))
    begins = body.line(path)
    if begins is None:
        return None
    meant = _text_at(body.data, path).split("\n")[found.line - 1 : found.line]
    there = lines[begins + found.line - 1 : begins + found.line]
    literal = [each.strip() for each in there] == [each.strip() for each in meant]
    return begins + found.line if literal else begins


def _text_at(data: Any, path: Sequence[str]) -> str:
    for name in path:
        data = data[name]
    return str(data)
