"""How fast what shall run no more is stopped."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.simulation.network import Delivery, Write
from tests.simulation.rules.base import NOTICED_SECONDS, Disrupting, budget
from tests.simulation.truth import Since, Truth
from tests.simulation.wanted import Wanted, is_leaving, unit_names

STOPS = frozenset({"loaded", "inactive", "delete"})


@dataclass(frozen=True, slots=True)
class _Told:
    """Who told an instance that ran to stop, and when that was sent and applied."""

    party: str
    sent_at: float
    at: float


@dataclass(frozen=True, slots=True)
class _Read:
    """What a party read of fleet: who was shown to run, from the question to the answer."""

    sent_at: float
    running: frozenset[str]


class StopsKeepThePace(Disrupting):
    """Of what shall run no more nothing is stopped while as many of its group as may be away were
    told to stop, and have not been read to run no more. A group that is taken down as a whole has
    no pace."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._shown = Since()  # by unit: fleet says that it runs
        self._written: dict[str, float] = {}  # unit -> when a write of ours was last applied
        self._told: dict[str, _Told] = {}  # by unit, until it is asked to run again
        self._read: dict[str, _Read] = {}  # by party

    def look(self) -> Iterator[str]:
        yield from super().look()
        self._shown.look(self.truth.shown_to_run(), self.truth.now)

    def read(self, party: str, system: str, sent_at: float) -> Iterator[str]:
        if system == "fleet":
            now, still = self.truth.now, self.truth.shown_to_run()
            running = (each for each in still if self._shown.lasted(each, now) > now - sent_at)
            self._read[party] = _Read(sent_at, frozenset(running))
        yield from ()

    def applied(self, delivery: Delivery) -> Iterator[str]:
        write, now = delivery.write, self.truth.now
        if write.system == "fleet":
            if write.action not in STOPS:
                self._told.pop(write.target, None)
            elif self._takes_down(write):
                self._told[write.target] = _Told(delivery.party, delivery.sent_at, now)
            self._written[write.target] = now
        yield from ()

    def sends(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.system != "fleet" or not self._takes_down(write) or self.truth.was_rewound:
            return
        path = self.wanted.unit_group(write.target) or ""
        versions = self.wanted.lately(path, self.truth.now - NOTICED_SECONDS)
        if any(map(is_leaving, versions)) or not any(_stops(write, path, at) for at in versions):
            return
        stopping = self._stopping(delivery.party, path) - {write.target}
        if len(stopping) >= max(budget(each["spec"]) for each in versions):
            yield f"{write} while {', '.join(sorted(stopping))} of {path} are being stopped"

    def _takes_down(self, write: Write) -> bool:
        """What nothing of ours has touched for so long is known to run."""
        quiet_since = self._written.get(write.target, 0.0)
        return self.disrupts(write) and self.truth.now - quiet_since > NOTICED_SECONDS

    def _stopping(self, party: str, path: str) -> set[str]:
        """As far as the party has to know: it told them after it read fleet last, or read since
        that they run on."""
        read = self._read.get(party, _Read(0.0, frozenset()))
        return {
            unit
            for unit, told in self._told.items()
            if (told.party == party and told.sent_at > read.sent_at)
            or (told.at < read.sent_at and unit in read.running)
            if self.wanted.unit_group(unit) == path
        }


def _stops(write: Write, path: str, document: Any) -> bool:
    """Whether the document asks that what is written about runs no more."""
    spec = document["spec"]
    named = write.target in unit_names(path, spec)
    return not named or spec.get("desiredState", "launched") != "launched"
