"""The machines of one fleet at work: engine, agents and heartbeats, all on one agenda."""

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from localcloud.fleet.agenda import Agenda
from localcloud.fleet.agent import Agent
from localcloud.fleet.records import Beat, Job, MachineKey, Timings
from localcloud.fleet.registry import Registry
from localcloud.fleet.scheduler import assign
from localcloud.fleet.systemd import Systemd
from localcloud.seams import Host, Machine


class Cluster:
    def __init__(self, rng: random.Random, host: Host, timings: Timings, now: float) -> None:
        self.now = now
        self.registry = Registry()
        self.agents: dict[str, Agent] = {}  # of the machines that are up and registered
        self._rng = rng
        self._host = host
        self._timings = timings
        self._agenda = Agenda()
        self._booting: dict[str, Machine] = {}
        self._actions: Mapping[str, Callable[..., None]] = {
            "register": self._register,
            "machine-beat": self._machine_beat,
            "engine": self._engine_round,
            "engine-event": self._engine_event,
            "agent": self._agent_round,
            "agent-event": self._reconcile,
            "publish": self._publish,
            "unit-beat": self._unit_beat,
            "exited": self._exited,
            "restart": self._restart,
            "resume": self._resume,
        }

    def run_until(self, now: float) -> None:
        while (entry := self._agenda.pop_due(now)) is not None:
            self._advance(entry.when)
            self._actions[entry.action](entry.subject, *entry.arguments)
        self._advance(now)

    def next_due(self) -> float | None:
        return self._agenda.next_due()

    def boot(self, machine: Machine) -> None:
        """A machine that boots again has lost what ran and what lay in its /run."""
        self.lose(machine.id)
        self._booting[machine.id] = machine
        retry_seconds = self._timings.register_retry_seconds
        self._plan(self._timings.join_seconds, "register", machine.id, retry_seconds)

    def lose(self, machine_id: str) -> None:
        """Nobody tells the registry: the machine's keys expire."""
        self._booting.pop(machine_id, None)
        self.agents.pop(machine_id, None)
        self._agenda.drop(machine_id)

    def exit(self, machine_id: str, unit: str, code: int) -> None:
        """Planned, not done: the word may come while the unit is still being started."""
        if machine_id in self.agents:
            self._plan(0.0, "exited", machine_id, unit, code)

    def changed(self, job: Job) -> None:
        """A unit was written or deleted: the engine and the agents that it concerns look."""
        self._wake_engine()
        for machine_id in sorted(self.agents):
            if job.needs.everywhere or job.target == machine_id:
                self._wake_agent(machine_id)

    def metadata_changed(self) -> None:
        self._wake_engine()
        for machine_id in sorted(self.agents):
            self._wake_agent(machine_id)

    def touched(self, machine_id: str) -> None:
        """Something on the machine changed behind fleet's back; its publisher sees it."""
        self._agenda.once(self.now + self._timings.publish_seconds, "publish", machine_id)

    def dump(self) -> dict[str, Any]:
        return {
            "now": self.now,
            "registry": self.registry.dump(),
            "agents": [agent.dump() for agent in self.agents.values()],
            "booting": [asdict(machine) for machine in self._booting.values()],
            "agenda": self._agenda.dump(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """For the fleet no time has passed since the dump; what ran is started again."""
        shift_seconds = self.now - state["now"]
        self.registry = Registry.loaded(state["registry"], shift_seconds)
        self._agenda = Agenda.loaded(state["agenda"], shift_seconds)
        self._booting = {row["id"]: Machine(**row) for row in state["booting"]}
        self.agents = {}
        for row in state["agents"]:
            agent = self._add_agent(Machine(**row["machine"]))
            agent.restore(row, shift_seconds)
            self._plan(0.0, "resume", agent.machine.id)

    def _advance(self, now: float) -> None:
        self.now = max(self.now, now)
        self.registry.expire(self.now)

    def _plan(self, seconds: float, action: str, subject: str, *arguments: Any) -> None:
        self._agenda.at(self.now + seconds, action, subject, *arguments)

    def _wake_engine(self) -> None:
        self._agenda.once(self.now + self._timings.event_seconds, "engine-event")

    def _wake_agent(self, machine_id: str) -> None:
        self._agenda.once(self.now + self._timings.event_seconds, "agent-event", machine_id)

    # machines

    def _register(self, machine_id: str, retry_seconds: float) -> None:
        """The machine's key has to be created, so a machine that returns waits for its old one."""
        if machine_id in self.registry.machines:
            self._plan(retry_seconds, "register", machine_id, 2 * retry_seconds)
            return
        self._add_agent(self._booting.pop(machine_id))
        self._machine_beat(machine_id)
        self._agent_round(machine_id)
        # machines that boot together do not beat together: what one removes stays away for a while
        first_seconds = self._rng.uniform(0, self._timings.unit_beat_seconds)
        self._plan(first_seconds, "unit-beat", machine_id)
        self._agenda.once(self.now, "engine")

    def _add_agent(self, machine: Machine) -> Agent:
        def restart_in(seconds: float, unit: str, run: int) -> None:
            self._plan(seconds, "restart", machine.id, unit, run)

        systemd = Systemd(machine, self._host, restart_in)
        agent = Agent(machine, self.registry, systemd, self._timings)
        self.agents[machine.id] = agent
        return agent

    def _machine_beat(self, machine_id: str) -> None:
        expires = self.now + self._timings.agent_ttl_seconds
        machine = self.agents[machine_id].machine
        self.registry.machines[machine_id] = MachineKey(machine, expires)
        self._plan(self._timings.machine_beat_seconds, "machine-beat", machine_id)

    # engine

    def _engine_round(self, subject: str) -> None:
        if self.agents:
            self._engine_event(subject)
            self._agenda.once(self.now + self._timings.engine_seconds, "engine")

    def _engine_event(self, _: str) -> None:
        if not self._leads():
            return
        jobs = self.registry.readable_jobs()
        self._rng.shuffle(jobs)  # fleet iterates a Go map: who comes first changes
        for name, target in assign(jobs, self.registry.listed_machines()).items():
            self._set_target(self.registry.jobs[name], target)

    def _leads(self) -> bool:
        """Whether some agent holds the engine's lease; a dead leader's has to expire first."""
        lease = self.registry.lease
        if lease is None and not self.agents:
            return False
        leader = self._rng.choice(sorted(self.agents)) if lease is None else lease.machine_id
        if leader not in self.agents:
            return False
        self.registry.lease = Beat(leader, self.now + self._timings.engine_lease_seconds)
        return True

    def _set_target(self, job: Job, target: str | None) -> None:
        self.registry.put_job(replace(job, target=target))
        for machine_id in (job.target, target):
            if machine_id is not None and machine_id in self.agents:
                self._wake_agent(machine_id)

    # agents

    def _agent_round(self, machine_id: str) -> None:
        self._reconcile(machine_id)
        self._plan(self._timings.agent_seconds, "agent", machine_id)

    def _reconcile(self, machine_id: str) -> None:
        self.agents[machine_id].reconcile(self.now)
        self.touched(machine_id)

    def _publish(self, machine_id: str) -> None:
        self.agents[machine_id].publish(self.now)

    def _unit_beat(self, machine_id: str) -> None:
        self.agents[machine_id].beat(self.now)
        self._plan(self._timings.unit_beat_seconds, "unit-beat", machine_id)

    def _exited(self, machine_id: str, unit: str, code: int) -> None:
        systemd = self.agents[machine_id].systemd
        loaded = systemd.units.get(unit)
        if loaded is not None and loaded.running:
            systemd.exited(unit, code)
            self.touched(machine_id)

    def _restart(self, machine_id: str, unit: str, run: int) -> None:
        self.agents[machine_id].systemd.restart(unit, run, self.now)
        self.touched(machine_id)

    def _resume(self, machine_id: str) -> None:
        self.agents[machine_id].systemd.resume()
        self.touched(machine_id)
