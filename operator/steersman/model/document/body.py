"""The plain data of a document and where each value stands; and how much of it is read at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from steersman.model.document.problem import DocumentError, Path, Problem, spell

DOCUMENT_BYTES_MAX = 256 * 1024
DEPTH_MAX = 32
NODES_MAX = 20_000
NUMBER_CHARACTERS_MAX = 100  # a longer one takes long to read, and may not be written again


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


class Places:
    """The lines of the values that were read so far: not too many, and none too deep."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}

    def put(self, path: Path, line: int, *, holds_more: bool) -> None:
        self.lines[path] = line
        if len(path) + holds_more > DEPTH_MAX:
            msg = f"nested deeper than {DEPTH_MAX}"
            raise self.refused(msg, path)
        if len(self.lines) > NODES_MAX:
            msg = f"more values than {NODES_MAX}"
            raise self.refused(msg, path)

    def refuse_repeated(self, known: Mapping[str, Any], key: str, path: Path, line: int) -> None:
        """Which of both would be meant?"""
        if key in known:
            raise DocumentError(Problem(f"the key {key!r} stands here twice", spell(path), line))

    def refuse_long(self, number: str, path: Path) -> None:
        if len(number) > NUMBER_CHARACTERS_MAX:
            msg = f"a number of more than {NUMBER_CHARACTERS_MAX} characters"
            raise self.refused(msg, path)

    def refused(self, message: str, path: Path) -> DocumentError:
        return DocumentError(Problem(message, spell(path), self.lines[path]))
