"""Applying documents: all are valid before the first is written; nobody's change is overwritten."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from steersman.cli.exits import problem_line
from steersman.cli.given import Given
from steersman.cli.show.aside import aside
from steersman.cli.work.crossing import circles, missing, standing_behind, waiting
from steersman.cli.work.files import Document, FileRead, read_valid
from steersman.cli.work.rivals import claimed_elsewhere, clashes, standing_beside
from steersman.cli.work.signing import author, signed, unsigned
from steersman.cli.work.stores import all_opened
from steersman.engine.acceptance.claims import HOME
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
    async with all_opened(given, (HOME, role)) as stores:
        await _check_rivals(found, stores, role)
        await _check_references(found, stores[role])
        for document in documents:
            print(f"{document.key} {await apply_document(stores[role], document)}", flush=True)


async def _check_rivals(found: Sequence[FileRead], stores: Mapping[str, Store], role: str) -> None:
    """DocumentError: one of them would not come into force."""
    wrong = await claimed_elsewhere(found, stores, role)
    wrong += tuple(clashes(found, await standing_beside(found, stores)))
    if wrong:
        raise DocumentError(*wrong)


async def _check_references(found: Sequence[FileRead], store: Store) -> None:
    """What is to be waited for may come later, so that is only worth a word."""
    standing = await standing_behind(found, store)
    wrong = tuple(circles(found, standing))
    if wrong:
        raise DocumentError(*wrong)
    where = "neither in these files nor in the store"
    for each in missing(found, {**standing, **waiting(found)}, where):
        aside(problem_line(each, "warning"))


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
