"""Rivals: documents that would not be in force, for what they name is another's already."""

from collections.abc import Iterable, Iterator, Mapping

from steersman.cli.work.files import Document, FileRead
from steersman.engine.acceptance.claims import HOME, ROLES
from steersman.engine.acceptance.reader import Reader
from steersman.engine.acceptance.writers import NOBODY, Writes, clash
from steersman.engine.home.records import ACCEPTED, recorded
from steersman.kinds import KINDS
from steersman.model.document import DocumentError, Problem
from steersman.model.ports import Store
from steersman.model.reading import Read, kept, key_of
from steersman.model.resource import DESIRED, Key

Written = Mapping[Key, Writes]
Stores = Mapping[str, Store]


def clashes(found: Iterable[FileRead], standing: Written) -> Iterator[Problem]:
    """Documents that name an outside object of another one, in these files or `standing`."""
    files = tuple(found)
    given = {each.key: each.writes for file in files for each in file.documents}
    everybody = {**standing, **given}
    writers = NOBODY.updated({}, everybody)
    for file in files:
        for each in file.documents:
            for other in sorted(writers.meeting(each.writes) - {each.key}):
                told = _told(each.writes, other, everybody[other])
                yield Problem(told, line=each.line, file=file.file)


def _told(mine: Writes, other: Key, theirs: Writes) -> str:
    pair = clash(mine, theirs)
    assert pair, "who meets names what clashes"
    named, named_there = pair
    place = "" if named == named_there else f", which names {named_there}"
    return f"{named} is also {other}'s{place}: only one of both documents can be in force"


async def standing_beside(found: Iterable[FileRead], stores: Stores) -> Written:
    """What the documents of the stores name. It takes a look at all of them, unless those in the
    files name nothing but what they name there already."""
    reader = Reader(KINDS)
    given = [each for file in found for each in file.documents]
    if all([await _names_nothing_new(each, stores, reader) for each in given]):
        return {}
    items = [each for store in stores.values() for each in (await store.list(DESIRED)).items]
    return {read.key: kept(read) for item in items if (read := _read(item.key, item.value, reader))}


async def _names_nothing_new(document: Document, stores: Stores, reader: Reader) -> bool:
    path = f"{DESIRED}{document.key}"
    there = [item for store in stores.values() if (item := await store.get(path))]
    before = [read for item in there if (read := _read(path, item.value, reader))]
    return bool(before) and all(document.writes <= kept(each) for each in before)


def _read(path: str, content: bytes, reader: Reader) -> Read | None:
    """What cannot be read names nothing."""
    try:
        read = reader(key_of(path, KINDS), content)
    except DocumentError:
        return None
    return read if isinstance(read, Read) else None


async def claimed_elsewhere(
    found: Iterable[FileRead], stores: Stores, role: str
) -> tuple[Problem, ...]:
    """Of each document whose name the other store has: in this one it would be ignored."""
    problems = []
    for file in found:
        for each in file.documents:
            holder = await _holder(each.key, stores[HOME])
            if holder not in (None, role):
                told = (
                    f"{each.key} belongs to the {holder} store, it would be ignored in the {role} "
                    f"store: apply it with --store {holder}, or delete it there first"
                )
                problems.append(Problem(told, line=each.line, file=file.file))
    return tuple(problems)


async def _holder(key: Key, home: Store) -> str | None:
    """The store that has the name by its record; without one home has it, if it is there."""
    record = await home.get(f"{ACCEPTED}{key}")
    known = recorded([record] if record else [], KINDS).accepted.get(key)
    if known is not None:
        return known.store if known.store in ROLES else None
    return HOME if await home.get(f"{DESIRED}{key}") else None
