"""How etcd v2's nodes and events become items and changes."""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import Any

from steersman.model.ports import Change, Item

Node = Mapping[str, Any]

_REMOVALS = frozenset({"delete", "expire", "compareAndDelete"})


def read_item(node: Node) -> Item:
    expiration = node.get("expiration")
    return Item(
        key=node["key"],
        value=str(node.get("value", "")).encode(),
        revision=node["modifiedIndex"],
        created=node["createdIndex"],
        expires_at=datetime.fromisoformat(expiration) if expiration else None,
    )


def leaves(node: Node) -> Iterator[Item]:
    """All keys with a value at or below a node, in the order of their names."""
    todo = [node]
    while todo:
        node = todo.pop()
        if node.get("dir"):
            todo.extend(sorted(node.get("nodes", ()), key=lambda child: child["key"], reverse=True))
        else:
            yield read_item(node)


def is_hidden(key: str, directory: str) -> bool:
    """A name with an underscore below the directory: etcd lists no such key and shows it to no
    live watch, but hands it to a watch that begins in the past."""
    return "/_" in key.removeprefix(directory)


def changes(action: str, node: Node, directory: str, known: Set[str]) -> tuple[Change, ...]:
    """What an event does to the keys under a directory, of which `known` exist.

    The end of a directory is one event, whatever was in it; so is the end of one further up.
    """
    key = node["key"]
    if node.get("dir"):
        return tuple(Change(gone, None) for gone in sorted(known) if _ends(gone, key, action))
    if is_hidden(key, directory):
        return ()
    if action in _REMOVALS:
        return (Change(key, None),)
    return (Change(key, read_item(node)),)


def _ends(key: str, directory: str, action: str) -> bool:
    """A directory that is made in the place of a key ends that key, and nothing else."""
    if action in _REMOVALS:
        return key == directory or key.startswith(directory.rstrip("/") + "/")
    return key == directory
