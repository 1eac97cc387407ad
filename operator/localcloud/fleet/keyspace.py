"""fleet's keys in etcd's v2 store, as other tools read them there."""

import math
from collections.abc import Iterator, Mapping

from localcloud.fleet.gojson import encode
from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.records import MachineKey, StateKey

PREFIX = "/_coreos.com/fleet"
JOBS = f"{PREFIX}/job/"

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
            value = encode({"MachineID": lease.machine_id, "Version": 1})
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
            yield f"{PREFIX}/unit/{hash_}", (encode({"Raw": raw}), None)
        for name, job in self.registry.jobs.items():
            value = encode({"Name": name, "UnitHash": list(bytes.fromhex(job.raw_hash))})
            yield f"{JOBS}{name}/object", (value, None)
            yield f"{JOBS}{name}/target-state", (job.desired, None)
            if job.target is not None:
                yield f"{JOBS}{name}/target", (job.target, None)
        for name, beat in self.registry.beats.items():
            ttl_seconds = self._ttl_seconds(beat.expires)
            yield f"{JOBS}{name}/job-state", (beat.machine_id, ttl_seconds)

    def _states(self) -> Iterator[tuple[str, Key]]:
        """One key for each machine, and the old one that the latest writer overwrites."""
        for (name, machine_id), key in self.registry.states.items():
            if name not in self.registry.hidden:
                value = _state(key), self._ttl_seconds(key.expires)
                yield f"{PREFIX}/states/{name}/{machine_id}", value
                yield f"{PREFIX}/state/{name}", value


def _machine(key: MachineKey, version: str) -> str:
    return encode(
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
    return encode(
        {
            "loadState": state.load,
            "activeState": state.active,
            "subState": state.sub,
            "machineState": machine,
            "unitHash": state.hash,
        }
    )
