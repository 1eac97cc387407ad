"""The fleet that machines with one discovery URL form, as its API and the local cloud see it."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.clock import Clock
from localcloud.fleet.keyspace import JOBS, Key, keys
from localcloud.fleet.parts.cluster import Cluster
from localcloud.fleet.parts.decisions import Change, check_name, decide_delete, decide_put
from localcloud.fleet.parts.engine import Engine
from localcloud.fleet.parts.mishaps import Mishaps
from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.parts.systemd import Loaded
from localcloud.fleet.records import ApiError, MetadataChange, Timings, Unit, UnitBody, UnitState
from localcloud.fleet.versions import LATEST
from localcloud.seams import Host, Machine


class Fleet:
    """Any fleetd may answer a request: one that reaches etcd where there is one, else one that
    serves and waits for etcd in vain."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        host: Host,
        version: str = LATEST,
        timings: Timings | None = None,
    ) -> None:
        self.version = version
        self._clock = clock
        self._timings = timings or Timings()
        self._cluster = Cluster(rng, host, self._timings, version, clock.now())
        self.mishaps = Mishaps(self._up_to_date)

    def tick(self) -> None:
        self._cluster.run_until(self._clock.now())

    def next_due(self) -> float | None:
        return self._cluster.next_due()

    def now(self) -> float:
        return self._clock.now()

    @property
    def available(self) -> bool:
        """Whether some fleetd has registered, and its heart beats: the others answer 503."""
        return any(fleetd.serving for fleetd in self._up_to_date().fleetds.values())

    def reach(self) -> None:
        """Raises ApiError where whoever answers would wait for etcd until its timeout."""
        serving = [each for each in self._up_to_date().fleetds.values() if each.serving]
        if serving and not any(fleetd.working for fleetd in serving):
            raise ApiError(500, after_seconds=self._timings.request_seconds)

    # the API

    def put_unit(self, name: str, body: UnitBody) -> Change:
        check_name(name, body)
        self.reach()
        registry = self._registry()
        put = decide_put(name, body, registry.jobs.get(name), self.version)
        registry.put_job(put.job)
        self._cluster.changed(put.job)
        return put.change

    def delete_unit(self, name: str) -> None:
        self.reach()
        registry = self._registry()
        job = decide_delete(registry.jobs.get(name))
        registry.remove_job(name)
        self._cluster.changed(job)

    def unit(self, name: str) -> Unit | None:
        registry = self._registry()
        job = registry.jobs.get(name)
        if job is not None and not job.readable:
            raise ApiError(500)
        return None if job is None else registry.unit(job)

    def units(self) -> list[Unit]:
        return self._registry().listed_units()

    def states(self, unit: str | None = None, machine_id: str | None = None) -> list[UnitState]:
        return sorted(
            (
                state
                for state in self._registry().visible_states()
                if unit in (None, state.name) and machine_id in (None, state.machine_id)
            ),
            key=lambda state: (state.name, state.machine_id),
        )

    def latest_state(self, unit: str) -> UnitState | None:
        found = self._registry().visible_states()
        return next((state for state in reversed(found) if state.name == unit), None)

    def machines(self) -> list[Machine]:
        return self._registry().listed_machines()

    def change_metadata(self, changes: Sequence[MetadataChange]) -> None:
        """A machine that is not known is taken, too: its metadata waits for it."""
        self.reach()
        for change in changes:
            overrides = self._registry().overrides.setdefault(change.machine_id, {})
            overrides[change.key] = change.value
        self._cluster.metadata_changed()

    def keys(self) -> Mapping[str, Key]:
        """fleet's own keys in etcd: path -> (value, seconds to live or None)."""
        return keys(self._registry(), self.version, self._cluster.now())

    @property
    def engine(self) -> Engine:
        return self._up_to_date().engine

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

    def loaded(self, unit: str) -> Mapping[str, Loaded]:
        """The unit as systemd has it, by machine id: what is true, whatever fleet says."""
        return self._up_to_date().loaded(unit)

    def noticed(self, path: str, value: str | None) -> None:
        """Somebody changed a key of a job in etcd, past the API: its desired state counts, and so
        does the end of the whole job."""
        name, _, key = path.removeprefix(JOBS).partition("/")
        registry = self._registry()
        job = registry.jobs.get(name)
        if job is None:
            return
        if key == "target-state" and value is not None:
            self._cluster.set_desired(name, value)
        elif key == "object" and value is None:
            registry.remove_job(name)
            self._cluster.changed(job)

    def dump(self) -> dict[str, Any]:
        return self._up_to_date().dump()

    def load(self, state: dict[str, Any]) -> None:
        """What was running is started again on the host at the next tick."""
        self._cluster.load(state, self._clock.now())

    def _up_to_date(self) -> Cluster:
        """Every question sees what was due before it."""
        self.tick()
        return self._cluster

    def _registry(self) -> Registry:
        return self._up_to_date().registry
