"""What outlives the process: the state, whole or not at all, and the journal, line by line."""

import fcntl
import json
import logging
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import FileIO
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_json

from localcloud.journal import JOURNAL_LINES_MAX, Entry, Journal

STATE_FORMAT = 2
STATE_BYTES_MAX = 1024 * 1024 * 1024  # a thousand instances and units take six million
ROOM_BYTES_MIN = 64 * 1024  # free beside the next state: for what grows, and for the journal
LINE_BYTES_MAX = 1024 * 1024  # of the journal; its own lines have a few hundred

T = TypeVar("T")

log = logging.getLogger(__name__)


class TakenError(Exception):
    """Another process keeps its state there."""


@contextmanager
def holding(directory: Path) -> Iterator[None]:
    """No other process keeps its state there meanwhile. Raises TakenError."""
    with (directory / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            msg = f"another local cloud keeps its state in {directory}"
            raise TakenError(msg) from error
        yield


class StateFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._bytes = 0  # of the last state

    def load(self, restore: Callable[[dict[str, Any]], T]) -> T | None:
        """What `restore` makes of the state. None: there is none, or one that is odd in whatever
        way, wherever that shows; it is put aside, so that the next start does not meet it."""
        if not os.path.lexists(self._path):
            return None
        try:
            return restore(_state(self._path))
        except Exception as error:
            _put_aside(self._path, error)
            return None

    def save(self, state: dict[str, Any]) -> None:
        """Raises OSError; then the state before stands."""
        content = _json({"format": STATE_FORMAT, "state": state})
        _replace(self._path, content)
        self._bytes = len(content)

    def has_room(self) -> bool:
        """For another state beside this one, as far as the file system tells."""
        try:
            disk = os.statvfs(self._path.parent)
        except OSError:
            return False
        unlimited = disk.f_blocks == 0
        return unlimited or disk.f_bavail * disk.f_frsize >= self._bytes + ROOM_BYTES_MIN


class JournalFile(Journal):
    """A journal that begins with what is in a file, and appends its lines to it on `keep`."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._unwritten = bytearray()
        self._file = self._reopened()

    def record(self, entry: Entry) -> None:
        super().record(entry)
        self._unwritten += _line(entry)

    def keep(self) -> None:
        """Raises OSError; the next one goes on at the byte where it failed."""
        while self._unwritten:
            del self._unwritten[: self._file.write(self._unwritten)]

    def close(self) -> None:
        self._file.close()

    def _reopened(self) -> FileIO:
        """The file is cut to what the journal holds, so it does not grow from start to start."""
        entries, odd = _entries(self._path)
        for entry in entries:
            super().record(entry)
        if odd:
            _put_aside(self._path, ValueError(f"{odd} lines are no entries"))
        _replace(self._path, b"".join(map(_line, entries)))
        return FileIO(self._path, "a")


_ENTRY = TypeAdapter(Entry)


def _state(path: Path) -> dict[str, Any]:
    if path.stat().st_size > STATE_BYTES_MAX:
        raise ValueError("it is too large")
    content = json.loads(path.read_bytes())
    if content["format"] != STATE_FORMAT:
        raise ValueError("another release wrote it")
    return dict(content["state"])


def _entries(path: Path) -> tuple[list[Entry], int]:
    """The last of its lines, and how many of them are no entries. One that was cut off by the end
    of the process is dropped."""
    if not path.is_file():
        return [], int(os.path.lexists(path))
    with path.open("rb") as file:
        read = iter(partial(file.readline, LINE_BYTES_MAX), b"")
        lines = deque(read, maxlen=JOURNAL_LINES_MAX + 1)
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    found = [_entry(line) for line in lines][-JOURNAL_LINES_MAX:]
    entries = [entry for entry in found if entry is not None]
    return entries, len(found) - len(entries)


def _entry(line: bytes) -> Entry | None:
    try:
        entry = _ENTRY.validate_json(line, strict=True)
    except ValueError:
        return None
    return entry if isfinite(entry.time) else None


def _line(entry: Entry) -> bytes:
    return entry.line().encode() + b"\n"


def _json(content: dict[str, Any]) -> bytes:
    try:
        return to_json(content)
    except ValueError:  # half a surrogate pair has no UTF-8
        return json.dumps(content).encode()


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.write_bytes(content)
    os.replace(draft, path)


def _put_aside(path: Path, why: Exception) -> None:
    aside = path.with_suffix(".unreadable")
    os.replace(path, aside)
    reason = f"{type(why).__name__}: {why}".partition("\n")[0]
    log.warning("%s is odd and was put aside as %s: %s", path, aside.name, reason)
