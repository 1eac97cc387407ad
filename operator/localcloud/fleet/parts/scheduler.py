"""The engine's decision: which machine each unit goes to. No weights, no rebalancing."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto

from localcloud.fleet.records import Job
from localcloud.fleet.units.requirements import Requirements
from localcloud.fleet.versions import CONFLICTS_OF_GLOBAL_UNITS, since
from localcloud.seams import Machine

Neighbours = Mapping[str, Requirements]


class Fit(Enum):
    """Whether a unit may be on a machine, beside the others that are there."""

    GOOD = auto()
    CROWDED = auto()  # one of two has to leave, because one of them replaces the other
    NONE = auto()


def assign(jobs: Sequence[Job], machines: Sequence[Machine]) -> dict[str, str | None]:
    """The targets that change. `jobs` stand in the order in which the engine looks at them: of
    units that exclude each other, whoever comes first wins."""
    board = _Board(jobs, machines)
    for job in jobs:
        board.review(job)
    for job in jobs:
        if job.active and not job.needs.everywhere and board.waits(job.name):
            board.place(job)
    return {
        job.name: board.targets.get(job.name)
        for job in jobs
        if board.targets.get(job.name) != job.target
    }


def fit(name: str, needs: Requirements, machine: Machine, there: Neighbours) -> Fit:
    if not (
        needs.wants_machine(machine.id)
        and has_metadata(needs, machine)
        and all(peer in there for peer in needs.machine_of)
        and not in_conflict(name, needs, there)
    ):
        return Fit.NONE
    return Fit.GOOD if _rival(name, needs, there) is None else Fit.CROWDED


def has_metadata(needs: Requirements, machine: Machine) -> bool:
    keys = {key for key, _ in needs.metadata}
    return all((key, machine.metadata.get(key)) in needs.metadata for key in keys)


def in_conflict(name: str, needs: Requirements, there: Neighbours) -> bool:
    """A conflict counts both ways."""
    return any(
        needs.conflicts_with(other) or there[other].conflicts_with(name)
        for other in there
        if other != name
    )


def _rival(name: str, needs: Requirements, there: Neighbours) -> str | None:
    """Who replaces it, or is replaced by it; two that replace each other are left in peace."""
    for other, others in there.items():
        if other != name and needs.would_replace(other) != others.would_replace(name):
            return other
    return None


class _Board:
    """Who runs where, kept up to date while a round decides."""

    def __init__(self, jobs: Sequence[Job], machines: Sequence[Machine]) -> None:
        self.machines = {machine.id: machine for machine in machines}
        self.targets = {job.name: job.target for job in jobs if job.target is not None}
        self.there: dict[str, dict[str, Requirements]] = {id_: {} for id_ in self.machines}
        self._displaced: set[str] = set()  # without a home until the next round
        for job in jobs:
            there = self.there.get(job.target or "")
            if there is not None and job.active and not job.needs.everywhere:
                there[job.name] = job.needs
        for job in jobs:
            if job.needs.everywhere:
                self._spread(job)

    def review(self, job: Job) -> None:
        """A unit that cannot stay goes; one whose place is too narrow drives another out."""
        target = self.targets.get(job.name)
        if target is None:
            return
        match self._fit(job, target) if job.active else Fit.NONE:
            case Fit.NONE:
                self._remove(job.name, target)
            case Fit.CROWDED:
                self._drive_out(job, target)

    def waits(self, name: str) -> bool:
        return name not in self.targets and name not in self._displaced

    def place(self, job: Job) -> None:
        """The least loaded machine that can take it, be it crowded; among equals the lowest id."""
        for target in self._by_load():
            if self._fit(job, target) is not Fit.NONE:
                self._put(job.name, job.needs, target)
                return

    def _spread(self, job: Job) -> None:
        """A global unit counts wherever it matches, whether it is wanted, and runs, or not."""
        checked = since(job.version, CONFLICTS_OF_GLOBAL_UNITS)
        for id_, machine in self.machines.items():
            there = self.there[id_]
            barred = checked and in_conflict(job.name, job.needs, there)
            if has_metadata(job.needs, machine) and not barred:
                there[job.name] = job.needs

    def _drive_out(self, job: Job, target: str) -> None:
        """The rival goes to the least loaded other machine without another look; where there is
        none it is without a home, and the next round may well put it back."""
        there = self.there[target]
        rival = _rival(job.name, job.needs, there)
        if rival is None or rival not in self.targets:  # a global unit cannot be moved
            return
        needs = there[rival]
        self._remove(rival, target)
        elsewhere = next((id_ for id_ in self._by_load() if id_ != target), None)
        if elsewhere is None:
            self._displaced.add(rival)
        else:
            self._put(rival, needs, elsewhere)

    def _put(self, name: str, needs: Requirements, target: str) -> None:
        self.targets[name] = target
        self.there[target][name] = needs

    def _remove(self, name: str, target: str) -> None:
        del self.targets[name]
        self.there.get(target, {}).pop(name, None)

    def _by_load(self) -> list[str]:
        return sorted(self.machines, key=lambda id_: (len(self.there[id_]), id_))

    def _fit(self, job: Job, target: str) -> Fit:
        machine = self.machines.get(target)
        if machine is None:
            return Fit.NONE
        return fit(job.name, job.needs, machine, self.there[target])
