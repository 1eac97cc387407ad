"""How etcd v2's nodes and events become items and changes."""

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import Any

from steersman.clients.unreadable import is_text, unreadable
from steersman.model.errors import OutsideError
from steersman.model.ports import Change, Item

Node = Mapping[str, Any]

_INDEX_END = 2**63
_YEARS = range(1970, 9999)  # no time outside of them can be reckoned with
_REMOVALS = frozenset({"delete", "expire", "compareAndDelete"})


def read_item(node: Node) -> Item:
    return Item(
        key=text_at(node, "key"),
        value=text_at(node, "value", "").encode(),
        revision=index_at(node, "modifiedIndex"),
        created=index_at(node, "createdIndex"),
        expires_at=_expiry(node),
    )


def leaves(node: Node) -> Iterator[Item]:
    """All keys with a value at or below a node, in the order of their names."""
    todo = [node]
    while todo:
        node = todo.pop()
        if node.get("dir"):
            children = _children(node)
            todo.extend(sorted(children, key=lambda each: text_at(each, "key"), reverse=True))
        else:
            yield read_item(node)


def text_at(node: Node, name: str, default: str | None = None) -> str:
    """OutsideError: it is none."""
    value = node.get(name, default)
    if not is_text(value):
        raise _odd(name)
    return value


def index_at(node: Node, name: str) -> int:
    value = node.get(name)
    if not isinstance(value, int) or not 0 <= value < _INDEX_END:
        raise _odd(name)
    return value


def is_hidden(key: str, directory: str) -> bool:
    """A name with an underscore below the directory: etcd lists no such key and shows it to no
    live watch, but hands it to a watch that begins in the past."""
    return "/_" in key.removeprefix(directory)


def changes(action: str, node: Node, directory: str, known: Set[str]) -> tuple[Change, ...]:
    """What an event does to the keys under a directory, of which `known` exist.

    The end of a directory is one event, whatever was in it; so is the end of one further up.
    """
    key = text_at(node, "key")
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


def _children(node: Node) -> list[Node]:
    children = node.get("nodes") or []
    if not isinstance(children, list) or not all(isinstance(each, dict) for each in children):
        raise _odd("nodes")
    return children


def _expiry(node: Node) -> datetime | None:
    if not node.get("expiration"):
        return None
    try:
        at = datetime.fromisoformat(text_at(node, "expiration"))
    except ValueError as error:
        raise _odd("expiration") from error
    if at.tzinfo is None or at.year not in _YEARS:
        raise _odd("expiration")
    return at


def _odd(name: str) -> OutsideError:
    message = f"a node of etcd whose {name} is not what it should be"
    return unreadable(message, applied=None)
