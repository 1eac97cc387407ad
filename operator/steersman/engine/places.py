"""Places: each has room for so many keys at once; who finds none waits, the earliest due first."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

K = TypeVar("K")


class Places(Generic[K]):
    """Room that gets free is offered to who waits, and kept for it: nobody who comes later takes
    it. So whoever waits has its turn once all have left that were due before."""

    def __init__(self, room: int) -> None:
        self._room = room
        # due times of who is there, or was offered to be, and of who waits
        self._inside: dict[str, dict[K, float]] = defaultdict(dict)
        self._lines: dict[str, dict[K, float]] = defaultdict(dict)

    @property
    def waiting(self) -> AbstractSet[K]:
        return frozenset().union(*self._lines.values())

    def enter(self, key: K, place: str, due: float) -> bool:
        """Who finds no room waits for it."""
        inside, line = self._inside[place], self._lines[place]
        entered = key in inside or len(inside) < self._room
        where = inside if entered else line
        where[key] = min(due, where.get(key, due))
        return entered

    def room_of(self, key: K, place: str) -> float | None:
        """When it was due; None: it has no room there."""
        return self._inside[place].get(key)

    def leave(self, key: K, but: str | None) -> list[str]:
        """Every place and line but one; tells where there is room now."""
        for place, line in self._lines.items():
            if place != but:
                line.pop(key, None)
        left = [at for at, inside in self._inside.items() if at != but and key in inside]
        for place in left:
            del self._inside[place][key]
        return left

    def offer(self, place: str) -> K | None:
        """Room that has got free, to who is due next, if anybody waits."""
        line = self._lines[place]
        if not line:
            return None
        key = min(line, key=line.__getitem__)
        self._inside[place][key] = line.pop(key)
        return key
