"""What exists in the project, as immutable values: instances, disks, firewalls, operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.compute.errors import Failure


@dataclass(frozen=True, slots=True)
class Attachment:
    """A disk as its instance holds it."""

    disk: str  # the name; a disk is in the zone of its instance
    boot: bool
    auto_delete: bool
    device: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """`status` is the API's word. Times are epoch seconds."""

    id: str
    name: str
    zone: str
    created: float
    machine_type: str
    ip: str
    disks: tuple[Attachment, ...]
    status: str = "PROVISIONING"
    metadata: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    network: str = "default"
    external: bool = False  # wants an address in the internet while it runs
    nat_ip: str | None = None
    deletion_protection: bool = False
    deleting: bool = False
    echoed: Mapping[str, Any] = field(default_factory=dict)  # given, returned, not acted upon
    started: float | None = None
    stopped: float | None = None
    boots: int = 0
    hung: bool = False
    serial_output: str = ""

    @property
    def scope(self) -> str:
        return f"zones/{self.zone}"

    @property
    def path(self) -> str:
        return f"{self.scope}/instances/{self.name}"


@dataclass(frozen=True, slots=True)
class BootedInstance:
    """An instance whose operating system is up. `boots` grows with every boot."""

    name: str
    id: str
    zone: str
    ip: str
    user_data: str
    boots: int


@dataclass(frozen=True, slots=True)
class Disk:
    id: str
    name: str
    zone: str
    created: float
    size_gb: int
    type: str
    image: str  # with its project: projects/p/global/images/i
    labels: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None  # the name of the instance that holds it
    deleting: bool = False

    @property
    def scope(self) -> str:
        return f"zones/{self.zone}"

    @property
    def path(self) -> str:
        return f"{self.scope}/disks/{self.name}"


@dataclass(frozen=True, slots=True)
class Firewall:
    """`rule` holds the fields of the API that say what is let through to whom."""

    id: str
    name: str
    created: float
    rule: Mapping[str, Any]
    network: str = "default"
    scope: str = "global"

    @property
    def path(self) -> str:
        return f"global/firewalls/{self.name}"


@dataclass(frozen=True, slots=True)
class Operation:
    """`failure` is decided when the request is accepted and shows when the status is DONE."""

    id: str
    name: str
    type: str
    scope: str  # zones/z | regions/r | global
    target: str  # the path of the resource
    target_id: str
    user: str
    inserted: float
    status: str = "PENDING"
    started: float | None = None
    ended: float | None = None
    failure: Failure | None = None
    request_id: str = ""

    @property
    def done(self) -> bool:
        return self.status == "DONE"
