"""What the documents ask for, and what they name: good documents only."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.simulation.restraints import is_restrained

POOLS = "/desired/nodepool/"


@dataclass(frozen=True, slots=True)
class Version:
    """`lost` when a backup came back that knew nothing of it."""

    at: float
    document: Mapping[str, Any] | None  # None: it was taken away
    lost: bool = False


class Wanted:
    """What the documents ask for, and asked for before: good documents only."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Version]] = {}
        self.rivals: set[str] = set()  # paths of documents that may never be in force

    def put(self, path: str, document: Mapping[str, Any], at: float) -> None:
        self._versions.setdefault(path, []).append(Version(at, document))

    def remove(self, path: str, at: float) -> None:
        self._versions.setdefault(path, []).append(Version(at, None))

    def rewind(self, documents: Mapping[str, str], to: float, now: float) -> None:
        """A backup of that time came back, with these documents."""
        for path, versions in self._versions.items():
            self._versions[path] = [replace(each, lost=each.at > to) for each in versions]
            text = documents.get(path)
            self._versions[path].append(Version(now, json.loads(text) if text else None))

    def all(self) -> Mapping[str, Mapping[str, Any]]:
        """The documents that are there now."""
        last = ((path, versions[-1].document) for path, versions in self._versions.items())
        return {path: document for path, document in last if document}

    def documents(self) -> Mapping[str, str]:
        """The same, as text."""
        return {path: json.dumps(document) for path, document in self.all().items()}

    def restrained(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The documents that are there now and forbid something, with their paths."""
        there = self.all().items()
        return ((path, document) for path, document in there if is_restrained(document))

    def specs(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        """By name, of the documents that are there now and do not ask to be taken down."""
        prefix = f"/desired/{kind}/"
        return {
            path.removeprefix(prefix): document["spec"]
            for path, versions in self._versions.items()
            for document in [versions[-1].document]
            if path.startswith(prefix) and document and not is_leaving(document)
        }

    def lately(self, path: str, since: float) -> list[Mapping[str, Any]]:
        """The versions of a document that were there at that time or later."""
        found = []
        for version in reversed(self._versions.get(path, [])):
            if version.document is not None:
                found.append(version.document)
            if version.at <= since:
                break
        return found

    def stands(self, path: str, since: float) -> bool:
        """Whether a document has been there all that time."""
        for version in reversed(self._versions.get(path, [])):
            if version.document is None or version.at <= since:
                return version.document is not None
        return False

    def leaving(self, since: float) -> Iterator[str]:
        """The paths of documents that have asked all that time to be taken down."""
        for path, versions in self._versions.items():
            there = versions[-1].document is not None
            if there and all(map(is_leaving, self.lately(path, since))):
                yield path

    def ever(self, path: str) -> Iterator[Mapping[str, Any]]:
        """All versions of a document that anybody may still know."""
        versions = self._versions.get(path, ())
        return (each.document for each in versions if each.document and not each.lost)

    def unit_group(self, unit: str) -> str | None:
        """The path of the document that names a unit of fleet."""
        for path, versions in self._versions.items():
            if path.startswith("/desired/unit/"):
                named = (each.document for each in versions if each.document)
                if any(unit in unit_names(path, each["spec"]) for each in named):
                    return path
        return None


def is_leaving(document: Mapping[str, Any]) -> bool:
    return bool(document.get("metadata", {}).get("deleting"))


def pool_of(node: str) -> str:
    """The path of the document of a node."""
    return POOLS + re.sub("[0-9]+$", "", node)


def named(path: str, spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The nodes of a pool's document, or the units of a unit's."""
    return node_names(spec) if path.startswith(POOLS) else unit_names(path, spec)


def node_names(spec: Mapping[str, Any]) -> tuple[str, ...]:
    ordinals = range(1, spec["replicas"] + 1)
    return tuple(spec["nameFormat"].format(ordinal=ordinal) for ordinal in ordinals)


def unit_names(path: str, spec: Mapping[str, Any]) -> tuple[str, ...]:
    """The units of fleet that a document names."""
    short = path.rpartition("/")[2]
    instances = spec.get("instances")
    name = str(spec.get("name", f"{short}{'@' if instances else ''}.service"))
    if instances is None:
        return (name,)
    return tuple(name.replace("@", f"@{number}") for number in range(1, instances + 1))
