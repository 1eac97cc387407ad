"""The fleet that machines with one discovery URL form, as its API and the local cloud see it."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from localcloud.clock import Clock
from localcloud.fleet.keyspace import JOBS, Key, keys
from localcloud.fleet.parts.cluster import Cluster
from localcloud.fleet.parts.decisions import Change, check_name, decide_delete, decide_put
from localcloud.fleet.parts.engine import Engine
from localcloud.fleet.parts.fleetd import Fleetd
from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.parts.systemd import Loaded
from localcloud.fleet.records import ApiError, MetadataChange, Timings, Unit, UnitBody, UnitState
from localcloud.fleet.units.names import is_template
from localcloud.fleet.versions import LATEST
from localcloud.seams import Host, Machine

CORRUPT_WORD = "corrupt"  # no desired state that fleet knows


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
        return {
            fleetd.machine.id: fleetd.systemd.units[unit]
            for fleetd in self._up_to_date().fleetds.values()
            if unit in fleetd.systemd.units
        }

    # faults: they raise LookupError where nobody bears the name

    def unit_crash(self, name: str) -> None:
        """Kill the main process."""
        for fleetd in self._where(name, lambda unit: unit.running):
            fleetd.systemd.crash(name)
            fleetd.touched()

    def unit_stop(self, name: str) -> None:
        """`systemctl stop` by hand."""
        for fleetd in self._where(name, lambda unit: unit.up):
            fleetd.systemd.stop(name)
            fleetd.touched()

    def fleet_absent(self, name: str, until: float) -> None:
        """Its states cannot be read until then, whatever it does."""
        self._known(name).hidden[name] = until

    def corrupt_unit(self, name: str) -> None:
        """Somebody writes a word into etcd that is no desired state."""
        registry = self._known(name)
        job = registry.jobs[name]
        if job.readable:
            registry.corrupted[name] = job.desired
            self.set_desired(name, CORRUPT_WORD)

    def set_desired(self, name: str, word: str) -> None:
        """Somebody writes it into etcd past the API."""
        self._known(name).set_desired(name, word)
        self._cluster.changed(self._registry().jobs[name])

    def noticed(self, path: str, value: str | None) -> None:
        """Somebody changed a key of a job in etcd, past the API: its desired state counts, and so
        does the end of the whole job."""
        name, _, key = path.removeprefix(JOBS).partition("/")
        registry = self._registry()
        job = registry.jobs.get(name)
        if job is None:
            return
        if key == "target-state" and value is not None:
            self.set_desired(name, value)
        elif key == "object" and value is None:
            registry.remove_job(name)
            self._cluster.changed(job)

    def fleetd_stop(self, instance: str) -> None:
        self._on(instance).stop(comes_back=False)

    def fleetd_restart(self, instance: str) -> None:
        self._on(instance).stop(comes_back=True)

    def fleetd_kill(self, instance: str) -> None:
        self._on(instance).kill()

    def leader_loss(self) -> None:
        """The fleetd that leads the engine is killed; its lease has to expire."""
        lease = self._registry().lease
        leader = self._cluster.fleetds.get(lease.machine_id) if lease else None
        if leader is None:
            raise LookupError("no fleetd leads the engine")
        leader.kill()

    def partition(self, instance: str, until: float) -> None:
        """Between the machine and etcd; whatever runs on it runs on."""
        self._cluster.outages.cut(self._on(instance).machine.id, until)

    def freeze_etcd(self, until: float) -> None:
        self._up_to_date().freeze_etcd(until)

    def remove_templates(self) -> None:
        """Somebody removes the files of templates, which wedge agents, from the machines' /run."""
        for fleetd in self._up_to_date().fleetds.values():
            for name in filter(is_template, list(fleetd.systemd.units)):
                fleetd.systemd.forget(name)

    def clear_faults(self) -> None:
        """A person mends what a person can."""
        registry = self._registry()
        registry.hidden.clear()
        for name, word in registry.corrupted.items():
            if name in registry.jobs and not registry.jobs[name].readable:
                self.set_desired(name, word)
        registry.corrupted.clear()
        self._cluster.end_outages()
        self.remove_templates()

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

    def _known(self, name: str) -> Registry:
        registry = self._registry()
        if name not in registry.jobs:
            message = f"no unit {name}"
            raise LookupError(message)
        return registry

    def _on(self, instance: str) -> Fleetd:
        for fleetd in self._up_to_date().fleetds.values():
            if fleetd.machine.instance == instance:
                return fleetd
        message = f"no machine {instance} in the fleet"
        raise LookupError(message)

    def _where(self, name: str, condition: Callable[[Loaded], bool]) -> list[Fleetd]:
        found = [
            self._cluster.fleetds[machine_id]
            for machine_id, unit in self.loaded(name).items()
            if condition(unit)
        ]
        if not found:
            message = f"unit {name} runs on no machine"
            raise LookupError(message)
        return found
