"""A running node."""

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
