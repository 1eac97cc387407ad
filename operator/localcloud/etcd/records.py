"""What the model of etcd keeps, and what it says when it refuses."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A key that exists. Of an entry with a TTL, `expires_at` is epoch seconds."""

    key: str
    value: bytes
    created: int
    modified: int
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """`entry` is None when the key was deleted or expired."""

    revision: int
    key: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Guard:
    """A write with a guard is refused unless `key` still has this create revision."""

    key: str
    created: int


class DownError(Exception):
    """Nobody answers, and nothing was done."""


class FullError(Exception):
    """There is no space for more, and nothing was done."""


class LostReplyError(Exception):
    """The write was applied; its answer got lost."""


class GuardError(Exception):
    """The guard of a write does not hold."""


class CompactedError(Exception):
    """The history that was asked for is gone, or has not been written in this store."""
