"""Applying documents: all are valid before the first is written; nobody's change is overwritten."""

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from steersman.cli.exits import problem_line
from steersman.cli.given import Given
from steersman.cli.work.crossing import circles, missing, standing_behind, waiting
from steersman.cli.work.files import Document, FileRead, read_valid
from steersman.cli.work.signing import author, signed, unsigned
from steersman.cli.work.stores import opened
from steersman.model.document import DocumentError, body
from steersman.model.errors import SteersmanError
from steersman.model.ports import Store
from steersman.model.resource import DESIRED


def apply_files(given: Given, paths: Iterable[Path], role: str) -> None:
    """DocumentError with every problem of every file; then nothing was written."""
    asyncio.run(_apply(given, role, read_valid(paths)))


def _signed(file: FileRead) -> Iterator[Document]:
    name = author(Path(file.file).parent)
    for each in file.documents:
        yield replace(each, content=signed(each.content, name))


async def _apply(given: Given, role: str, found: Sequence[FileRead]) -> None:
    documents = [each for file in found for each in _signed(file)]
    async with opened(given, role) as store:
        await _check_references(found, store)
        for document in documents:
            print(f"{document.key} {await apply_document(store, document)}", flush=True)


async def _check_references(found: Sequence[FileRead], store: Store) -> None:
    """What is to be waited for may come later, so that is only worth a word."""
    standing = await standing_behind(found, store)
    wrong = tuple(circles(found, standing))
    if wrong:
        raise DocumentError(*wrong)
    where = "neither in these files nor in the store"
    for each in missing(found, {**standing, **waiting(found)}, where):
        print(problem_line(each, "warning"), file=sys.stderr)


async def apply_document(store: Store, document: Document) -> str:
    """What became of it: created, configured or unchanged."""
    path = f"{DESIRED}{document.key}"
    item = await store.get(path)
    if item is None:
        written, word = await store.create(path, document.content), "created"
    elif _same(item.value, document):
        return "unchanged"
    else:
        written = await store.compare_and_swap(path, document.content, item.revision)
        word = "configured"
    if written is None:
        msg = f"{document.key} was changed by somebody else just now: look at it, and apply again"
        raise SteersmanError(msg)
    return word


def _same(stored: bytes, document: Document) -> bool:
    """By what they say: comments, order and who applied it change nothing."""
    try:
        return unsigned(body(stored).data) == unsigned(document.data)
    except DocumentError:
        return False
