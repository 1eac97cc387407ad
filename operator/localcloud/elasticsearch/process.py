"""A running node, and what may be wrong between it and the others."""

from dataclasses import dataclass

from localcloud.elasticsearch.node import Member, NodeSpec
from localcloud.elasticsearch.state import ClusterSettings, ClusterState


@dataclass(slots=True)
class Node:
    """`phase`: starting (nothing listens yet) | up. `due` is when it does its next step; None:
    nothing is planned. `key` is the process: a modern `id` outlives it, with the data path."""

    key: str
    id: str
    spec: NodeSpec
    started_at: float
    disk: str
    state: ClusterState
    phase: str = "starting"
    due: float | None = None
    wiped: bool = False  # its files were deleted under it

    @property
    def up(self) -> bool:
        return self.phase == "up"

    @property
    def master(self) -> str | None:
        """The id of the node that it takes for its master."""
        return self.state.master

    @property
    def is_master(self) -> bool:
        return self.state.master == self.id

    @property
    def settings(self) -> ClusterSettings:
        return self.state.settings

    @property
    def member(self) -> Member:
        return Member(self.id, self.key, self.spec, self.started_at)


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
        return max(
            (one.seconds for one in self.all if (one.kind, one.name) == ("slow", name)), default=0
        )

    def cut(self, one: str, other: str) -> bool:
        if self.has("isolated", one) or self.has("isolated", other):
            return True
        ends = {one, other}
        return any(each.kind == "cut" and {each.name, each.other} == ends for each in self.all)
