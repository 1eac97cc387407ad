"""A fleet in thirty lines: enough to see whether a plan gets it where the document wants it.

Its agents look every few seconds, and only then does what was written happen: what is launched
again before an agent saw that it was loaded just goes on, and a failed unit stays failed.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from steersman.model.observed import FleetSnapshot, FleetUnit, UnitOption, UnitState
from steersman.model.ports import FleetRead
from steersman.model.unitfile import fleet_hash, version_numbers
from tests.kinds import builders


@dataclass
class ToyFleet:
    """The port Fleet. Every unit has the machine of its instance's number."""

    now: datetime
    units: dict[str, FleetUnit] = field(default_factory=dict)
    states: dict[str, UnitState] = field(default_factory=dict)
    version: str = "1.0.0"

    async def create_unit(
        self, name: str, options: tuple[UnitOption, ...], *, timeout_seconds: float
    ) -> None:
        assert name not in self.units, "it is there"
        await self.put_unit(name, options, "inactive", timeout_seconds=timeout_seconds)

    async def put_unit(
        self, name: str, options: tuple[UnitOption, ...], state: str, *, timeout_seconds: float
    ) -> None:
        before = self.units.get(name)
        if before and version_numbers(self.version) < (
            0,
            13,
        ):  # it takes no other options for a name that it knows
            options = before.options
        machine = f"machine{name.partition('@')[2].partition('.')[0]}"
        current = before.current_state if before else "inactive"
        self.units[name] = FleetUnit(name, options, fleet_hash(options), state, current, machine)

    async def set_state(self, name: str, state: str, *, timeout_seconds: float) -> None:
        self.units[name] = replace(self.units[name], desired_state=state)

    async def delete_unit(self, name: str, *, timeout_seconds: float) -> None:
        assert name not in self.states, "it still runs"
        del self.units[name]

    async def read(self) -> FleetRead:
        return FleetRead((), tuple(self.units.values()), tuple(self.states.values()), self.version)

    async def close(self) -> None:
        pass

    def agents_look(self) -> None:
        for name, unit in self.units.items():
            match unit.desired_state:
                case "launched":
                    known = self.states.get(name)
                    if unit.current_state != "launched" or not known or known.hash != unit.hash:
                        self.systemd_says(name, "active/running")
                case "loaded":
                    self._stop(name)
                case "inactive":
                    self.states.pop(name, None)
            self.units[name] = replace(unit, current_state=unit.desired_state)

    def systemd_says(self, name: str, state: str) -> None:
        unit = self.units[name]
        active, _, sub = state.partition("/")
        machine = unit.machine_id or ""
        said = UnitState(name, unit.hash, machine, "loaded", active, sub, self.now)
        known = self.states.get(name)
        if known is None or replace(said, since=known.since) != known:
            self.states[name] = said

    def snapshot(self) -> FleetSnapshot:
        read = builders.fleet(
            *(builders.machine(number) for number in (1, 2, 3)),
            units=self.units.values(),
            states=self.states.values(),
        )
        return replace(read, observed_at=self.now, version=self.version)

    def running(self) -> int:
        return sum(state.active == "active" for state in self.states.values())

    def _stop(self, name: str) -> None:
        """What failed says so until it is started, or loaded anew with another content."""
        known = self.states.get(name)
        if known is None or known.active != "failed" or known.hash != self.units[name].hash:
            self.systemd_says(name, "inactive/dead")
