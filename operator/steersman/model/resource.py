"""Resources: documents that were parsed and accepted, under the key that names them for good."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Generic, TypeVar

from steersman.model.window import Window

DESIRED = "/desired/"
UIDS_KEPT = 20_000
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")
EMPTY: Mapping[str, str] = MappingProxyType({})

S_co = TypeVar("S_co", covariant=True)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """`kind/name`: how people, queues and records name a resource."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Key":
        """ValueError unless the text is `kind/name`."""
        kind, slash, name = text.partition("/")
        if not slash or not kind or not name or "/" in name:
            msg = f"{text!r} is not of the form kind/name"
            raise ValueError(msg)
        return cls(kind.lower(), name)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a document lets the operator do by itself."""

    approval: str | None = None  # None: as its kind has it
    mode: str | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Metadata:
    labels: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    annotations: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    depends_on: tuple[Key, ...] = ()
    policy: Policy = Policy()
    deleting: bool = False  # what the document names is to be taken down


@dataclass(frozen=True, slots=True)
class Source:
    """Which bytes are in force: the store's role (home, unit), its revision, their SHA-256."""

    store: str
    revision: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Resource(Generic[S_co]):
    key: Key
    uid: str
    metadata: Metadata
    spec: S_co
    source: Source


@lru_cache(UIDS_KEPT)
def uid(owner: str, key: Key) -> str:
    """The same for an owner and a key, for ever: over release, adoption and lost state."""
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, f"steersman:{owner}")
    return str(uuid.uuid5(namespace, str(key)))
