"""What fleet keeps in etcd: jobs, machines, states and heartbeats, each with its time to live."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python

from localcloud.fleet.parts.scheduler import has_metadata, in_conflict
from localcloud.fleet.records import (
    INACTIVE,
    LAUNCHED,
    LOADED,
    Beat,
    Job,
    MachineKey,
    StateKey,
    Unit,
    UnitState,
    with_metadata,
)
from localcloud.fleet.units.requirements import Requirements
from localcloud.fleet.versions import CONFLICTS_OF_GLOBAL_UNITS, since
from localcloud.seams import Machine

EVERYWHERE, NOWHERE = "*", "-"  # beside the ids of machines
NOBODY = Machine("", "", "")  # what fleetd reads of a machine whose key has expired
Expiring = TypeVar("Expiring", MachineKey, StateKey, Beat)

EXPIRY_SECONDS = 0.5  # how exactly etcd's v2 store keeps a time to live
UNIT_FILES_MAX = 1000  # fleet never deletes one; we forget the oldest that no job uses


class Registry:
    """The key space as plain dictionaries; the model calls `expire` before each look."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.files: dict[str, str] = {}  # hash of the text as sent -> the text
        self.machines: dict[str, MachineKey] = {}
        self.overrides: dict[str, dict[str, str]] = {}  # machine id -> metadata set over the API
        self.beats: dict[str, Beat] = {}  # unit -> the machine whose agent started it
        self.states: dict[tuple[str, str], StateKey] = {}  # (unit, machine), latest written last
        self.lease: Beat | None = None  # the engine's leader
        self.hidden: dict[str, float] = {}  # unit -> until when its states read as absent
        self.corrupted: dict[str, str] = {}  # unit -> the desired state before somebody spoilt it
        self._at: dict[str, set[str]] = {}  # machine id, EVERYWHERE or NOWHERE -> units
        self._swept = 0.0

    def expire(self, now: float) -> None:
        if now < self._swept + EXPIRY_SECONDS:
            return
        self._swept = now
        self.machines = {k: v for k, v in self.machines.items() if v.expires > now}
        self.beats = {k: v for k, v in self.beats.items() if v.expires > now}
        self.states = {k: v for k, v in self.states.items() if v.expires > now}
        self.hidden = {k: v for k, v in self.hidden.items() if v > now}
        if self.lease is not None and self.lease.expires <= now:
            self.lease = None

    def put_job(self, job: Job) -> None:
        self._forget_place(job.name)
        self.jobs[job.name] = job
        self._at.setdefault(_place(job), set()).add(job.name)
        self.files[job.raw_hash] = job.raw
        if len(self.files) > UNIT_FILES_MAX:
            self._forget_a_file()

    def remove_job(self, name: str) -> None:
        """With all keys under it."""
        self._forget_place(name)
        del self.jobs[name]
        self.clear_beat(name)

    def put_state(self, state: UnitState, expires: float) -> None:
        key = (state.name, state.machine_id)
        self.states.pop(key, None)
        self.states[key] = StateKey(state, expires)

    def beat(self, unit: str, machine_id: str, expires: float) -> None:
        self.beats[unit] = Beat(machine_id, expires)

    def clear_beat(self, unit: str) -> None:
        """Whoever's it is: an agent that loses a unit may well take the beat of the one that got
        it, which then looks loaded until its next beat."""
        self.beats.pop(unit, None)

    def leave(self, machine_id: str) -> None:
        """A machine takes its key with it, and the lease where it led."""
        self.machines.pop(machine_id, None)
        if self.lease is not None and self.lease.machine_id == machine_id:
            self.lease = None

    def set_desired(self, name: str, word: str) -> None:
        """Somebody writes job/NAME/target-state in etcd: nothing looks at the word."""
        self.put_job(replace(self.jobs[name], desired=word))

    def postpone(self, seconds: float) -> None:
        """etcd stood still for so long, and with it every time to live."""

        def later(key: Expiring) -> Expiring:
            return replace(key, expires=key.expires + seconds)

        self.machines = {k: later(v) for k, v in self.machines.items()}
        self.beats = {k: later(v) for k, v in self.beats.items()}
        self.states = {k: later(v) for k, v in self.states.items()}
        self.lease = self.lease and later(self.lease)

    def remove_states(self, name: str) -> None:
        """Of all machines, as fleet does: whoever still runs the unit writes its own again at its
        next beat, and until then the unit looks absent."""
        self.states = {key: value for key, value in self.states.items() if key[0] != name}

    def visible_states(self) -> list[UnitState]:
        return [key.state for key in self.states.values() if key.state.name not in self.hidden]

    def machine(self, machine_id: str) -> Machine:
        overrides = self.overrides.get(machine_id, {})
        return with_metadata(self.machines[machine_id].machine, overrides)

    def listed_machines(self) -> list[Machine]:
        return [self.machine(machine_id) for machine_id in sorted(self.machines)]

    def readable_jobs(self) -> list[Job]:
        """By name, without those that a wrong desired state made unreadable."""
        return [job for _, job in sorted(self.jobs.items()) if job.readable]

    def unit(self, job: Job) -> Unit:
        return Unit(job.name, job.options, job.desired, self._current(job), job.target)

    def listed_units(self) -> list[Unit]:
        """A global unit is inactive in the list, whatever it does; GET of one tells nothing."""
        units = [self.unit(job) for job in self.readable_jobs()]
        return [replace(unit, current=unit.current or INACTIVE) for unit in units]

    def wanted_on(self, machine_id: str) -> dict[str, Job]:
        """What the agent of a registered machine should have loaded, by name. Agents look for
        conflicts, too, and there even a unit that is not wanted counts where it is global."""
        machine = self.machine(machine_id) if machine_id in self.machines else NOBODY
        here: dict[str, Job] = {}
        there: dict[str, Requirements] = {}
        for name in sorted(self._at.get(machine.id, set()) | self._at.get(EVERYWHERE, set())):
            job = self.jobs[name]
            if job.readable and _belongs(job, machine) and not _barred(job, there):
                here[job.name] = job
                there[job.name] = job.needs
        return {name: job for name, job in here.items() if job.active}

    def dump(self) -> dict[str, Any]:
        return {
            "jobs": [to_jsonable_python(job) for job in self.jobs.values()],
            "files": self.files,
            "machines": [to_jsonable_python(key) for key in self.machines.values()],
            "overrides": self.overrides,
            "beats": {name: to_jsonable_python(beat) for name, beat in self.beats.items()},
            "states": [to_jsonable_python(key) for key in self.states.values()],
            "lease": None if self.lease is None else to_jsonable_python(self.lease),
            "hidden": self.hidden,
            "corrupted": self.corrupted,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any], shift_seconds: float) -> "Registry":
        registry = cls()
        for row in state["jobs"]:
            registry.put_job(Job(**row))
        registry.files = dict(state["files"])
        registry.overrides = {id_: dict(changes) for id_, changes in state["overrides"].items()}
        for row in state["machines"]:
            machine = Machine(**row["machine"])
            registry.machines[machine.id] = MachineKey(machine, row["expires"] + shift_seconds)
        for row in state["states"]:
            registry.put_state(UnitState(**row["state"]), row["expires"] + shift_seconds)
        registry.beats = {name: _beat(row, shift_seconds) for name, row in state["beats"].items()}
        registry.lease = None if state["lease"] is None else _beat(state["lease"], shift_seconds)
        registry.corrupted = dict(state["corrupted"])
        registry.hidden = {name: at + shift_seconds for name, at in state["hidden"].items()}
        return registry

    def _current(self, job: Job) -> str | None:
        """fleet's own rule: launched means started by an agent that is alive, not running."""
        if job.needs.everywhere:
            return None
        key = (job.name, job.target or "")
        if key not in self.states or job.name in self.hidden:
            return INACTIVE
        beat = self.beats.get(job.name)
        return LAUNCHED if beat is not None and beat.machine_id == job.target else LOADED

    def _forget_place(self, name: str) -> None:
        if (job := self.jobs.get(name)) is not None:
            self._at[_place(job)].discard(name)

    def _forget_a_file(self) -> None:
        used = {job.raw_hash for job in self.jobs.values()}
        unused = next((file for file in self.files if file not in used), None)
        if unused is not None:
            del self.files[unused]


def _place(job: Job) -> str:
    return EVERYWHERE if job.needs.everywhere else job.target or NOWHERE


def _belongs(job: Job, machine: Machine) -> bool:
    return not job.needs.everywhere or has_metadata(job.needs, machine)


def _barred(job: Job, there: Mapping[str, Requirements]) -> bool:
    checked = since(job.version, CONFLICTS_OF_GLOBAL_UNITS)
    return checked and in_conflict(job.name, job.needs, there)


def _beat(row: Mapping[str, Any], shift_seconds: float) -> Beat:
    return Beat(row["machine_id"], row["expires"] + shift_seconds)
