"""Circuits: where calls fail for everybody, so that not everybody has to find out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime

from steersman.model.plan import Target

ZONE = "zone"
MACHINE_TYPE = "machineType"


@dataclass(frozen=True, slots=True, order=True)
class Circuit:
    """A system, one of its zones, or, for creations, one machine type there."""

    system: str
    zone: str = ""
    machine_type: str = ""

    def __str__(self) -> str:
        return " ".join(each for each in (self.system, self.zone, self.machine_type) if each)


@dataclass(frozen=True, slots=True)
class Failure:
    at: AwareDatetime
    target: Target


@dataclass(frozen=True, slots=True)
class Breaker:
    """`until` None: closed, calls go through. After `until` it is half open: one call at a time
    finds out. `failures` are the last ones without a success in between."""

    failures: tuple[Failure, ...] = ()
    until: AwareDatetime | None = None
    reason: str = ""

    def open(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


def circuit_of(target: Target, attributes: Mapping[str, str]) -> Circuit:
    """The circuit of a step, by its target and what its kind says of it."""
    return Circuit(target.system, attributes.get(ZONE, ""), attributes.get(MACHINE_TYPE, ""))
