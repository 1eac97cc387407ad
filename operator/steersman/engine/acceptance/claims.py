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
    """The claim of a name, and the version in force: what /steersman/accepted/ keeps."""

    store: str
    revision: int
    sha256: str
    document: str

    def stands_for(self, role: str, item: Item) -> bool:
        """Whether it is of this very version."""
        there = (self.store, self.revision, self.document)
        return there == (role, item.revision, _text(item))


def record_of(role: str, item: Item) -> Accepted:
    return Accepted(role, item.revision, hashlib.sha256(item.value).hexdigest(), _text(item))


def claim_of(item: Item) -> Accepted:
    """Of a record that cannot be read: the name is taken, and nobody knows by which document."""
    return Accepted(NOBODY_KNOWS, item.revision, "", item.value.decode(errors="replace"))


def _text(item: Item) -> str:
    return item.value.decode("utf-8-sig")
