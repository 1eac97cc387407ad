"""Links: how the API names resources, and what it accepts as a name in a request body.

Inside the model a resource is known by its path in the project (`zones/z/instances/i`); the
project is put in front when a reply is written, because every project id is the same project.
"""

import hashlib
import re
from dataclasses import dataclass

# The real API answers with this host whichever host was asked.
BASE = "https://www.googleapis.com/compute/v1/"
ANY_PROJECT = "projects/-/"  # stands for the project of the request in messages

_REFERENCE = re.compile(
    r"(?:https?://[^/]+/(?:compute/)?(?:v1|beta|alpha)/|/)?"
    r"(?:projects/(?P<project>[^/]+)/)?"
    r"(?P<path>(?:global|zones/[^/]+|regions/[^/]+)/.+)"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource as a request names it; no project means that of the request."""

    project: str
    path: str


def parse(text: str) -> Reference | None:
    """Full URLs and both partial forms; a bare name is none of them."""
    match = _REFERENCE.fullmatch(text)
    return Reference(match["project"] or "", match["path"]) if match else None


def link(project: str, path: str) -> str:
    return f"{BASE}projects/{project}/{path}"


def zonal(zone: str, collection: str, name: str) -> str:
    return f"zones/{zone}/{collection}/{name}"


def in_project(message: str, project: str) -> str:
    return message.replace(ANY_PROJECT, f"projects/{project}/")


def singular(collection: str) -> str:
    """`addresses` -> `address`, as the kinds of the API have it."""
    return collection.removesuffix("es" if collection.endswith("sses") else "s")


def plural(kind: str) -> str:
    return f"{kind}{'es' if kind.endswith('s') else 's'}"


def leaf(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def stable_id(path: str) -> str:
    """The numeric id of something that was always there: the same in every run."""
    digest = hashlib.sha256(path.encode()).digest()
    return str(int.from_bytes(digest[:8], "big") >> 1)
