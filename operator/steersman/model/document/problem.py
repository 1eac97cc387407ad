"""Problems: what is wrong with a document, where, and what was probably meant instead."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from steersman.model.errors import SteersmanError

PROBLEMS_MAX = 20
PART_CHARACTERS_MAX = 400  # of a message, and of a path: names may be as long as a document

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: `line` counts from 1, `path` is like spec.zones[0].

    People read it in statuses, logs and metrics, so `message` may quote names of fields, of kinds
    and of documents, but no value that may be secret.
    """

    message: str
    path: str = ""
    line: int | None = None
    did_you_mean: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        place = [self.file, None if self.line is None else f"line {self.line}", self.path]
        hint = f" (did you mean {self.did_you_mean}?)" if self.did_you_mean else ""
        return ": ".join([*(each for each in place if each), self.message + hint])

    def shortened(self) -> "Problem":
        return replace(self, message=_cut(self.message), path=_cut(self.path))


class DocumentError(SteersmanError):
    """A document that cannot be accepted, with all that is wrong with it, but not at any length."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = tuple(each.shortened() for each in problems[:PROBLEMS_MAX])
        super().__init__("; ".join(map(str, self.problems)))

    def in_file(self, file: str) -> "DocumentError":
        return DocumentError(*(replace(each, file=file) for each in self.problems))


def spell(path: Iterable[str | int]) -> str:
    """A path as people write it: spec.zones[0]."""
    parts = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return "".join(parts).lstrip(".")


def nearest(word: str, words: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)), None)


def _cut(text: str) -> str:
    return text if len(text) <= PART_CHARACTERS_MAX else f"{text[: PART_CHARACTERS_MAX - 1]}\u2026"
