"""One Elasticsearch process: how it was started, and what it believes at the moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.elasticsearch.version import Version, parse

DEFAULT_VERSION = "1.3.2"
NUMBER_MAX = 2**31 - 1
OPENSEARCH_ATTRIBUTES = {"shard_indexing_pressure_enabled": "true"}


def words(text: str) -> tuple[str, ...]:
    """What commas separate in a setting, blanks or not."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def is_number(text: str) -> bool:
    """A whole one that is not negative, and that 32 bits hold."""
    short = text.isdecimal() and len(text) <= len(str(NUMBER_MAX))
    return short and int(text) <= NUMBER_MAX


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
    own_ip: str = ""  # the container's, where it has one of its own
    disk: str | None = None  # which volume its data path is on; None: it dies with the process

    @property
    def dialect(self) -> Version:
        return parse(self.version)

    @property
    def transport_address(self) -> str:
        return f"{self.publish_ip}:{self.transport_port or 9300}"

    @property
    def http_address(self) -> str:
        return f"{self.publish_ip}:{self.http_port or 9200}"

    @property
    def told_ip(self) -> str:
        """1.x calls itself by the address that it has, the modern family by what it publishes."""
        return self.own_ip if self.own_ip and not self.dialect.modern else self.publish_ip

    @property
    def reachable(self) -> bool:
        """Whether another machine that follows the published address finds this node."""
        return self.publish_ip == self.ip and self.transport_port is not None

    @property
    def master_eligible(self) -> bool:
        return self._has_role("node.master", ("master", "cluster_manager"))

    @property
    def holds_data(self) -> bool:
        return self._has_role("node.data", ("data",))

    @property
    def initial_masters(self) -> tuple[str, ...]:
        return self.listed("cluster.initial_cluster_manager_nodes", "cluster.initial_master_nodes")

    @property
    def attributes(self) -> dict[str, str]:
        """What `node.zone` (1.x) or `node.attr.zone` say; 1.x has its roles among them."""
        prefix = "node.attr." if self.dialect.modern else "node."
        written = {
            name.removeprefix(prefix): value
            for name, value in self.settings.items()
            if name.startswith(prefix) and (name, value) != ("node.data", "true")
        }
        written.pop("name", None)
        return {**(OPENSEARCH_ATTRIBUTES if self.dialect.opensearch else {}), **written}

    def listed(self, *names: str) -> tuple[str, ...]:
        """A setting that is a list, by the first of these names that is there."""
        return words(next((self.settings[name] for name in names if self.settings.get(name)), ""))

    def _has_role(self, flag: str, roles: tuple[str, ...]) -> bool:
        if "node.roles" in self.settings:
            return any(role in self.listed("node.roles") for role in roles)
        return self.settings.get(flag, "true") == "true"


@dataclass(frozen=True, slots=True)
class Member:
    """A node as a cluster state lists it. 1.x has no id but the one of the process."""

    id: str
    ephemeral_id: str
    spec: NodeSpec
    started_at: float
