"""One machine's fleet agent: makes its systemd agree with the registry, and publishes states."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from localcloud.fleet.names import RECOGNISED_TYPES, is_template, unit_type
from localcloud.fleet.records import LAUNCHED, Beat, Job, Timings, UnitState
from localcloud.fleet.registry import Registry
from localcloud.fleet.systemd import Systemd
from localcloud.fleet.unitfile import unit_hash
from localcloud.seams import Machine


class Agent:
    """It knows what it started (`launched`), not what runs: it never starts a unit twice."""

    def __init__(
        self, machine: Machine, registry: Registry, systemd: Systemd, timings: Timings
    ) -> None:
        self.machine = machine
        self.systemd = systemd
        self.launched: set[str] = set()
        self._registry = registry
        self._timings = timings
        self._published: dict[str, UnitState] = {}
        self._purged: set[str] = set()  # removed once, and once more at the next beat

    @property
    def wedged(self) -> bool:
        """A template's file under /run makes every listing of units fail until it is removed."""
        return any(is_template(name) for name in self.systemd.units)

    def reconcile(self, now: float) -> None:
        if self.wedged:
            return
        wanted = self._registry.wanted_on(self.machine.id)
        for name in sorted(self.systemd.units.keys() - wanted.keys()):
            self._unload(name)
        changed = [name for name, job in wanted.items() if self._changed(job)]
        for name in changed:
            self._unload(name)
        # Unloading what has changed fails in its last call, which ends the round: the new file is
        # loaded in the next one.
        if not changed:
            self._load_and_start(wanted, now)

    def publish(self, now: float) -> None:
        """Write the states that changed; a unit that went takes all machines' states with it."""
        if self.wedged:
            return
        current = self._states()
        for name in sorted(self._published.keys() - current.keys()):
            self._registry.remove_states(name)
            self._purged.add(name)
        for name, state in current.items():
            if state != self._published.get(name):
                self._registry.put_state(state, now + self._timings.agent_ttl_seconds)
        self._published = current
        self._purged -= current.keys()

    def beat(self, now: float) -> None:
        expires = now + self._timings.agent_ttl_seconds
        for name in sorted(self._purged):
            self._registry.remove_states(name)
        self._purged.clear()
        for state in self._published.values():
            self._registry.put_state(state, expires)
        for name in sorted(self.launched):
            self._registry.beats[name] = Beat(self.machine.id, expires)

    def dump(self) -> dict[str, Any]:
        return {
            "machine": asdict(self.machine),
            "units": self.systemd.dump(),
            "launched": sorted(self.launched),
            "published": [asdict(state) for state in self._published.values()],
            "purged": sorted(self._purged),
        }

    def restore(self, state: Mapping[str, Any], shift_seconds: float) -> None:
        self.systemd.restore(state["units"], shift_seconds)
        self.launched = set(state["launched"])
        self._published = {row["name"]: UnitState(**row) for row in state["published"]}
        self._purged = set(state["purged"])

    def _changed(self, job: Job) -> bool:
        loaded = self.systemd.units.get(job.name)
        return loaded is not None and unit_hash(loaded.options) != job.hash

    def _load_and_start(self, wanted: Mapping[str, Job], now: float) -> None:
        for name in sorted(wanted.keys() - self.systemd.units.keys()):
            self.systemd.load(name, wanted[name].options)
        if self.wedged:
            return
        for name, job in wanted.items():
            if job.desired == LAUNCHED and name not in self.launched:
                self._start(name, now)
            elif job.desired != LAUNCHED and name in self.launched:
                self._stop(name)

    def _start(self, name: str, now: float) -> None:
        self.systemd.start(name, now)
        self.launched.add(name)
        expires = now + self._timings.agent_ttl_seconds
        self._registry.beats[name] = Beat(self.machine.id, expires)

    def _stop(self, name: str) -> None:
        self.systemd.stop(name)
        self._forget_launch(name)

    def _unload(self, name: str) -> None:
        self.systemd.unload(name)
        self._forget_launch(name)

    def _forget_launch(self, name: str) -> None:
        self.launched.discard(name)
        beat = self._registry.beats.get(name)
        if beat is not None and beat.machine_id == self.machine.id:
            del self._registry.beats[name]

    def _states(self) -> dict[str, UnitState]:
        return {
            name: UnitState(
                name,
                unit_hash(unit.options),
                self.machine.id,
                self.systemd.load_state(name),
                unit.active,
                unit.sub,
            )
            for name, unit in self.systemd.units.items()
            if unit_type(name) in RECOGNISED_TYPES
        }
