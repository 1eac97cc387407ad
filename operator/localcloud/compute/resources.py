"""What exists in the project, as immutable values: instances, disks, addresses and more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.compute.errors import Failure
from localcloud.compute.fingerprints import fingerprint


@dataclass(frozen=True, slots=True)
class Attachment:
    """A disk as its instance holds it."""

    disk: str  # the name; a disk is in the zone of its instance
    disk_id: str
    boot: bool
    auto_delete: bool
    device: str
    read_only: bool = False


ACCESS_NAME = "External NAT"


@dataclass(frozen=True, slots=True)
class Access:
    """The way of an instance to the internet. `reserved` is an address of the project, else any
    address will do, another one after each stop."""

    name: str = ACCESS_NAME
    reserved: str = ""
    tier: str = "PREMIUM"


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
    access: Access | None = None
    nat_ip: str | None = None
    deletion_protection: bool = False
    scheduling: Mapping[str, Any] = field(default_factory=dict)
    service_accounts: tuple[Mapping[str, Any], ...] = ()
    min_cpu_platform: str = ""
    deleting: bool = False
    echoed: Mapping[str, Any] = field(default_factory=dict)  # given, returned, not acted upon
    started: float | None = None
    stopped: float | None = None
    boots: int = 0
    hung: bool = False
    serial_output: str = ""
    serial_dropped: int = 0  # characters that were said before those that are kept

    @property
    def scope(self) -> str:
        return f"zones/{self.zone}"

    @property
    def path(self) -> str:
        return f"{self.scope}/instances/{self.name}"

    @property
    def fingerprint(self) -> str:
        """Of all that an update replaces."""
        accounts = [dict(account) for account in self.service_accounts]
        tables = (self.metadata, self.labels, self.scheduling, self.echoed)
        plain = (self.machine_type, self.tags, self.deletion_protection, self.min_cpu_platform)
        return fingerprint([self.id, plain, accounts, *map(dict, tables)])


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
    image: str  # with its project: projects/p/global/images/i; empty for a blank disk
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None  # the name of the instance that holds it
    attached: float | None = None
    detached: float | None = None
    deleting: bool = False

    @property
    def scope(self) -> str:
        return f"zones/{self.zone}"

    @property
    def path(self) -> str:
        return f"{self.scope}/disks/{self.name}"


@dataclass(frozen=True, slots=True)
class Address:
    """An address that the project keeps, whether an instance uses it or not."""

    id: str
    name: str
    region: str  # empty: global
    created: float
    ip: str
    internal: bool = False
    description: str = ""
    tier: str = "PREMIUM"
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        return f"regions/{self.region}" if self.region else "global"

    @property
    def path(self) -> str:
        return f"{self.scope}/addresses/{self.name}"


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
    lost: bool = False  # nobody can look at it: by a fault, or because its record was deleted

    @property
    def done(self) -> bool:
        return self.status == "DONE"
