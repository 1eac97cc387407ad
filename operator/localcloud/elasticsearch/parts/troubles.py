"""What is wrong between nodes, or with one of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong with the node of a name, or with its link to `other`."""

    kind: str  # cut | isolated | stale | pause | hang | slow | reset
    name: str
    other: str = ""
    seconds: float = 0.0  # slow: how long each answer takes
    until: float | None = None  # None: until it is cleared


class Troubles:
    """By names, so that they outlive the processes that bear them."""

    def __init__(self) -> None:
        self.all: frozenset[Trouble] = frozenset()

    def add(self, trouble: Trouble) -> None:
        self.all |= {trouble}

    def clear(self) -> None:
        self.all = frozenset()

    def end(self, now: float) -> None:
        self.all = frozenset(one for one in self.all if one.until is None or one.until > now)

    def next_due(self) -> float | None:
        return min((one.until for one in self.all if one.until is not None), default=None)

    def has(self, kind: str, name: str) -> bool:
        return any((one.kind, one.name) == (kind, name) for one in self.all)

    def slow_seconds(self, name: str) -> float:
        slow = (one.seconds for one in self.all if (one.kind, one.name) == ("slow", name))
        return max(slow, default=0.0)

    def cut(self, one: str, other: str) -> bool:
        if self.has("isolated", one) or self.has("isolated", other):
            return True
        ends = {one, other}
        return any(each.kind == "cut" and {each.name, each.other} == ends for each in self.all)
