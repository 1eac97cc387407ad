"""One machine's fleet agent: makes its systemd agree with the registry, and publishes states."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.parts.systemd import Systemd
from localcloud.fleet.records import LAUNCHED, LOADED, Job, Timings, UnitState
from localcloud.fleet.units.names import RECOGNISED_TYPES, is_template, unit_type
from localcloud.fleet.units.unitfile import unit_hash
from localcloud.seams import Machine


class Agent:
    """It knows what it did, not what runs: it never starts a unit twice. Another process of fleetd
    has a new agent, which knows of nothing and loads and starts all of it again."""

    def __init__(
        self, machine: Machine, registry: Registry, systemd: Systemd, timings: Timings
    ) -> None:
        self.machine = machine
        self.systemd = systemd
        self._registry = registry
        self._timings = timings
        self._done: dict[str, str] = {}  # unit -> the desired state that it was brought to
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
        if self._unload_one(wanted):
            return
        self._load(wanted)
        if not self.wedged:
            self._stop_and_start(wanted, now)

    def purge(self) -> bool:
        """One step of a graceful end: a unit is stopped and unloaded. False: none is left, or
        none can be told."""
        return not self.wedged and self._unload_one({})

    def clear_states(self) -> None:
        """The last act of a graceful end, of all machines' states as always."""
        for name in self._published:
            self._registry.remove_states(name)

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
        for name, done in sorted(self._done.items()):
            if done == LAUNCHED:
                self._registry.beat(name, self.machine.id, expires)

    def dump(self) -> dict[str, Any]:
        return {
            "done": self._done,
            "published": [asdict(state) for state in self._published.values()],
            "purged": sorted(self._purged),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._done = dict(state["done"])
        self._published = {row["name"]: UnitState(**row) for row in state["published"]}
        self._purged = set(state["purged"])

    def _unload_one(self, wanted: Mapping[str, Job]) -> bool:
        """Whether there was one to unload. systemd's last answer to an unload is an error, and an
        error ends the round: what remains is done in the next one."""
        stale = [name for name in self.systemd.units if self._stale(name, wanted)]
        if not stale:
            return False
        name = min(stale)
        self._registry.clear_beat(name)
        self._done.pop(name, None)
        self.systemd.unload(name)
        return True

    def _stale(self, name: str, wanted: Mapping[str, Job]) -> bool:
        job = wanted.get(name)
        return job is None or unit_hash(self.systemd.units[name].options) != job.hash

    def _load(self, wanted: Mapping[str, Job]) -> None:
        """What is not there, and what another life of fleetd has left."""
        for name in sorted(wanted.keys() - (self._done.keys() & self.systemd.units.keys())):
            self._done[name] = LOADED
            if name not in self.systemd.units:
                self.systemd.load(name, wanted[name].options)

    def _stop_and_start(self, wanted: Mapping[str, Job], now: float) -> None:
        for name, job in wanted.items():
            if job.desired == LOADED and self._done[name] == LAUNCHED:
                self._done[name] = LOADED
                self._registry.clear_beat(name)
                self.systemd.stop(name)
        for name, job in wanted.items():
            if job.desired == LAUNCHED and self._done[name] == LOADED:
                self._done[name] = LAUNCHED
                self._registry.beat(name, self.machine.id, now + self._timings.agent_ttl_seconds)
                self.systemd.start(name, now)

    def _states(self) -> dict[str, UnitState]:
        return {
            name: self._state(name)
            for name in sorted(self._done.keys() & self.systemd.units.keys())
            if unit_type(name) in RECOGNISED_TYPES
        }

    def _state(self, name: str) -> UnitState:
        unit = self.systemd.units[name]
        return UnitState(
            name,
            unit_hash(unit.options),
            self.machine.id,
            self.systemd.load_state(name),
            unit.active,
            unit.sub,
        )
