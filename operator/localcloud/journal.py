"""The journal: one line for every write that the local cloud received, the independent witness."""

import hashlib
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass

JOURNAL_LINES_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """`time` is in epoch seconds of the local cloud; `result` an HTTP status or a word."""

    time: float
    system: str  # compute | fleet | elasticsearch | etcd | control
    method: str  # the HTTP method, or `fault`
    target: str  # the path of what was written, without the project
    caller: str  # the User-Agent of the request
    result: str
    action: str = ""  # what the write means to its system: insert, start, launched, ...
    body: str = ""  # its digest; never the body

    def line(self) -> str:
        """What a caller sent that is no UTF-8 is a question mark."""
        text = json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)
        return text.encode(errors="replace").decode()


def digest(body: bytes) -> str:
    """What an entry tells of a body; nothing where there was none."""
    return hashlib.sha256(body).hexdigest() if body else ""


class Journal:
    """Keeps the last JOURNAL_LINES_MAX entries, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=JOURNAL_LINES_MAX)

    def record(self, entry: Entry) -> None:
        self._entries.append(entry)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def lines(self) -> Iterator[str]:
        return (entry.line() for entry in self._entries)
