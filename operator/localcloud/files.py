"""What outlives the process: the state, whole or not at all, and the journal, line by line."""

import json
import logging
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from localcloud.journal import JOURNAL_LINES_MAX, Entry, Journal

STATE_FORMAT = 2

log = logging.getLogger(__name__)


class StateFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> dict[str, Any] | None:
        """None: there is none, or one that this release cannot read; that one is put aside."""
        try:
            content = json.loads(self._path.read_text())
        except FileNotFoundError:
            return None
        except ValueError:
            content = None
        if isinstance(content, dict) and content.get("format") == STATE_FORMAT:
            return dict(content["state"])
        log.warning("cannot read %s: starting with an empty cloud", self._path)
        self._path.rename(self._path.with_suffix(".unreadable"))
        return None

    def save(self, state: dict[str, Any]) -> None:
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps({"format": STATE_FORMAT, "state": state}))
        os.replace(draft, self._path)


class JournalFile(Journal):
    """A journal that also appends each line to a file, and begins with what is in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file = self._reopened()

    def record(self, entry: Entry) -> None:
        super().record(entry)
        self._file.write(json.dumps(asdict(entry), separators=(",", ":")) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _reopened(self) -> TextIO:
        """The file is cut to what the journal holds, so it does not grow from start to start."""
        self.load(_entries(self._path))
        self._path.write_text("".join(f"{line}\n" for line in self.lines()))
        return self._path.open("a")


def _entries(path: Path) -> list[Mapping[str, Any]]:
    """A line that was cut off by the end of the process is dropped."""
    if not path.exists():
        return []
    with path.open() as file:
        lines = deque(file, maxlen=JOURNAL_LINES_MAX)
    return [json.loads(line) for line in lines if line.endswith("}\n")]
