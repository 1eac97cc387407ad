"""Hearing: how whoever asks a source says that it answered, or why it did not."""

from typing import Protocol


class Hears(Protocol):
    """`part`: of the source, where its parts are asked apart and may fail apart."""

    def __call__(self, source: str, up: bool, part: str = "", why: str = "") -> None: ...
