"""Applying documents: all are valid before the first is written; nobody's change is overwritten."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from steersman.cli.given import Given
from steersman.cli.work.files import Document, FileRead, read_files
from steersman.cli.work.signing import author, signed, unsigned
from steersman.cli.work.stores import opened
from steersman.model.document import DocumentError, body
from steersman.model.errors import SteersmanError
from steersman.model.ports import Store
from steersman.model.resource import DESIRED


def apply_files(given: Given, paths: Iterable[Path], role: str) -> None:
    """DocumentError with every problem of every file; then nothing was written."""
    found = read_files(paths)
    problems = [each for file in found for each in file.problems]
    if problems:
        raise DocumentError(*problems)
    asyncio.run(_apply(given, role, [each for file in found for each in _signed(file)]))


def _signed(file: FileRead) -> Iterator[Document]:
    name = author(Path(file.file).parent)
    for each in file.documents:
        yield replace(each, content=signed(each.content, name))


async def _apply(given: Given, role: str, documents: Iterable[Document]) -> None:
    async with opened(given, role) as store:
        for document in documents:
            print(f"{document.key} {await apply_document(store, document)}", flush=True)


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
