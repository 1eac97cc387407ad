"""Data paths: what of a node outlives its process."""

from dataclasses import dataclass, field
from typing import Any

from localcloud.elasticsearch.state import ClusterState, Index


@dataclass(frozen=True, slots=True)
class Document:
    type: str
    version: int
    source: Any


Copy = dict[str, Document]  # the documents of one shard, by id


@dataclass(slots=True)
class Disk:
    """`node_id` is empty until a node of the modern family has started on it."""

    node_id: str = ""
    state: ClusterState | None = None
    copies: dict[str, Copy] = field(default_factory=dict)

    def has(self, index: Index, number: int) -> bool:
        return _copy_name(index, number) in self.copies

    def copy(self, index: Index, number: int) -> Copy:
        return self.copies.setdefault(_copy_name(index, number), {})

    def keep_only(self, indices: tuple[Index, ...]) -> None:
        """What was deleted while the node knew of it is deleted from its disk."""
        kept = {index.uuid for index in indices}
        self.copies = {name: each for name, each in self.copies.items() if _uuid(name) in kept}


class Disks:
    """All data paths, by the name that NodeSpec.disk gives, or by the process that has its own."""

    def __init__(self) -> None:
        self.all: dict[str, Disk] = {}

    def of(self, name: str) -> Disk:
        return self.all.setdefault(name, Disk())

    def wipe(self, name: str) -> None:
        self.all.pop(name, None)

    def wipe_all(self, prefix: str) -> None:
        for name in [name for name in self.all if name.startswith(prefix)]:
            self.wipe(name)


def _copy_name(index: Index, number: int) -> str:
    return f"{index.uuid}/{number}"


def _uuid(name: str) -> str:
    return name.partition("/")[0]
