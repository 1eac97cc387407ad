"""Documents in files: read, checked, and made what a store is to hold."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from steersman.cli.exits import UsageError
from steersman.cli.show.plain import yaml_text
from steersman.cli.work.linting import inlined_warnings, warnings
from steersman.kinds import KINDS
from steersman.model.document import DOCUMENT_BYTES_MAX, Body, DocumentError, Problem, bodies
from steersman.model.plan import Target
from steersman.model.reading import kept, key_in, read
from steersman.model.resource import Key

STDIN = Path("-")
SUFFIXES = frozenset({".yaml", ".yml", ".json"})
CONTENT_FILE = "contentFile"


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document, its bytes for a store, whom it waits for, which outside objects it keeps to
    itself, and what is worth a second look. It begins at `line` of its file."""

    key: Key
    content: bytes
    data: Mapping[str, Any]
    references: tuple[Key, ...]
    writes: frozenset[Target]
    line: int | None
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class FileRead:
    file: str
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_files(paths: Iterable[Path]) -> tuple[FileRead, ...]:
    """Directories count as the documents in them. Nothing is raised for what is wrong."""
    seen: dict[Key, str] = {}
    return tuple(_without_repeats(_read_file(path), seen) for path in _expanded(paths))


def read_valid(paths: Iterable[Path]) -> tuple[FileRead, ...]:
    """DocumentError with every problem of every file."""
    found = read_files(paths)
    problems = [each for file in found for each in file.problems]
    if problems:
        raise DocumentError(*problems)
    return found


def _expanded(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path != STDIN and not path.exists():
            msg = f"{path}: no such file"
            raise UsageError(msg)
        found = [path]
        if path.is_dir():
            found = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES)
        if not found:
            msg = f"{path} holds no {', '.join(sorted(SUFFIXES))}"
            raise UsageError(msg)
        yield from found


def _read_file(path: Path) -> FileRead:
    file = str(path)
    try:
        content = _content(path)
        found = bodies(content)
    except DocumentError as error:
        return FileRead(file, problems=error.in_file(file).problems)
    if not found:
        return FileRead(file, problems=(Problem("no document is in it", file=file),))
    documents: list[Document] = []
    problems: list[Problem] = []
    for body in found:
        try:
            documents.append(_document(body, path, content, alone=len(found) == 1))
        except DocumentError as error:
            problems += _located(error, body, file)
    return FileRead(file, tuple(documents), tuple(problems))


def _content(path: Path) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read(DOCUMENT_BYTES_MAX + 1)
    try:
        with path.open("rb") as file:
            return file.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        raise DocumentError(Problem(f"cannot be read: {error.strerror}")) from error


def _document(body: Body, path: Path, content: bytes, *, alone: bool) -> Document:
    """The bytes of a file that holds nothing else are kept, so that comments survive."""
    key = key_in(body, KINDS)
    whole = _inlined(body, key, path.parent)
    accepted = read(key, whole, KINDS)
    if whole is body:
        found = warnings(accepted, body, path, content)
    else:
        found = inlined_warnings(accepted, path.parent / body.data["spec"][CONTENT_FILE])
    stored = content if alone and whole is body else yaml_text(whole.data).encode()
    if len(stored) > DOCUMENT_BYTES_MAX:
        msg = f"{len(stored)} bytes; a document has at most {DOCUMENT_BYTES_MAX}"
        raise DocumentError(Problem(msg))
    return Document(
        key,
        stored,
        whole.data,
        accepted.references,
        kept(accepted),
        body.line(()),
        tuple(found),
    )


def _inlined(body: Body, key: Key, folder: Path) -> Body:
    """The body with the text of a unit's contentFile as its content."""
    spec = body.data.get("spec")
    if key.kind != "unit" or not isinstance(spec, Mapping) or CONTENT_FILE not in spec:
        return body
    line = body.line(("spec", CONTENT_FILE))
    name = spec[CONTENT_FILE]
    if "content" in spec or not isinstance(name, str):
        msg = "a path is expected here, and no content beside it"
        raise DocumentError(Problem(msg, f"spec.{CONTENT_FILE}", line))
    try:
        with (folder / name).open(encoding="utf-8") as file:
            text = file.read(DOCUMENT_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        msg = f"{name} cannot be read: {error}"
        raise DocumentError(Problem(msg, f"spec.{CONTENT_FILE}", line)) from error
    inlined = {field: value for field, value in spec.items() if field != CONTENT_FILE}
    lines = {**body.lines, ("spec", "content"): line or 1}
    return Body({**body.data, "spec": {**inlined, "content": text}}, lines)


def _located(error: DocumentError, body: Body, file: str) -> Iterator[Problem]:
    """What is wrong with a document as a whole stands at its first line."""
    for each in error.problems:
        yield replace(each, file=file, line=each.line or body.line(()))


def _without_repeats(found: FileRead, seen: dict[Key, str]) -> FileRead:
    """The same document twice: which of both is meant?"""
    repeated = []
    for each in found.documents:
        if each.key in seen:
            msg = f"{each.key} stands in {seen[each.key]}, too"
            repeated.append(Problem(msg, file=found.file))
        seen[each.key] = found.file
    return replace(found, problems=(*found.problems, *repeated))
