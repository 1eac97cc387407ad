"""The engine's decision: which machine each unit goes to. No weights, no rebalancing."""

from collections.abc import Mapping, Sequence

from localcloud.fleet.records import Job
from localcloud.fleet.requirements import Requirements
from localcloud.seams import Machine

Neighbours = Mapping[str, Requirements]


def assign(jobs: Sequence[Job], machines: Sequence[Machine]) -> dict[str, str | None]:
    """The targets that change. `jobs` stand in the order in which the engine looks at them: of
    units that exclude each other, whoever comes first wins."""
    board = _Board(jobs, machines)
    for job in jobs:
        if job.target is not None and not board.may_stay(job, job.target):
            board.remove(job, job.target)
    for job in jobs:
        if job.active and not job.needs.everywhere and job.name not in board.targets:
            board.place(job)
    return {
        job.name: board.targets.get(job.name)
        for job in jobs
        if board.targets.get(job.name) != job.target
    }


def able_to_run(name: str, needs: Requirements, machine: Machine, there: Neighbours) -> bool:
    return (
        needs.wants_machine(machine.id)
        and has_metadata(needs, machine)
        and all(peer in there for peer in needs.machine_of)
        and not any(_excludes(name, needs, other, there[other]) for other in there if other != name)
    )


def has_metadata(needs: Requirements, machine: Machine) -> bool:
    keys = {key for key, _ in needs.metadata}
    return all((key, machine.metadata.get(key)) in needs.metadata for key in keys)


def _excludes(name: str, needs: Requirements, other: str, others: Requirements) -> bool:
    """A conflict counts both ways; a unit that replaces ours drives it from the machine."""
    return needs.conflicts_with(other) or others.conflicts_with(name) or name in others.replaces


class _Board:
    """Who runs where, kept up to date while a round decides."""

    def __init__(self, jobs: Sequence[Job], machines: Sequence[Machine]) -> None:
        self.machines = {machine.id: machine for machine in machines}
        self.targets = {job.name: job.target for job in jobs if job.target is not None}
        self.there: dict[str, dict[str, Requirements]] = {id_: {} for id_ in self.machines}
        for job in jobs:
            for machine in self._homes(job):
                self.there[machine.id][job.name] = job.needs

    def may_stay(self, job: Job, target: str) -> bool:
        machine = self.machines.get(target)
        return machine is not None and job.active and self._able(job, machine)

    def remove(self, job: Job, target: str) -> None:
        del self.targets[job.name]
        self.there.get(target, {}).pop(job.name, None)

    def place(self, job: Job) -> None:
        """The least loaded machine that can; among equals the lowest id."""
        by_load = sorted(self.machines.values(), key=lambda m: (len(self.there[m.id]), m.id))
        for machine in by_load:
            if self._able(job, machine):
                self.targets[job.name] = machine.id
                self.there[machine.id][job.name] = job.needs
                return

    def _able(self, job: Job, machine: Machine) -> bool:
        return able_to_run(job.name, job.needs, machine, self.there[machine.id])

    def _homes(self, job: Job) -> list[Machine]:
        """A global unit counts wherever its metadata matches, whether it runs there or not."""
        if job.needs.everywhere and job.active:
            return [m for m in self.machines.values() if has_metadata(job.needs, m)]
        machine = self.machines.get(job.target or "")
        return [] if machine is None else [machine]
