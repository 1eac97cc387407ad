"""The machines of one fleet at work: their fleetds and the engine, all on one agenda."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.fleet.parts.agenda import Agenda, Entry
from localcloud.fleet.parts.engine import Engine
from localcloud.fleet.parts.fleetd import Fleetd, Phase, Surroundings
from localcloud.fleet.parts.outages import Outages
from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.parts.systemd import Loaded
from localcloud.fleet.records import Job, Timings
from localcloud.seams import Host, Machine

ENGINE = ""  # among the subjects of the agenda, which are machines


class Cluster:
    """It is the planner of its fleetds."""

    def __init__(
        self, rng: random.Random, host: Host, timings: Timings, version: str, now: float
    ) -> None:
        self.registry = Registry()
        self.engine = Engine(self.registry, rng, timings)
        self.outages = Outages()
        self.fleetds: dict[str, Fleetd] = {}  # of the machines that are up, by machine id
        self._now = now
        self._rng = rng
        self._host = host
        self._timings = timings
        self._version = version
        self._agenda = Agenda()
        self._actions: Mapping[str, Callable[[], None]] = {
            "engine": self._engine_tick,
            "engine-event": self._engine_round,
            "thaw": self._thaw,
        }

    def run_until(self, now: float) -> None:
        while (entry := self._agenda.pop_due(now)) is not None:
            self._advance(entry.when)
            self._do(entry)
        self._advance(now)

    def next_due(self) -> float | None:
        return self._agenda.next_due()

    # what happens to machines

    def boot(self, machine: Machine) -> None:
        """A machine that boots again has lost what ran and what lay in its /run."""
        self.lose(machine.id)
        self._install(machine).start(self._timings.join_seconds)
        self._agenda.once(self._now, "engine")

    def lose(self, machine_id: str) -> None:
        """Nobody tells the registry: the machine's keys expire."""
        self.fleetds.pop(machine_id, None)
        self._agenda.drop(machine_id)

    def exit(self, machine_id: str, unit: str, code: int) -> None:
        """Planned, not done: the word may come while the unit is still being started."""
        if machine_id in self.fleetds:
            self.plan(machine_id, 0.0, "exited", unit, code)

    def freeze_etcd(self, until: float) -> None:
        self.outages.freeze(self._now, until)
        self._agenda.at(until, "thaw")

    def end_outages(self) -> None:
        """etcd answers again, the network is whole, and who was stopped is started."""
        self.outages.mend()
        self.outages.frozen_until = self._now
        self._thaw()
        for fleetd in self.fleetds.values():
            if fleetd.phase in (Phase.STOPPING, Phase.STOPPED):
                fleetd.start(0.0)

    # what happens to units

    def changed(self, job: Job) -> None:
        """A unit was written or deleted: the engine and the agents that it concerns look."""
        self.plan_event(ENGINE, "engine-event")
        for fleetd in self.fleetds.values():
            if job.needs.everywhere or job.target == fleetd.machine.id:
                fleetd.wake()

    def set_desired(self, name: str, word: str) -> None:
        """Somebody writes it into etcd past the API."""
        self.registry.set_desired(name, word)
        self.changed(self.registry.jobs[name])

    def loaded(self, unit: str) -> Mapping[str, Loaded]:
        """By machine id."""
        return {
            id_: fleetd.systemd.units[unit]
            for id_, fleetd in self.fleetds.items()
            if unit in fleetd.systemd.units
        }

    def metadata_changed(self) -> None:
        self.plan_event(ENGINE, "engine-event")
        for fleetd in self.fleetds.values():
            fleetd.wake()

    # persistence

    def dump(self) -> dict[str, Any]:
        return {
            "now": self._now,
            "registry": self.registry.dump(),
            "engine": self.engine.dump(),
            "outages": self.outages.dump(),
            "fleetds": [fleetd.dump() for fleetd in self.fleetds.values()],
            "agenda": self._agenda.dump(),
        }

    def load(self, state: Mapping[str, Any], now: float) -> None:
        """For the fleet no time has passed since the dump; what ran is started again."""
        self._now = now
        shift_seconds = now - state["now"]
        self.registry = Registry.restored(state["registry"], shift_seconds)
        self.engine = Engine(self.registry, self._rng, self._timings)
        self.engine.restore(state["engine"], shift_seconds)
        self.outages = Outages.restored(state["outages"], shift_seconds)
        self._agenda = Agenda.restored(state["agenda"], shift_seconds)
        self.fleetds = {}
        for row in state["fleetds"]:
            self._install(Machine(**row["machine"])).restore(row, shift_seconds)

    # fleetd.Planner

    def plan(self, machine_id: str, seconds: float, action: str, *arguments: Any) -> None:
        self._agenda.at(self._now + seconds, action, machine_id, *arguments)

    def plan_once(self, machine_id: str, seconds: float, action: str) -> None:
        self._agenda.once(self._now + seconds, action, machine_id)

    def plan_event(self, machine_id: str, action: str) -> None:
        """Its watch of etcd sees a change, somewhat sooner or later than the others do."""
        spread_seconds = self._rng.uniform(0, self._timings.event_spread_seconds)
        self.plan_once(machine_id, self._timings.event_seconds + spread_seconds, action)

    def forget(self, machine_id: str, actions: frozenset[str]) -> None:
        self._agenda.drop(machine_id, actions)

    def reaches_etcd(self, machine_id: str) -> bool:
        return self.outages.reaches(machine_id, self._now)

    def now(self) -> float:
        return self._now

    def _install(self, machine: Machine) -> Fleetd:
        around = Surroundings(self.registry, self, self._timings, self._version, self._rng)
        self.fleetds[machine.id] = Fleetd(machine, self._host, around)
        return self.fleetds[machine.id]

    def _do(self, entry: Entry) -> None:
        if entry.subject != ENGINE:
            self.fleetds[entry.subject].act(entry.action, *entry.arguments)
        else:
            self._actions[entry.action]()

    def _advance(self, now: float) -> None:
        self._now = max(self._now, now)
        if not self.outages.frozen:
            self.registry.expire(self._now)

    def _thaw(self) -> None:
        if self.outages.frozen and self.outages.frozen_until <= self._now:
            self.registry.postpone(self.outages.thaw(self._now))

    # engine

    def _engine_tick(self) -> None:
        if self.fleetds:
            self._engine_round()
            self._agenda.once(self._now + self._timings.engine_seconds, "engine")

    def _engine_round(self) -> None:
        able = sorted(id_ for id_, fleetd in self.fleetds.items() if fleetd.working)
        concerned = self.engine.round(able, self._now)
        for machine_id in sorted(concerned & self.fleetds.keys()):
            self.fleetds[machine_id].wake()
