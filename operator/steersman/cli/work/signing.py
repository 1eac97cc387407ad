"""Signing documents: who applied one, from where and at which commit, as an annotation of it."""

import getpass
import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steersman.cli.work.textedit import with_value
from steersman.model.annotations import AUTHOR
from steersman.model.document import DOCUMENT_BYTES_MAX

GIT_SECONDS = 5.0
COMMIT = ("git", "describe", "--always", "--exclude=*", "--abbrev=7", "--dirty=+")


def author(folder: Path) -> str:
    """`ana@laptop git 3f2c1d0`; a plus marks a working tree that differs from the commit."""
    commit = _commit(folder)
    return person() + (f" git {commit}" if commit else "")


def person() -> str:
    """Who types, and where."""
    return f"{_user()}@{socket.gethostname()}"


def signed(content: bytes, name: str) -> bytes:
    """The same document with the annotation in it. One that has no room left for a signature is
    not signed."""
    result = with_value(content, ("metadata", "annotations", AUTHOR), name)
    return result if len(result) <= DOCUMENT_BYTES_MAX else content


def unsigned(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a document says, whoever applied it."""
    metadata = data.get("metadata")
    notes = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(metadata, Mapping) or not isinstance(notes, Mapping) or AUTHOR not in notes:
        return data
    rest = {name: text for name, text in notes.items() if name != AUTHOR}
    kept = {name: each for name, each in metadata.items() if name != "annotations"}
    if rest:
        kept["annotations"] = rest
    others = {name: each for name, each in data.items() if name != "metadata"}
    return {**others, "metadata": kept} if kept else others


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this user id
        return str(os.getuid())


def _commit(folder: Path) -> str | None:
    """Of the working tree that the folder is in; None outside of any, and without git."""
    try:
        ended = subprocess.run(  # noqa: S603 - fixed words
            COMMIT,
            cwd=folder,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            text=True,
            check=False,
            timeout=GIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ended.stdout.strip() if ended.returncode == 0 else None
