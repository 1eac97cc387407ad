"""A fleet of three machines on a clock that stands still until a test moves it."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from localcloud.clock import ManualClock
from localcloud.fleet.model import Fleet
from localcloud.fleet.records import Timings, UnitBody, UnitState
from localcloud.fleet.units.unitfile import parse
from localcloud.fleet.versions import LATEST
from localcloud.seams import Machine, Option

SLEEPER = "[Service]\nExecStart=/bin/sleep 1000\n"
JOINED_SECONDS = 4.0  # by then the machines of a new fleet have registered
SETTLED_SECONDS = 12.0  # by then any write has reached the machines, and /state


def machine(number: int, **metadata: str) -> Machine:
    return Machine(f"{number}" * 32, f"127.20.0.{number}", f"core{number}", metadata)


@dataclass
class FakeHost:
    """Runs nothing, but knows what would run; units in `broken` fail as they start."""

    running: set[tuple[str, str]] = field(default_factory=set)  # (machine's instance, unit)
    starts: list[tuple[str, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def start(self, machine: Machine, unit: str, options: Sequence[Option]) -> bool:
        self.starts.append((machine.instance, unit))
        if unit in self.broken:
            return False
        self.running.add((machine.instance, unit))
        return True

    def stop(self, machine: Machine, unit: str) -> None:
        self.running.discard((machine.instance, unit))

    def kill(self, machine: Machine, unit: str) -> None:
        self.running.discard((machine.instance, unit))

    def end(self, fleet: Fleet, unit: str, code: int) -> None:
        """Wherever it runs, its process ends by itself."""
        fleet.tick()
        for instance, running in sorted(self.running):
            if running == unit:
                self.running.discard((instance, unit))
                home = next(each for each in fleet.machines() if each.instance == instance)
                fleet.exited(home.id, unit, code)


class Town:
    """The fleet, its clock and its host."""

    def __init__(
        self,
        machines: Iterable[Machine] | None = None,
        seed: int = 1,
        version: str = LATEST,
        timings: Timings | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.host = FakeHost()
        self.fleet = Fleet(self.clock, random.Random(seed), self.host, version, timings)
        self.machines = list(machines if machines is not None else map(machine, (1, 2, 3)))
        for each in self.machines:
            self.fleet.machine_up(each)
        self.wait(JOINED_SECONDS)

    def wait(self, seconds: float = SETTLED_SECONDS) -> None:
        self.clock.advance(seconds)
        self.fleet.tick()

    def put(self, name: str, desired: str = "launched", text: str = "") -> str:
        return self.fleet.put_unit(name, UnitBody(desired=desired, options=parse(text))).value

    def launch(self, name: str, text: str = SLEEPER) -> None:
        self.put(name, "launched", text)
        self.wait()

    def current(self, name: str) -> str | None:
        unit = self.fleet.unit(name)
        assert unit is not None
        return unit.current

    def target(self, name: str) -> str | None:
        unit = self.fleet.unit(name)
        assert unit is not None
        return unit.machine_id

    def state(self, name: str) -> str | None:
        """load/active/sub, or None where there is no state."""
        found: list[UnitState] = self.fleet.states(name)
        return f"{found[0].load}/{found[0].active}/{found[0].sub}" if found else None

    def exited(self, name: str, code: int) -> None:
        """The process ended by itself."""
        self.host.end(self.fleet, name, code)
        self.wait(1.5)
