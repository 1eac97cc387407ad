"""fleet's keys in etcd's v2 store, as other tools read them there."""

import json
import math
from collections.abc import Iterator, Mapping

from localcloud.fleet.records import MachineKey, StateKey
from localcloud.fleet.registry import Registry

PREFIX = "/_coreos.com/fleet"

Key = tuple[str, int | None]  # a value and its time to live in seconds


def keys(registry: Registry, version: str, now: float) -> Mapping[str, Key]:
    return dict(_Keys(registry, version, now).all())


class _Keys:
    def __init__(self, registry: Registry, version: str, now: float) -> None:
        self.registry = registry
        self.version = version
        self.now = now

    def all(self) -> Iterator[tuple[str, Key]]:
        yield from self._engine()
        yield from self._machines()
        yield from self._jobs()
        yield from self._states()

    def _ttl_seconds(self, expires: float) -> int:
        return max(1, math.ceil(expires - self.now))

    def _engine(self) -> Iterator[tuple[str, Key]]:
        if self.registry.jobs or self.registry.machines:
            yield f"{PREFIX}/engine/version", ("1", None)
        if (lease := self.registry.lease) is not None:
            value = _json({"MachineID": lease.machine_id, "Version": 1})
            yield f"{PREFIX}/lease/engine-leader", (value, self._ttl_seconds(lease.expires))

    def _machines(self) -> Iterator[tuple[str, Key]]:
        for id_, key in self.registry.machines.items():
            value = _machine(key, self.version)
            yield f"{PREFIX}/machines/{id_}/object", (value, self._ttl_seconds(key.expires))
        for id_, changes in self.registry.overrides.items():
            for name, value in changes.items():
                yield f"{PREFIX}/machines/{id_}/metadata/{name}", (value, None)

    def _jobs(self) -> Iterator[tuple[str, Key]]:
        for hash_, raw in self.registry.files.items():
            yield f"{PREFIX}/unit/{hash_}", (_json({"Raw": raw}), None)
        for name, job in self.registry.jobs.items():
            value = _json({"Name": name, "UnitHash": list(bytes.fromhex(job.raw_hash))})
            yield f"{PREFIX}/job/{name}/object", (value, None)
            yield f"{PREFIX}/job/{name}/target-state", (job.desired, None)
            if job.target is not None:
                yield f"{PREFIX}/job/{name}/target", (job.target, None)
        for name, beat in self.registry.beats.items():
            ttl_seconds = self._ttl_seconds(beat.expires)
            yield f"{PREFIX}/job/{name}/job-state", (beat.machine_id, ttl_seconds)

    def _states(self) -> Iterator[tuple[str, Key]]:
        """One key for each machine, and the old one that the latest writer overwrites."""
        for (name, machine_id), key in self.registry.states.items():
            if name not in self.registry.hidden:
                value = _state(key), self._ttl_seconds(key.expires)
                yield f"{PREFIX}/states/{name}/{machine_id}", value
                yield f"{PREFIX}/state/{name}", value


def _machine(key: MachineKey, version: str) -> str:
    return _json(
        {
            "ID": key.machine.id,
            "PublicIP": key.machine.ip,
            "Metadata": key.machine.metadata,
            "Capabilities": {"DISABLE_ENGINE": False, "GRPC": False},
            "Version": version,
        }
    )


def _state(key: StateKey) -> str:
    state = key.state
    machine = {
        "ID": state.machine_id,
        "PublicIP": "",
        "Metadata": None,
        "Capabilities": None,
        "Version": "",
    }
    return _json(
        {
            "loadState": state.load,
            "activeState": state.active,
            "subState": state.sub,
            "machineState": machine,
            "unitHash": state.hash,
        }
    )


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
