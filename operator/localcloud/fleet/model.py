"""The fleet that machines with one discovery URL form, as its API and the local cloud see it."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud.clock import Clock
from localcloud.fleet.agent import Agent
from localcloud.fleet.api import Change, decide_delete, decide_put
from localcloud.fleet.cluster import Cluster
from localcloud.fleet.keyspace import Key, keys
from localcloud.fleet.records import ApiError, MetadataChange, Timings, Unit, UnitBody, UnitState
from localcloud.fleet.systemd import Loaded
from localcloud.seams import Host, Machine

IN_PLACE_SINCE = (0, 13)  # before it, new options for a unit that exists are silently ignored
VERSION_1 = (1, 0)  # brought PATCH /machines and GET /state/NAME


class Fleet:
    """An agent registers `Timings.join_seconds` after its machine came up, and not before the
    key of the machine's life before has expired."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        host: Host,
        version: str = "1.0.0",
        timings: Timings | None = None,
    ) -> None:
        self.version = version
        self._clock = clock
        self._cluster = Cluster(rng, host, timings or Timings(), clock.now())

    def tick(self) -> None:
        self._cluster.run_until(self._clock.now())

    def next_due(self) -> float | None:
        return self._cluster.next_due()

    def now(self) -> float:
        return self._clock.now()

    def since(self, release: tuple[int, int]) -> bool:
        """Whether this fleet is of that release or later."""
        major, minor = self.version.split(".")[:2]
        return (int(major), int(minor)) >= release

    @property
    def available(self) -> bool:
        """Whether a machine has registered: only then is there anybody to answer."""
        return bool(self._up_to_date().agents)

    # the API

    def put_unit(self, name: str, body: UnitBody) -> Change:
        cluster = self._up_to_date()
        existing = cluster.registry.jobs.get(name)
        put = decide_put(name, body, existing, replaces=self.since(IN_PLACE_SINCE))
        cluster.registry.put_job(put.job)
        cluster.changed(put.job)
        return put.change

    def delete_unit(self, name: str) -> None:
        cluster = self._up_to_date()
        job = decide_delete(cluster.registry.jobs.get(name))
        del cluster.registry.jobs[name]
        cluster.changed(job)

    def unit(self, name: str) -> Unit | None:
        registry = self._up_to_date().registry
        job = registry.jobs.get(name)
        if job is not None and not job.readable:
            raise ApiError(500)
        return None if job is None else registry.unit(job)

    def units(self) -> list[Unit]:
        return self._up_to_date().registry.listed_units()

    def states(self, unit: str | None = None, machine_id: str | None = None) -> list[UnitState]:
        found = self._up_to_date().registry.visible_states()
        return sorted(
            (
                state
                for state in found
                if unit in (None, state.name) and machine_id in (None, state.machine_id)
            ),
            key=lambda state: (state.name, state.machine_id),
        )

    def latest_state(self, unit: str) -> UnitState | None:
        found = self._up_to_date().registry.visible_states()
        return next((state for state in reversed(found) if state.name == unit), None)

    def machines(self) -> list[Machine]:
        return self._up_to_date().registry.listed_machines()

    def change_metadata(self, changes: Sequence[MetadataChange]) -> None:
        """A machine that is not known is taken, too: its metadata waits for it."""
        cluster = self._up_to_date()
        for change in changes:
            overrides = cluster.registry.overrides.setdefault(change.machine_id, {})
            overrides[change.key] = change.value
        cluster.metadata_changed()

    def keys(self) -> Mapping[str, Key]:
        """fleet's own keys in etcd: path -> (value, seconds to live or None)."""
        cluster = self._up_to_date()
        return keys(cluster.registry, self.version, cluster.now)

    # what happens to machines and units

    def machine_up(self, machine: Machine) -> None:
        """It booted, for the first time or again: its /run is empty. Without fleet.service it is
        no business of ours."""
        if machine.fleet:
            self._up_to_date().boot(machine)

    def machine_down(self, machine_id: str) -> None:
        """It is lost with all that ran on it."""
        self._up_to_date().lose(machine_id)

    def exited(self, machine_id: str, unit: str, code: int) -> None:
        self._cluster.exit(machine_id, unit, code)

    def unit_crash(self, name: str) -> None:
        """Kill the main process. Raises LookupError where none runs."""
        for agent in self._agents_where(name, lambda unit: unit.running):
            agent.systemd.crash(name)
            self._cluster.touched(agent.machine.id)

    def unit_stop(self, name: str) -> None:
        """`systemctl stop` by hand. Raises LookupError where the unit is not up."""
        for agent in self._agents_where(name, lambda unit: unit.up):
            agent.systemd.stop(name)
            self._cluster.touched(agent.machine.id)

    def fleet_absent(self, name: str, until: float) -> None:
        """Its states cannot be read until then, whatever it does."""
        registry = self._up_to_date().registry
        if name not in registry.jobs:
            message = f"no unit {name}"
            raise LookupError(message)
        registry.hidden[name] = until

    def clear_faults(self) -> None:
        self._up_to_date().registry.hidden.clear()

    def dump(self) -> dict[str, Any]:
        return self._up_to_date().dump()

    def load(self, state: dict[str, Any]) -> None:
        """What was running is started again on the host at the next tick."""
        self._cluster.now = self._clock.now()
        self._cluster.load(state)

    def _up_to_date(self) -> Cluster:
        """Every question sees what was due before it."""
        self.tick()
        return self._cluster

    def _agents_where(self, name: str, condition: Callable[[Loaded], bool]) -> list[Agent]:
        found = []
        for agent in self._up_to_date().agents.values():
            unit = agent.systemd.units.get(name)
            if unit is not None and condition(unit):
                found.append(agent)
        if not found:
            message = f"unit {name} runs on no machine"
            raise LookupError(message)
        return found
