"""The model's memory: everything that a restart must bring back, and the durations of things."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from localcloud.compute.resources import Address, Disk, Firewall, Instance, Operation


@dataclass(frozen=True, slots=True)
class Timings:
    """How long things take, in seconds of the model's clock, from the acceptance on."""

    queue_seconds: float = 0.2  # an operation is PENDING for so long
    provision_seconds: float = 1.0  # then STAGING follows PROVISIONING
    insert_seconds: float = 3.0
    start_seconds: float = 3.0
    stop_seconds: float = 4.0
    suspend_seconds: float = 4.0
    resume_seconds: float = 2.0
    repair_seconds: float = 5.0  # a host that died is replaced
    migrate_seconds: float = 2.0
    reset_seconds: float = 1.0
    delete_seconds: float = 5.0
    refuse_seconds: float = 2.0  # until a zone without capacity, or a quota, says no
    edit_seconds: float = 0.5  # labels, metadata, firewalls, disks, addresses


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """What happens to an operation at a time: run | stage | done."""

    at: float
    serial: int
    event: str
    operation: str


@dataclass(frozen=True, slots=True)
class Stockout:
    """No capacity for a machine type, or for any, in a zone."""

    zone: str
    machine_type: str | None
    until: float


@dataclass(slots=True)
class Faults:
    """What is turned on. Times are epoch seconds of the model's clock."""

    stockouts: list[Stockout] = field(default_factory=list)
    quotas: dict[str, float] = field(default_factory=dict)
    unreachable: dict[str, float] = field(default_factory=dict)  # zone -> until
    rate_limited_until: float = 0.0
    unavailable_until: float = 0.0
    late_until: float = 0.0
    late_seconds: float = 0.0
    slow_until: float = 0.0
    slow_seconds: float = 0.0
    deletions_hang_until: float = 0.0
    stale_until: float = 0.0
    stale_instances: tuple[Instance, ...] = ()
    # how many of the next ones
    replies_to_lose: int = 0
    operations_to_lose: int = 0
    operations_to_fail: int = 0
    boots_to_hang: int = 0


@dataclass(slots=True)
class Rates:
    """Requests of the minute that runs, by quota group."""

    minute: int = 0
    used: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A request that carried an id: the digest of its body, and the operation it began."""

    digest: str
    operation: str


@dataclass(frozen=True, slots=True)
class Resources:
    """All that exists at a moment, to go back to it."""

    instances: dict[str, Instance]
    disks: dict[str, Disk]
    addresses: dict[str, Address]
    firewalls: dict[str, Firewall]


@dataclass(slots=True)
class State:
    """Keyed by id: instances, disks, addresses, firewalls; by name: operations; oldest first."""

    serial: int = 0
    last_hosts: dict[str, int] = field(default_factory=dict)  # region -> offset in its subnetwork
    instances: dict[str, Instance] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    firewalls: dict[str, Firewall] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    requests: dict[str, Remembered] = field(default_factory=dict)
    agenda: list[Due] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    rates: Rates = field(default_factory=Rates)


_JSON = TypeAdapter(State)


def dump(state: State) -> dict[str, Any]:
    body: dict[str, Any] = _JSON.dump_python(state, mode="json")
    return body


def load(body: dict[str, Any]) -> State:
    return _JSON.validate_python(body)
