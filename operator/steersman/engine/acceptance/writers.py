"""Writers: which documents name which outside objects, and which names exclude each other. Pure.

A name may be a path. Who has a key has all that may lie below it, too: to the units' shell, which
speaks etcd's older API, a key holds a value or other keys, never both.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from steersman.model.plan import Target
from steersman.model.resource import Key
from steersman.model.shared import Shared

Writes = frozenset[Target]

NONE: Writes = frozenset()


def above(target: Target) -> Iterator[Target]:
    """The directories that it lies in."""
    path = target.name.rpartition("/")[0]
    while path:
        yield Target(target.system, path)
        path = path.rpartition("/")[0]


def clash(mine: Writes, theirs: Writes) -> tuple[Target, Target] | None:
    """One of each that are one object, or of which one lies below the other."""
    same = ((each, each) for each in mine & theirs)
    below = ((each, up) for each in mine for up in above(each) if up in theirs)
    over = ((up, each) for each in theirs for up in above(each) if up in mine)
    return min((*same, *below, *over), default=None)


@dataclass(frozen=True, slots=True)
class Writers:
    """Who names, or might name, an outside object; `below` counts the names below a directory."""

    named: Shared[Target, frozenset[Key]]
    below: Shared[Target, int]

    def updated(self, before: Mapping[Key, Writes], now: Mapping[Key, Writes]) -> "Writers":
        """With what these keys name now in place of what they named before."""
        turned: dict[Target, set[Key]] = {}
        for key, writes in now.items():
            for target in writes ^ before.get(key, NONE):
                turned.setdefault(target, set()).add(key)
        named = {at: self.named.get(at, frozenset()) ^ keys for at, keys in turned.items()}
        more = Counter[Target]()
        for target, keys in named.items():
            come = bool(keys) - (target in self.named)
            more.update(dict.fromkeys(above(target), come))
        return Writers(
            self.named.updated({at: keys or None for at, keys in named.items()}),
            self.below.updated(
                {at: self.below.get(at, 0) + come or None for at, come in more.items() if come}
            ),
        )

    def meeting(self, writes: Writes) -> set[Key]:
        """Who names one of these, or what lies above or below one."""
        places = {at for each in writes for at in (each, *above(each))}
        found = {key for at in places for key in self.named.get(at, ())}
        crowded = {each for each in writes if each in self.below}
        if not crowded:
            return found
        # a look at everything that is named: only where two do exclude each other
        inside = (keys for at, keys in self.named.items() if not crowded.isdisjoint(above(at)))
        return found.union(*inside)


NOBODY = Writers(Shared({}), Shared({}))
