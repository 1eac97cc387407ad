"""Claims: which store has a name, and which version of its document was accepted."""

import hashlib
from dataclasses import dataclass

from steersman.model.ports import Item

HOME = "home"
UNIT = "unit"
ROLES = (HOME, UNIT)  # where a name is new in both, home has it
NOBODY_KNOWS = "unknown"  # which store has a name: the record of its claim cannot be read


@dataclass(frozen=True, slots=True)
class Accepted:
    """The claim of a name, and the version in force: what /steersman/accepted/ keeps. `since` is
    the revision of the first version; 0 in the records of an earlier release, which do not tell."""

    store: str
    revision: int
    sha256: str
    document: str
    since: int = 0

    @property
    def first(self) -> int:
        """How old it is, among those of its store: an edit makes nothing younger."""
        return self.since or self.revision

    def stands_for(self, role: str, item: Item) -> bool:
        """Whether it is of this very version."""
        there = (self.store, self.revision, self.document)
        return there == (role, item.revision, _text(item))


def record_of(role: str, item: Item, before: Accepted | None = None) -> Accepted:
    sha256 = hashlib.sha256(item.value).hexdigest()
    since = before.first if before else item.revision
    return Accepted(role, item.revision, sha256, _text(item), since)


def claim_of(item: Item) -> Accepted:
    """Of a record that cannot be read: the name is taken, and nobody knows by which document."""
    return Accepted(NOBODY_KNOWS, item.revision, "", item.value.decode(errors="replace"))


def _text(item: Item) -> str:
    return item.value.decode("utf-8-sig")
