"""A case: all that there is of one key, before anybody judges what comes of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from steersman.engine.acceptance.claims import HOME, NOBODY_KNOWS, Accepted
from steersman.engine.acceptance.writers import NONE, Writes
from steersman.model.document import DocumentError
from steersman.model.ports import Item
from steersman.model.reading import Read
from steersman.model.resource import Key

Version = Read | DocumentError | None


@dataclass(frozen=True, slots=True)
class Case:
    """One key: its record, its documents by store, which store has the name, and how both read;
    `deleted`: nothing is left of it outside."""

    key: Key
    record: Accepted | None
    items: Mapping[str, Item]
    role: str
    in_force: Version  # by the record
    wanted: Version  # by the document
    deleted: bool

    @property
    def item(self) -> Item | None:
        return self.items.get(self.role)

    @property
    def returned(self) -> bool:
        """Whether it was released, and its document is there anew. Of one in the unit store nobody
        can tell: in etcd's older API, whoever sets a key makes it anew."""
        if self.role != HOME or self.record is None or self.item is None:
            return False
        return self.item.created > self.record.revision

    @property
    def might_wait_for(self) -> tuple[Key, ...]:
        """Whom it waits for, whichever version comes into force."""
        return waited_for(self.in_force) + waited_for(self.wanted)

    @property
    def might_write(self) -> Writes:
        """What it names, whichever version comes into force."""
        return written(self.in_force) | written(self.wanted)

    @property
    def has(self) -> Writes | None:
        """What it had so far, None without a version in force. While nobody knows of which
        document it was accepted, it has what one of them names."""
        if self.role == NOBODY_KNOWS:
            return written(self.wanted)
        stands = self.item is not None and isinstance(self.in_force, Read)
        return written(self.in_force) if stands else None


def waited_for(version: Version) -> tuple[Key, ...]:
    return version.references if isinstance(version, Read) else ()


def written(version: Version) -> Writes:
    return version.writes if isinstance(version, Read) else NONE
