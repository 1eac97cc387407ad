"""Where the models of the local cloud meet: compute boots machines, fleet starts units on them,
units become programs, an Elasticsearch program becomes a node. No model imports another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Model(Protocol):
    """A pure, synchronous state machine over an injected clock and a seeded random.Random.

    Requests are plain methods. Whatever takes time is an entry in the model's own agenda:
    `tick` does all that is due by the clock's now, in order; `next_due` says when to come back.
    """

    def tick(self) -> None: ...

    def next_due(self) -> float | None:
        """Epoch seconds on the model's clock, or None when nothing is planned."""
        ...

    def dump(self) -> dict[str, Any]:
        """The whole state as JSON values, for `load` after a restart."""
        ...

    def load(self, state: dict[str, Any]) -> None: ...


class UnreachableError(Exception):
    """The etcd that a program reads does not answer."""


class Keys(Protocol):
    """What a unit's command line can do with etcd's v2 store. Raises UnreachableError."""

    def get(self, key: str) -> str | None: ...

    def leaves(self, directory: str) -> list[str] | None:
        """Names of the leaf keys under a directory at any depth, as `etcdctl ls --recursive`
        prints them without the directory's own path; None when the directory does not exist."""
        ...

    def put(self, key: str, value: str, ttl_seconds: float | None = None) -> None: ...

    def remove(self, key: str) -> bool:
        """False: there is no such key."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """One line of a unit file."""

    section: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What a booted instance is to fleet: made from the instance's user data."""

    id: str  # 32 hex digits, stable over reboots of the same instance
    ip: str
    instance: str  # the instance's name
    metadata: dict[str, str] = field(default_factory=dict)
    fleet: bool = True  # runs fleet.service
    discovery: str = ""  # the discovery URL; machines with the same one form one fleet


class Host(Protocol):
    """What a fleet agent may ask of the machine that it runs on: the systemd of that machine."""

    def start(self, machine: Machine, unit: str, options: Sequence[Option]) -> bool:
        """Start the program of a unit file. False: it failed at once (systemd: failed)."""
        ...

    def stop(self, machine: Machine, unit: str) -> None:
        """End it as its file says; no word when it does not run."""
        ...

    def kill(self, machine: Machine, unit: str) -> None:
        """End it at once."""
        ...
