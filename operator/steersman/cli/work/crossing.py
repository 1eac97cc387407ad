"""What no document shows by itself: that it would wait for itself, or for what nobody wrote."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from steersman.cli.work.files import FileRead
from steersman.engine.acceptance.cycles import knotted, trail
from steersman.engine.acceptance.reader import Reader
from steersman.kinds import KINDS
from steersman.model.document import Problem, nearest
from steersman.model.ports import Store
from steersman.model.reading import Read
from steersman.model.resource import DESIRED, Key

WaitsFor = Mapping[Key, Sequence[Key]]


def circles(found: Iterable[FileRead], standing: WaitsFor) -> Iterator[Problem]:
    """Documents that wait for themselves, through each other or through `standing` ones."""
    files = tuple(found)
    waits_for = {**standing, **waiting(files)}

    def ways(key: Key) -> Sequence[Key]:
        return waits_for.get(key, ())

    suspects = knotted(waits_for, ways)
    for file in files:
        for each in file.documents:
            way = trail(each.references, each.key, ways) if each.key in suspects else ()
            if way:
                told = " -> ".join(map(str, (each.key, *way)))
                yield Problem(f"depends on itself: {told}", line=each.line, file=file.file)


def missing(found: Iterable[FileRead], known: WaitsFor, where: str) -> Iterator[Problem]:
    """Of each document, whom it waits for and who is not known."""
    for file in found:
        for each in file.documents:
            for key in dict.fromkeys(each.references):
                if key not in known:
                    told = f"{each.key} waits for {key}, which is {where}"
                    hint = _meant(key, known.keys() - {each.key})
                    yield Problem(told, line=each.line, did_you_mean=hint, file=file.file)


def _meant(key: Key, known: Iterable[Key]) -> str | None:
    name = nearest(key.name, sorted(each.name for each in known if each.kind == key.kind))
    return name and str(Key(key.kind, name))


def waiting(found: Iterable[FileRead]) -> WaitsFor:
    return {each.key: each.references for file in found for each in file.documents}


async def standing_behind(found: Iterable[FileRead], store: Store) -> WaitsFor:
    """The documents of a store that those in files wait for, directly or through others."""
    given, reader = waiting(found), Reader(KINDS)
    standing: dict[Key, Sequence[Key]] = {}
    ahead = [key for references in given.values() for key in references]
    while ahead:
        key = ahead.pop()
        item = None if key in given or key in standing else await store.get(f"{DESIRED}{key}")
        if item is not None:
            read = reader(key, item.value)
            standing[key] = read.references if isinstance(read, Read) else ()
            ahead += standing[key]
    return standing
