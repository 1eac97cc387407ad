"""How many may be down at once, whoever took them down."""

from collections.abc import Iterator
from typing import Any

from tests.simulation.network import Delivery, Write
from tests.simulation.rules.base import NOTICED_SECONDS, Disrupting, budget
from tests.simulation.truth import Since, Truth
from tests.simulation.wanted import Wanted, is_leaving, unit_names


class BudgetIsKept(Disrupting):
    """Nobody of a group is taken down while as many as may be are down already: since long enough
    to be known, or by us."""

    HEALTHY_SECONDS = 9.0

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._down = Since()
        self._copies = Since()  # by unit and machine
        self._shown = Since()  # by unit: fleet says that it runs
        self._taken: dict[str, float] = {}  # unit -> when we took it down

    def look(self) -> Iterator[str]:
        yield from super().look()
        members = self.units()
        up = {each for each in members if self.truth.runs(each)}
        self._down.look(members - up, self.truth.now)
        copies = ((each, machine) for each in up for machine in self.truth.runs_at(each))
        self._copies.look(copies, self.truth.now)
        self._shown.look(self.truth.shown_to_run(), self.truth.now)
        self._taken = {each: at for each, at in self._taken.items() if not self._is_back(each, at)}

    def _is_back(self, unit: str, taken_at: float) -> bool:
        """It has begun anew since, and is up for long enough to be relied on, or was by what fleet
        shows, of a lost machine until its keys expire; or it never went down."""
        now, since = self.truth.now, self.truth.now - taken_at
        copies = (self._copies.lasted((unit, at), now) for at in self.truth.runs_at(unit))
        shown = self._shown.lasted(unit, now)
        begun = any(self.HEALTHY_SECONDS <= up < since for up in (*copies, shown))
        return begun or self._up.lasted(unit, now) > NOTICED_SECONDS < since

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        for unit in self._takes(delivery.write):
            yield from self._over(delivery.write, unit)

    def _takes(self, write: Write) -> list[str]:
        """The units that are up, since long enough to be known, and will not be after this."""
        if write.system == "fleet" and self.disrupts(write):
            return [write.target]
        if (write.system, write.action) != ("compute", "delete"):
            return []
        return [unit for unit in self._known_up() if self.truth.runs_on(unit, write.target)]

    def _known_up(self) -> list[str]:
        up = sorted(self.units())
        return [each for each in up if self._up.lasted(each, self.truth.now) > NOTICED_SECONDS]

    def _over(self, write: Write, unit: str) -> Iterator[str]:
        path = self.wanted.unit_group(unit)
        since = self.truth.now - NOTICED_SECONDS
        versions = self.wanted.lately(path, since) if path else []
        specs = [each["spec"] for each in versions]
        if not path or not specs or any(map(_shall_stop, versions)):
            return
        down = set.intersection(*(self._down_of(path, each) for each in specs)) - {unit}
        if len(down) >= max(map(budget, specs)):
            yield f"{write} while {', '.join(sorted(down))} of {path} are down already"

    def applied(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.system == "fleet" and write.action in ("loaded", "inactive", "put launched"):
            self._taken[write.target] = self.truth.now
        yield from ()

    def _down_of(self, path: str, spec: Any) -> set[str]:
        return {
            each
            for each in unit_names(path, spec)
            if each in self._taken or self._down.lasted(each, self.truth.now) > NOTICED_SECONDS
        }


def _shall_stop(document: Any) -> bool:
    stops = document["spec"].get("desiredState", "launched") != "launched"
    return bool(stops or is_leaving(document))
