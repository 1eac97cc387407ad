"""The whole local cloud as one model: instances boot machines, fleet starts units on them, units
become programs, and Elasticsearch programs become nodes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from random import Random
from typing import Any

from pydantic_core import to_jsonable_python

from localcloud.clock import Clock
from localcloud.compute.model import Compute
from localcloud.compute.resources import BootedInstance
from localcloud.elasticsearch.model import Elasticsearch
from localcloud.elasticsearch.node import DEFAULT_VERSION
from localcloud.fleet.model import Fleet
from localcloud.host import Host
from localcloud.machines import machine_of
from localcloud.seams import Keys, Machine, Model
from localcloud.stepping import SteppedClock

FLEET_VERSION = "1.0.0"
MOMENTS_PER_TICK_MAX = 1_000_000  # far beyond hours of a busy cloud; a model that stalls ends here


@dataclass(frozen=True, slots=True)
class Booted:
    """An instance that was seen to boot. `up` is False while it is halted."""

    boots: int
    machine: Machine | None
    up: bool = True


class Cloud:
    """`fleet` is the fleet that machines form through a discovery URL; the others are of machines
    that run fleet by themselves, or with another URL."""

    def __init__(
        self,
        clock: Clock,
        seed: int,
        network: IPv4Network,
        keys: Keys,
        fleet_version: str = FLEET_VERSION,
        elasticsearch_version: str = DEFAULT_VERSION,
    ) -> None:
        self._seed = seed
        self._fleet_version = fleet_version
        self._clock = SteppedClock(clock)
        self._rngs: dict[str, Random] = {}
        self.compute = Compute(self._clock, self._rng("compute"), network)
        self.elasticsearch = Elasticsearch(self._clock, self._rng("elasticsearch"))
        self.host = Host(
            self._clock,
            self._rng("host"),
            keys,
            self.elasticsearch,
            self._address,
            self._exited,
            elasticsearch_version,
        )
        self.fleet = self._new_fleet("")
        self._discovery = ""  # the URL of `fleet`; "" until a machine brings one
        self._others: dict[str, Fleet] = {}  # by discovery URL, or by the machine's id
        self._booted: dict[str, Booted] = {}  # by instance id

    def now(self) -> float:
        return self._clock.now()

    @property
    def fleets(self) -> tuple[Fleet, ...]:
        return (self.fleet, *self._others.values())

    def machine(self, instance_id: str) -> Machine | None:
        booted = self._booted.get(instance_id)
        return booted.machine if booted is not None and booted.up else None

    def clear_faults(self) -> None:
        self.compute.mishaps.clear()
        self.elasticsearch.mishaps.clear()
        for fleet in self.fleets:
            fleet.mishaps.clear()

    # seams.Model

    def tick(self) -> None:
        """Every planned moment is visited in turn, so that one model's doing meets the others'
        at the right time, even when hours have passed since the last look."""
        now = self.now()
        for _ in range(MOMENTS_PER_TICK_MAX):
            due = self.next_due()
            if due is None or due > now:
                break
            self._clock.stop_at(due)
            self._step()
        self._clock.release()
        self._step()

    def next_due(self) -> float | None:
        planned = (model.next_due() for model in self._models())
        return min((at for at in planned if at is not None), default=None)

    def dump(self) -> dict[str, Any]:
        return {
            "now": self.now(),
            "compute": self.compute.dump(),
            "elasticsearch": self.elasticsearch.dump(),
            "host": self.host.dump(),
            "fleet": self.fleet.dump(),
            "discovery": self._discovery,
            "others": {key: fleet.dump() for key, fleet in self._others.items()},
            "booted": {
                number: to_jsonable_python(booted) for number, booted in self._booted.items()
            },
        }

    def load(self, state: dict[str, Any]) -> None:
        self.compute.load(state["compute"])
        self.elasticsearch.load(state["elasticsearch"])
        self.host.load(state["host"])
        self.fleet.load(state["fleet"])
        self._discovery = state["discovery"]
        self._others = {key: self._loaded_fleet(key, dump) for key, dump in state["others"].items()}
        self._booted = {number: _loaded(row) for number, row in state["booted"].items()}
        for system, rng in self._rngs.items():  # else the ids of the past would come again
            rng.seed(f"{self._seed} {system} {state['now']}")

    # how the models meet

    def _models(self) -> Iterator[Model]:
        yield self.compute
        yield from self.fleets
        yield self.host
        yield self.elasticsearch

    def _step(self) -> None:
        self.compute.tick()
        self._follow_instances()
        for fleet in self.fleets:
            fleet.tick()
        self.host.tick()
        self.elasticsearch.tick()

    def _follow_instances(self) -> None:
        running = {instance.id: instance for instance in self.compute.booted()}
        for number, booted in list(self._booted.items()):
            if booted.up and (number not in running or running[number].boots != booted.boots):
                self._halt(number, booted)
        for instance in running.values():
            known = self._booted.get(instance.id)
            if known is None or not known.up:
                self._boot(instance)
        self._forget_deleted()

    def _boot(self, instance: BootedInstance) -> None:
        machine = machine_of(instance.id, instance.name, instance.ip, instance.user_data)
        if machine is not None:
            self._form(machine.discovery)
            self.host.boot(machine)
            self._fleet_of(machine).machine_up(machine)
        self._booted[instance.id] = Booted(instance.boots, machine)

    def _halt(self, number: str, booted: Booted) -> None:
        self._booted[number] = Booted(booted.boots, booted.machine, up=False)
        if booted.machine is not None:
            self.host.halt(booted.machine)
            self._fleet_of(booted.machine).machine_down(booted.machine.id)

    def _forget_deleted(self) -> None:
        halted = [number for number, booted in self._booted.items() if not booted.up]
        for number in halted:
            if self.compute.instances.by_id(number) is None:
                machine = self._booted.pop(number).machine
                if machine is not None:
                    self.host.discard(machine)
                    self._others.pop(machine.id, None)

    def _address(self, name: str) -> str | None:
        return next((one.ip for one in self.compute.booted() if one.name == name), None)

    def _exited(self, machine_id: str, unit: str, code: int) -> None:
        for booted in self._booted.values():
            if booted.machine is not None and booted.machine.id == machine_id:
                self._fleet_of(booted.machine).exited(machine_id, unit, code)

    # fleets

    def _fleet_of(self, machine: Machine) -> Fleet:
        if machine.discovery and machine.discovery == self._discovery:
            return self.fleet
        key = machine.discovery or machine.id
        if key not in self._others:
            self._others[key] = self._new_fleet(key)
        return self._others[key]

    def _form(self, discovery: str) -> None:
        """The first URL makes the steered fleet. When none of its machines is left, a new one
        makes a new cluster, whose etcd knows nothing of the old one."""
        if not discovery or discovery in self._others or self._formed():
            return
        if self._discovery not in ("", discovery):
            self.fleet.load(self._new_fleet("").dump())
        self._discovery = discovery

    def _formed(self) -> bool:
        machines = (booted.machine for booted in self._booted.values())
        return any(m and m.discovery and m.discovery == self._discovery for m in machines)

    def _new_fleet(self, key: str) -> Fleet:
        return Fleet(self._clock, self._rng(f"fleet {key}"), self.host, self._fleet_version)

    def _loaded_fleet(self, key: str, state: dict[str, Any]) -> Fleet:
        fleet = self._new_fleet(key)
        fleet.load(state)
        return fleet

    def _rng(self, system: str) -> Random:
        """Each model has its own, so that a draw of one does not change another's."""
        return self._rngs.setdefault(system, Random(f"{self._seed} {system}"))  # noqa: S311


def _loaded(row: Mapping[str, Any]) -> Booted:
    machine = row["machine"]
    return Booted(row["boots"], machine and Machine(**machine), row["up"])
