"""The reader of documents: each version is read once, however often it is asked for."""

import traceback

from steersman.model.document import DocumentError, Problem, body
from steersman.model.kind import Kinds
from steersman.model.reading import Read, read
from steersman.model.resource import Key

READ_CACHE_MAX = 20_000


class Reader:
    """Its cache is by content, and bounded."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self._cache: dict[tuple[Key, bytes], Read | DocumentError] = {}

    def __call__(self, key: Key, content: bytes) -> Read | DocumentError:
        """What cannot be read is answered, not raised: nothing else follows from it here."""
        known = self._cache.get((key, content))
        if known is None:
            if len(self._cache) >= READ_CACHE_MAX:
                self._cache.clear()
            known = self._cache[key, content] = self._read(key, content)
        return known

    def _read(self, key: Key, content: bytes) -> Read | DocumentError:
        if key.kind not in self.kinds:  # a record of another release
            return DocumentError(Problem(f"unknown kind {key.kind!r}"))
        try:
            return read(key, body(content), self.kinds)
        except DocumentError as error:
            return error.with_traceback(None)  # it is kept, the frames of its making are not
        except Exception as error:  # it is told as what is wrong with this one document
            return DocumentError(Problem(_mistake(error)))


def _mistake(error: Exception) -> str:
    """Where, but not its words: they may hold what is secret."""
    *_, frame = traceback.extract_tb(error.__traceback__)
    place = f"{frame.name}, line {frame.lineno}"
    return f"it cannot be read by our own mistake: {type(error).__name__} in {place}"
