"""What may be done to a unit: each one write to fleet."""

from dataclasses import dataclass, field
from datetime import datetime

from steersman.model.observed import UnitOption
from steersman.model.plan import Action
from steersman.model.ports import DesiredState


@dataclass(frozen=True)
class SubmitUnit(Action):
    unit: str
    hash: str
    options: tuple[UnitOption, ...] = field(repr=False)


@dataclass(frozen=True)
class ReplaceUnit(Action):
    """Other content, in place. `config` as in LaunchUnit."""

    unit: str
    hash: str
    options: tuple[UnitOption, ...] = field(repr=False)
    state: DesiredState
    config: str | None


@dataclass(frozen=True)
class LoadUnit(Action):
    """`restart` is when somebody asked for it, None when nobody did."""

    unit: str
    hash: str
    restart: datetime | None = None


@dataclass(frozen=True)
class LaunchUnit(Action):
    """`config` is the hash of the configuration that it will read, None when that is unknown."""

    unit: str
    hash: str
    config: str | None


@dataclass(frozen=True)
class UnloadUnit(Action):
    unit: str
    hash: str


@dataclass(frozen=True)
class DestroyUnit(Action):
    unit: str


UnitAction = SubmitUnit | ReplaceUnit | LoadUnit | LaunchUnit | UnloadUnit | DestroyUnit
