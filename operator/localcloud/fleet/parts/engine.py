"""The engine: of all fleetds one leads, holds a lease in etcd, and places the units."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from localcloud.fleet.parts.registry import Registry
from localcloud.fleet.parts.scheduler import assign
from localcloud.fleet.records import Beat, Timings

UNSCHEDULED, SCHEDULED = "unscheduleunit", "attemptscheduleunit"  # as its metrics call them


class Engine:
    def __init__(self, registry: Registry, rng: random.Random, timings: Timings) -> None:
        self.led_since: float | None = None  # by the present leader
        self.rounds = 0
        self.tasks: Counter[str] = Counter()
        self._registry = registry
        self._rng = rng
        self._timings = timings

    def round(self, able: Sequence[str], now: float) -> set[str]:
        """`able`: the machines whose fleetd could lead. The machines whose units changed."""
        if not self._leads(able, now):
            return set()
        self.rounds += 1
        jobs = self._registry.readable_jobs()
        self._rng.shuffle(jobs)  # fleet iterates a Go map: who comes first changes
        concerned: set[str] = set()
        for name, target in assign(jobs, self._registry.listed_machines()).items():
            concerned |= self._move(name, target)
        return concerned

    def dump(self) -> dict[str, Any]:
        return {"led_since": self.led_since, "rounds": self.rounds, "tasks": self.tasks}

    def restore(self, state: Mapping[str, Any], shift_seconds: float) -> None:
        since = state["led_since"]
        self.led_since = None if since is None else since + shift_seconds
        self.rounds = state["rounds"]
        self.tasks = Counter(state["tasks"])

    def _leads(self, able: Sequence[str], now: float) -> bool:
        """Whether some fleetd holds the lease; a dead leader's has to expire first."""
        lease = self._registry.lease
        if lease is None and not able:
            return False
        leader = self._rng.choice(able) if lease is None else lease.machine_id
        if leader not in able:
            return False
        self.led_since = now if lease is None else self.led_since
        self._registry.lease = Beat(leader, now + self._timings.engine_lease_seconds)
        return True

    def _move(self, name: str, target: str | None) -> set[str]:
        """Two writes where a unit changes its home: it leaves the one, and goes to the other."""
        job = self._registry.jobs[name]
        self._registry.put_job(replace(job, target=target))
        self.tasks[UNSCHEDULED] += job.target is not None
        self.tasks[SCHEDULED] += target is not None
        return {machine_id for machine_id in (job.target, target) if machine_id is not None}
