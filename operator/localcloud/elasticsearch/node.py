"""One Elasticsearch process: how it was started, and what it knows at the moment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

DEFAULT_VERSION = "1.3.2"


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """Fixed when the process starts: a 1.x node never reads its list of hosts again."""

    ip: str  # the machine's address, at which the published ports listen
    name: str
    publish_ip: str  # what it tells other nodes to connect to
    cluster_name: str = "elasticsearch"
    http_port: int | None = 9200  # None: not published by the container
    transport_port: int | None = 9300
    hosts: tuple[str, ...] = ()  # "ip:port" of the nodes to ask
    minimum_master_nodes: int = 1
    version: str = DEFAULT_VERSION
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def transport_address(self) -> str:
        return f"{self.publish_ip}:{self.transport_port or 9300}"

    @property
    def reachable(self) -> bool:
        """Whether another machine that follows the published address finds this node."""
        return self.publish_ip == self.ip and self.transport_port is not None


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """What PUT /_cluster/settings wrote: flat names, and strings as 1.x keeps them."""

    persistent: Mapping[str, str] = field(default_factory=dict)
    transient: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        return self.transient.get(name, self.persistent.get(name))


@dataclass(slots=True)
class Node:
    """`phase`: starting (nothing listens yet) | up | lost (its machine went silent; the others
    have not noticed). `due` is when it does its next step; None: nothing is planned."""

    id: str
    spec: NodeSpec
    started_at: float
    phase: str = "starting"
    due: float | None = None
    master: str | None = None  # the id of the node that it takes for its master
    version: int = 1  # of the cluster state that it has
    known: tuple[str, ...] = ()  # transport addresses of its last cluster
    settings: ClusterSettings = ClusterSettings()

    @property
    def up(self) -> bool:
        return self.phase == "up"

    @property
    def age(self) -> tuple[float, str]:
        """Orders nodes, the oldest first."""
        return self.started_at, self.id

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def load_node(state: dict[str, Any]) -> Node:
    spec = dict(state["spec"])
    return Node(
        **(
            state
            | {
                "spec": NodeSpec(**(spec | {"hosts": tuple(spec["hosts"])})),
                "known": tuple(state["known"]),
                "settings": ClusterSettings(**state["settings"]),
            }
        )
    )
