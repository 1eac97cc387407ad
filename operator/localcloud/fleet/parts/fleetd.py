"""One machine's fleetd: it registers, beats, lets its agent work, and stops or dies."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from pydantic_core import to_jsonable_python

from localcloud.fleet.parts.agent import Agent
from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.parts.systemd import Systemd
from localcloud.fleet.records import MachineKey, Timings
from localcloud.fleet.versions import CREATES_MACHINE_KEY, since
from localcloud.seams import Host, Machine


class Phase(StrEnum):
    STARTING = "starting"  # not registered yet
    SERVING = "serving"
    RESTARTING = "restarting"  # its heartbeat failed: nothing works until it beats again
    STOPPING = "stopping"  # unloads its units, one by one
    STOPPED = "stopped"  # by hand: systemd does not start it again


class Planner(Protocol):
    """The agenda, as one machine sees it."""

    def plan(self, machine_id: str, seconds: float, action: str, *arguments: Any) -> None: ...

    def plan_once(self, machine_id: str, seconds: float, action: str) -> None: ...

    def plan_event(self, machine_id: str, action: str) -> None: ...

    def forget(self, machine_id: str, actions: frozenset[str]) -> None: ...

    def reaches_etcd(self, machine_id: str) -> bool: ...

    def now(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all fleetds of a fleet share."""

    registry: Registry
    planner: Planner
    timings: Timings
    version: str
    rng: random.Random


class Fleetd:
    """The machine's systemd is its neighbour: it goes on while fleetd is down."""

    def __init__(self, machine: Machine, host: Host, around: Surroundings) -> None:
        self.machine = machine
        self.phase = Phase.STOPPED
        self.systemd = Systemd(machine, host, self)
        self._around = around
        self._agent = self._new_agent()
        self._round_due = 0.0
        self._own: Mapping[str, Callable[..., None]] = {  # these end with the process
            "register": self._register,
            "machine-beat": self._machine_beat,
            "machine-beat-late": self._machine_beat_late,
            "machine-beat-again": self._machine_beat_again,
            "agent": self._agent_tick,
            "agent-event": self._agent_round,
            "publish": self._publish,
            "unit-beat": self._unit_beat,
            "purge": self._purge,
        }
        self._of_systemd: Mapping[str, Callable[..., None]] = {
            "exited": self._exited,
            "restart": self._restart,
            "start-timeout": self._start_timeout,
            "resume": self._resume,
        }

    @property
    def serving(self) -> bool:
        return self.phase is Phase.SERVING

    @property
    def reaches_etcd(self) -> bool:
        return self._around.planner.reaches_etcd(self.machine.id)

    @property
    def working(self) -> bool:
        return self.serving and self.reaches_etcd

    def act(self, action: str, *arguments: Any) -> None:
        (self._own.get(action) or self._of_systemd[action])(*arguments)

    def start(self, seconds: float) -> None:
        """Another life of the process, so many seconds from now."""
        self._end()
        self.phase = Phase.STARTING
        self._agent = self._new_agent()
        self._plan(seconds, "register", self._timings.retry_seconds)

    def stop(self, *, comes_back: bool) -> None:
        """Gracefully: it takes its units down with it."""
        self._end()
        self.phase = Phase.STOPPING
        self._plan(0.0, "purge", comes_back)

    def kill(self) -> None:
        """Its units go on running, and systemd starts it again."""
        self.start(self._timings.respawn_seconds)

    def wake(self) -> None:
        """Something changed in the registry that concerns it."""
        self._around.planner.plan_event(self.machine.id, "agent-event")

    def touched(self) -> None:
        """Something changed on the machine; its publisher sees it."""
        seconds = self._timings.publish_seconds
        self._around.planner.plan_once(self.machine.id, seconds, "publish")

    # systemd.Reminders

    def restart_in(self, seconds: float, unit: str, run: int) -> None:
        self._plan(seconds, "restart", unit, run)

    def time_out_in(self, seconds: float, unit: str, run: int) -> None:
        self._plan(seconds, "start-timeout", unit, run)

    # persistence

    def dump(self) -> dict[str, Any]:
        return {
            "machine": to_jsonable_python(self.machine),
            "phase": self.phase.value,
            "units": self.systemd.dump(),
            "agent": self._agent.dump(),
            "round_due": self._round_due,
        }

    def restore(self, state: Mapping[str, Any], shift_seconds: float) -> None:
        self.phase = Phase(state["phase"])
        self.systemd.restore(state["units"], shift_seconds)
        self._agent.restore(state["agent"])
        self._round_due = state["round_due"] + shift_seconds
        self._plan(0.0, "resume")

    @property
    def _timings(self) -> Timings:
        return self._around.timings

    def _new_agent(self) -> Agent:
        return Agent(self.machine, self._around.registry, self.systemd, self._around.timings)

    def _now(self) -> float:
        return self._around.planner.now()

    def _plan(self, seconds: float, action: str, *arguments: Any) -> None:
        self._around.planner.plan(self.machine.id, seconds, action, *arguments)

    def _end(self) -> None:
        self._around.planner.forget(self.machine.id, frozenset(self._own))

    # the machine's key

    def _register(self, retry_seconds: float) -> None:
        """Since 0.13 the key has to be created: a machine that returns waits for its old one."""
        creates = since(self._around.version, CREATES_MACHINE_KEY)
        taken = creates and self.machine.id in self._around.registry.machines
        if taken or not self.reaches_etcd:
            self._again("register", retry_seconds)
            return
        self._serve()
        # machines that boot together do not beat together: what one removes stays away for a while
        first_seconds = self._around.rng.uniform(0, self._timings.unit_beat_seconds)
        self._plan(first_seconds, "unit-beat")

    def _again(self, action: str, retry_seconds: float) -> None:
        waited_seconds = 0.0 if self.reaches_etcd else 2 * self._timings.request_seconds
        longer_seconds = min(2 * retry_seconds, self._timings.retry_seconds_max)
        self._plan(waited_seconds + retry_seconds, action, longer_seconds)

    def _serve(self) -> None:
        self.phase = Phase.SERVING
        self._write_key()
        self._agent_round()
        self._plan(self._timings.agent_seconds, "agent")

    def _write_key(self) -> None:
        expires = self._now() + self._timings.agent_ttl_seconds
        self._around.registry.machines[self.machine.id] = MachineKey(self.machine, expires)
        self._plan(self._timings.machine_beat_seconds, "machine-beat")

    def _machine_beat(self) -> None:
        if self.reaches_etcd:
            self._write_key()
        else:
            self._plan(self._timings.machine_beat_patience_seconds, "machine-beat-late")

    def _machine_beat_late(self) -> None:
        if self.reaches_etcd:
            self._write_key()
            return
        self.phase = Phase.RESTARTING
        self._machine_beat_again(self._timings.retry_seconds)

    def _machine_beat_again(self, retry_seconds: float) -> None:
        """It is the same process, whose agent has not forgotten what it did."""
        if self.reaches_etcd:
            self._around.planner.forget(self.machine.id, frozenset({"agent"}))
            self._serve()
        else:
            self._again("machine-beat-again", retry_seconds)

    # the agent

    def _agent_tick(self) -> None:
        """So long after the last round, whatever was its cause."""
        wait_seconds = self._round_due - self._now()
        if wait_seconds > 0:
            self._plan(wait_seconds, "agent")
        else:
            self._agent_round()
            self._plan(self._timings.agent_seconds, "agent")

    def _agent_round(self) -> None:
        self._round_due = self._now() + self._timings.agent_seconds
        if self.working:
            self._agent.reconcile(self._now())
            self.touched()

    def _publish(self) -> None:
        if self.working:
            self._agent.publish(self._now())

    def _unit_beat(self) -> None:
        if self.working:
            self._agent.beat(self._now())
        self._plan(self._timings.unit_beat_seconds, "unit-beat")

    def _purge(self, comes_back: bool) -> None:
        """The states go last, and with them the machine's key: nothing has to expire."""
        if self._agent.purge():
            self._plan(self._timings.purge_seconds, "purge", comes_back)
            return
        self.phase = Phase.STOPPED
        if self.reaches_etcd:
            self._agent.clear_states()
            self._around.registry.leave(self.machine.id)
        if comes_back:
            self.start(0.0)

    # systemd

    def _exited(self, unit: str, code: int) -> None:
        loaded = self.systemd.units.get(unit)
        if loaded is not None and loaded.running:
            self.systemd.exited(unit, code)
            self.touched()

    def _restart(self, unit: str, run: int) -> None:
        self.systemd.restart(unit, run, self._now())
        self.touched()

    def _start_timeout(self, unit: str, run: int) -> None:
        self.systemd.start_timeout(unit, run)
        self.touched()

    def _resume(self) -> None:
        self.systemd.resume()
        self.touched()
