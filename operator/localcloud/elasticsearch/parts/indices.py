"""Indices and documents: enough of them for shards to have something to hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from localcloud.clock import Clock
from localcloud.elasticsearch.parts.disks import Copy, Document
from localcloud.elasticsearch.parts.membership import Membership
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.state import ClusterState, Index, Shard

SHARDS_MAX = 1024
REPLICAS_MAX = 1024
DOCUMENTS_MAX = 10_000  # of one index; this is no store


class IndexMissingError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class IndexExistsError(Exception):
    def __init__(self, index: Index) -> None:
        super().__init__(index.name)
        self.index = index


class UnavailableShardError(Exception):
    """The primary of the document's shard is not active."""

    def __init__(self, index: str, number: int) -> None:
        super().__init__(f"[{index}][{number}]")
        self.index, self.number = index, number


class TooManyDocumentsError(Exception):
    """No more documents of one index are kept here."""

    def __init__(self, index: str) -> None:
        super().__init__(index)
        self.index = index


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a document that was put or removed."""

    version: int
    existed: bool  # before
    copies: int  # that the shard has
    successful: int  # of them, that took it


class Indices:
    def __init__(self, membership: Membership, clock: Clock) -> None:
        self._membership = membership
        self._clock = clock

    def create(self, node: Node, name: str, settings: Mapping[str, str]) -> Index:
        """`settings` are flat, without the prefix `index.`."""
        master = self._membership.master(node)
        if (existing := master.state.index(name)) is not None:
            raise IndexExistsError(existing)
        index = self._index(master, name, settings)
        numbers = range(index.shards)
        new = tuple(Shard(name, number, True, since=self._clock.now()) for number in numbers)
        state = master.state
        self._publish(master, (*state.indices, index), (*state.shards, *new))
        return index

    def delete(self, node: Node, name: str) -> None:
        master = self._membership.master(node)
        state = master.state
        known(state, name)
        self._publish(
            master,
            tuple(one for one in state.indices if one.name != name),
            tuple(one for one in state.shards if one.index != name),
        )

    def set_replicas(self, node: Node, name: str, replicas: int) -> None:
        master = self._membership.master(node)
        index = replace(known(master.state, name), replicas=replicas)
        indices = tuple(index if one.name == name else one for one in master.state.indices)
        self._publish(master, indices, master.state.shards)

    def put(self, node: Node, name: str, type_: str, document_id: str, source: Any) -> Written:
        """Every active copy takes it."""
        shards, copies = self._copies_of(node, name, document_id)
        if self.count(node.state, name) >= DOCUMENTS_MAX:
            raise TooManyDocumentsError(name)
        before = copies[0].get(document_id)
        version = before.version + 1 if before else 1
        for copy in copies:
            copy[document_id] = Document(type_, version, source)
        return Written(version, before is not None, len(shards), len(copies))

    def remove(self, node: Node, name: str, document_id: str) -> Written:
        """From every active copy."""
        shards, copies = self._copies_of(node, name, document_id)
        before = copies[0].get(document_id)
        for copy in copies:
            copy.pop(document_id, None)
        version = before.version + 1 if before else 1
        return Written(version, before is not None, len(shards), len(copies))

    def ensure(self, node: Node, name: str) -> None:
        """The first document makes its index."""
        if node.state.index(name) is None:
            self.create(node, name, {})

    def writable(self, node: Node, name: str, document_id: str) -> bool:
        try:
            return bool(self._shards_of(node, name, document_id))
        except UnavailableShardError:
            return False

    def get(self, node: Node, name: str, document_id: str) -> Document | None:
        shards = self._shards_of(node, name, document_id)
        copy = self._copy(node.state, shards[0])
        return copy.get(document_id) if copy is not None else None

    def documents(self, state: ClusterState, name: str) -> dict[str, Document]:
        """As far as the active copies have them."""
        index = known(state, name)
        found: dict[str, Document] = {}
        for number in range(index.shards):
            copy = self._copy(state, state.primary(name, number))
            found |= copy or {}
        return found

    def count(self, state: ClusterState, name: str) -> int:
        return len(self.documents(state, name))

    def documents_of(self, state: ClusterState, shard: Shard) -> int:
        return len(self._copy(state, shard) or {})

    def _shards_of(self, node: Node, name: str, document_id: str) -> list[Shard]:
        """The copies of the shard where the document belongs, the active primary first."""
        index = known(node.state, name)
        number = crc32(document_id.encode()) % index.shards
        primary = node.state.primary(name, number)
        if self._copy(node.state, primary) is None:
            raise UnavailableShardError(name, number)
        return sorted(node.state.copies(name, number), key=lambda one: not one.primary)

    def _copies_of(self, node: Node, name: str, document_id: str) -> tuple[list[Shard], list[Copy]]:
        """The shards where the document belongs, and the copies of those that are active."""
        shards = self._shards_of(node, name, document_id)
        copies = (self._copy(node.state, shard) for shard in shards)
        return shards, [copy for copy in copies if copy is not None]

    def _copy(self, state: ClusterState, shard: Shard) -> Copy | None:
        """None: it is not active, or its node does not run."""
        process = self._membership.process(shard.node)
        if not shard.active or process is None:
            return None
        return self._membership.disks.of(process.disk).copy(known(state, shard.index), shard.number)

    def _index(self, master: Node, name: str, settings: Mapping[str, str]) -> Index:
        given = {**_defaults(master), **settings}
        numbers = {key: given.pop(key) for key in ("number_of_shards", "number_of_replicas")}
        return Index(
            name,
            self._membership.new_id(),
            int(numbers["number_of_shards"]),
            int(numbers["number_of_replicas"]),
            self._clock.now(),
            given,
        )

    def _publish(self, master: Node, indices: Iterable[Index], shards: Iterable[Shard]) -> None:
        state = replace(master.state, indices=tuple(indices), shards=tuple(shards))
        self._membership.publish(master, state, self._clock.now())


def known(state: ClusterState, name: str) -> Index:
    index = state.index(name)
    if index is None:
        raise IndexMissingError(name)
    return index


def _defaults(master: Node) -> dict[str, str]:
    """1.x reads them from its configuration, the modern family from nowhere."""
    if master.spec.dialect.modern:
        return {"number_of_shards": "1", "number_of_replicas": "1"}
    settings = master.spec.settings
    return {
        "number_of_shards": settings.get("index.number_of_shards", "5"),
        "number_of_replicas": settings.get("index.number_of_replicas", "1"),
    }
