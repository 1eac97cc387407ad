"""Directories: which keys lie below one, without a look at all the others. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from steersman.model.observed import KeyItem

SETS_KEPT = 4  # of those that were asked about last

Items = Mapping[str, KeyItem]


def below(items: Items, path: str) -> Items:
    """The key `path`, as "", and all below it, by their names relative to it. `items` is a set
    of keys that never changes."""
    own = {"": items[path]} if path in items else {}
    inside = {
        key[len(path) + 1 :]: items[key]
        for directory, keys in _directories(_Same(items)).items()
        if directory == path or directory.startswith(path + "/")
        for key in keys
    }
    return {**own, **inside}


class _Same:
    """A set of keys that equals itself alone: comparing each key of two sets is what is saved."""

    __slots__ = ("items",)

    def __init__(self, items: Items) -> None:
        self.items = items

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.items is other.items

    def __hash__(self) -> int:
        return id(self.items)


@lru_cache(SETS_KEPT)
def _directories(known: _Same) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key in known.items:
        found[key.rpartition("/")[0]].append(key)
    return found
