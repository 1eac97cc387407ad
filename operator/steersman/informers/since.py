"""Since when something is as it is, by our own observation."""

from collections.abc import Hashable, Mapping
from datetime import datetime


class Since:
    """Remembers, of each thing, its value and when that was first seen. What is not asked for
    between two calls of `forget_others` is forgotten."""

    def __init__(self) -> None:
        self._known: Mapping[Hashable, tuple[Hashable, datetime]] = {}
        self._next: dict[Hashable, tuple[Hashable, datetime]] = {}

    def of(self, thing: Hashable, value: Hashable, now: datetime) -> datetime:
        known = self._known.get(thing)
        at = known[1] if known and known[0] == value else now
        self._next[thing] = (value, at)
        return at

    def forget_others(self) -> None:
        """A round is over: what was not seen in it counts anew when it comes back."""
        self._known, self._next = self._next, {}
