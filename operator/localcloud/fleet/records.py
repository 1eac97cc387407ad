"""What fleet keeps in its registry, and what it answers with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from localcloud.fleet.units.requirements import Requirements, requirements_of
from localcloud.fleet.units.unitfile import UnitFileError, parse, text_hash, unit_hash
from localcloud.fleet.versions import LATEST
from localcloud.seams import Machine, Option

INACTIVE, LOADED, LAUNCHED = "inactive", "loaded", "launched"
JOB_STATES = frozenset({INACTIVE, LOADED, LAUNCHED})

UNIT_FILES_CACHED_MAX = 4096


@dataclass(frozen=True, slots=True)
class Timings:
    """fleetd's own defaults, and the delays that were measured on a real fleet."""

    join_seconds: float = 3.0  # from the boot of a machine to its first registration
    retry_seconds: float = 1.0  # from the first failure to register; doubles with each one
    retry_seconds_max: float = 60.0
    request_seconds: float = 1.0  # etcd_request_timeout
    respawn_seconds: float = 10.0  # from the death of fleetd to its next life: RestartSec
    purge_seconds: float = 1.0  # between two units that a fleetd unloads as it stops
    event_seconds: float = 1.0  # from a change in the registry to the round that sees it ...
    event_spread_seconds: float = 0.5  # ... at the earliest: who of engine and agents looks first?
    publish_seconds: float = 1.0  # from a change in systemd to /state
    engine_seconds: float = 2.0
    engine_lease_seconds: float = 10.0
    agent_seconds: float = 5.0
    agent_ttl_seconds: float = 30.0
    machine_beat_seconds: float = 15.0
    machine_beat_patience_seconds: float = 10.0  # then a fleetd gives up, and starts afresh
    unit_beat_seconds: float = 24.0


@dataclass(frozen=True, slots=True)
class Job:
    """A unit that was submitted."""

    name: str
    raw: str  # the unit file as it was sent; etcd keeps it under its hash
    desired: str
    target: str | None = None  # the machine that the engine chose
    version: str = LATEST  # of the fleet that reads it

    @property
    def options(self) -> tuple[Option, ...]:
        return _parsed(self.raw) or ()

    @property
    def hash(self) -> str:
        """Of the options as they are read back: what /state shows."""
        return unit_hash(self.options)

    @property
    def raw_hash(self) -> str:
        return text_hash(self.raw)

    @property
    def needs(self) -> Requirements:
        return _needs(self.name, self.raw, self.version)

    @property
    def readable(self) -> bool:
        """A desired state that is none of the three makes the whole unit unreadable; so does a unit
        file that is none, for only a new unit's is checked."""
        return self.desired in JOB_STATES and _parsed(self.raw) is not None

    @property
    def active(self) -> bool:
        return self.desired in (LOADED, LAUNCHED)


@dataclass(frozen=True, slots=True)
class UnitState:
    name: str
    hash: str
    machine_id: str
    load: str
    active: str
    sub: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as GET shows it."""

    name: str
    options: tuple[Option, ...]
    desired: str
    current: str | None  # None: fleet does not tell, as for one global unit
    machine_id: str | None


@dataclass(frozen=True, slots=True)
class MachineKey:
    machine: Machine
    expires: float


@dataclass(frozen=True, slots=True)
class Beat:
    """A key whose value is a machine id: the heartbeat of a launched unit, the engine's lease."""

    machine_id: str
    expires: float


@dataclass(frozen=True, slots=True)
class StateKey:
    state: UnitState
    expires: float


@dataclass(frozen=True, slots=True)
class MetadataChange:
    """One operation of PATCH /machines; an empty value hides what the machine itself says."""

    machine_id: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class UnitBody:
    """What PUT on a unit may carry."""

    name: str = ""
    desired: str = ""
    options: tuple[Option, ...] = ()


class ApiError(Exception):
    """fleet refuses the request, after a while where it waits for etcd; an empty message is an
    answer that fleet gives, too."""

    def __init__(self, status: int, message: str = "", after_seconds: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.after_seconds = after_seconds


@lru_cache(UNIT_FILES_CACHED_MAX)
def _parsed(raw: str) -> tuple[Option, ...] | None:
    try:
        return parse(raw)
    except UnitFileError:
        return None


@lru_cache(UNIT_FILES_CACHED_MAX)
def _needs(name: str, raw: str, version: str) -> Requirements:
    return requirements_of(name, _parsed(raw) or (), version)


def with_metadata(machine: Machine, changes: Mapping[str, str]) -> Machine:
    merged = machine.metadata | dict(changes)
    return replace(machine, metadata={key: value for key, value in merged.items() if value})
