"""How many may be down at once, whoever took them down."""

import json
from collections.abc import Iterator
from typing import Any

from tests.simulation.network import Delivery, Write
from tests.simulation.rules.base import NOTICED_SECONDS, Rule
from tests.simulation.truth import Since, Truth, Wanted, is_leaving, unit_names


class BudgetIsKept(Rule):
    """Nobody of a group is taken down while as many as may be are down already: since long enough
    to be known, or by us."""

    HEALTHY_SECONDS = 9.0

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._up, self._down = Since(), Since()
        self._taken: dict[str, float] = {}  # unit -> when we took it down

    def look(self) -> Iterator[str]:
        groups = self.wanted.specs("unit").items()
        members = {each for name, spec in groups for each in unit_names(f"/{name}", spec)}
        up = {each for each in members if self.truth.runs(each)}
        self._up.look(up, self.truth.now)
        self._down.look(members - up, self.truth.now)
        self._taken = {each: at for each, at in self._taken.items() if not self._is_back(each, at)}
        yield from ()

    def _is_back(self, unit: str, taken_at: float) -> bool:
        """It has been down since, and is up again for long enough to be relied on; or it never
        went down."""
        up, since = self._up.lasted(unit, self.truth.now), self.truth.now - taken_at
        return self.HEALTHY_SECONDS <= up < since or up > NOTICED_SECONDS < since

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        for unit in self._takes(delivery.write):
            yield from self._over(delivery.write, unit)

    def _takes(self, write: Write) -> list[str]:
        """The units that are up, since long enough to be known, and will not be after this."""
        if write.system == "fleet" and self._disrupts(write):
            return [write.target]
        if (write.system, write.action) != ("compute", "delete"):
            return []
        return [unit for unit in self._known_up() if self.truth.runs_on(unit, write.target)]

    def _known_up(self) -> list[str]:
        groups = self.wanted.specs("unit").items()
        members = [each for name, spec in groups for each in unit_names(f"/{name}", spec)]
        return [each for each in members if self._up.lasted(each, self.truth.now) > NOTICED_SECONDS]

    def _over(self, write: Write, unit: str) -> Iterator[str]:
        path = self.wanted.unit_group(unit)
        since = self.truth.now - NOTICED_SECONDS
        versions = self.wanted.lately(path, since) if path else []
        specs = [each["spec"] for each in versions]
        if not path or not specs or any(map(_shall_stop, versions)):
            return
        down = set.intersection(*(self._down_of(path, each) for each in specs)) - {unit}
        if len(down) >= max(map(_budget, specs)):
            yield f"{write} while {', '.join(sorted(down))} of {path} are down already"

    def applied(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.system == "fleet" and write.action in ("loaded", "inactive", "put launched"):
            self._taken[write.target] = self.truth.now
        yield from ()

    def _disrupts(self, write: Write) -> bool:
        """It runs, for long enough to be known, and will not after this."""
        if self._up.lasted(write.target, self.truth.now) < NOTICED_SECONDS:
            return False
        if write.action in ("loaded", "inactive", "delete"):
            return True
        return write.action.startswith("put ") and self._changes(write)

    def _changes(self, write: Write) -> bool:
        there = self.truth.fleet_unit(write.target)
        given = [tuple(each) for each in json.loads(write.value)]
        return there is not None and given != [(o.section, o.name, o.value) for o in there.options]

    def _down_of(self, path: str, spec: Any) -> set[str]:
        return {
            each
            for each in unit_names(path, spec)
            if each in self._taken or self._down.lasted(each, self.truth.now) > NOTICED_SECONDS
        }


def _shall_stop(document: Any) -> bool:
    stops = document["spec"].get("desiredState", "launched") != "launched"
    return bool(stops or is_leaving(document))


def _budget(spec: Any) -> int:
    return int(spec.get("rollout", {}).get("maxUnavailable", 1))
