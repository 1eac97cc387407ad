"""What is left of what was taken down."""

import json
from collections.abc import Iterator

from tests.simulation.network import Delivery
from tests.simulation.rules.base import NOTICED_SECONDS, Rule
from tests.simulation.truth import DESIRED, STATUS, Since, Truth
from tests.simulation.wanted import Wanted, named


class NothingIsLeftOfWhatIsDeleted(Rule):
    """Of all that its document ever asked for: when that is told, and ever after."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._left = Since()

    def applied(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if not write.target.startswith(STATUS) or write.action == "delete":
            return
        path = DESIRED + write.target.removeprefix(STATUS)
        told = json.loads(write.value)["conditions"]
        deleted = any(each["type"] == "Deleted" and each["status"] == "True" for each in told)
        if deleted and path in self.wanted.leaving(self.truth.now):
            for what in self._remnants(path):
                yield f"{path} is called deleted, and {what} is there"

    def look(self) -> Iterator[str]:
        leaving = self.wanted.leaving(self.truth.now - NOTICED_SECONDS)
        gone = [path for path in leaving if self.truth.holds(path, "Deleted")]
        left = {(path, what) for path in gone for what in self._remnants(path)}
        self._left.look(left if self.truth.rewound_at is None else (), self.truth.now)
        for path, what in left:
            if self._left.lasted((path, what), self.truth.now) > NOTICED_SECONDS:
                yield f"{path} is called deleted, and {what} is there again"

    def _remnants(self, path: str) -> Iterator[str]:
        kind, specs = path.split("/")[2], [each["spec"] for each in self.wanted.ever(path)]
        if kind == "nodepool":
            nodes = {each for spec in specs for each in named(path, spec)}
            yield from (each.name for each in self.truth.nodes_of(path))
            yield from (f"the disk {each}" for each in self.truth.loose_disks() if each in nodes)
        elif kind == "unit":
            units = {each for spec in specs for each in named(path, spec)}
            yield from (each for each in sorted(units) if self.truth.fleet_unit(each))
        elif kind == "configkey":
            keys = {spec.get("key", f"/configs/{path.rpartition('/')[2]}") for spec in specs}
            yield from (each for each in sorted(keys) if self.truth.config(each) is not None)
        else:
            yield from self.truth.registered()
