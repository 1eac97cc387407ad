"""One writer for each outside object."""

from collections.abc import Iterator

from tests.simulation.network import Delivery
from tests.simulation.rivals import RIVALS_WORDS
from tests.simulation.rules.base import OUTSIDE, Rule
from tests.simulation.truth import UID, Truth
from tests.simulation.wanted import Wanted


class TheFirstWhoNamesItHasIt(Rule):
    """A document that names what an older one has is not in force, and nothing of it is done."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._pools: dict[str, str] = {}  # the uid of its pool, by the name of an instance

    def look(self) -> Iterator[str]:
        for path in self.wanted.rivals:
            if self.truth.in_force(path):
                yield f"{path} is in force, and names what another document has"
        for each in self.truth.our_instances():
            first = self._pools.setdefault(each.name, each.labels[UID])
            if first != each.labels[UID]:
                yield f"{each.path} belongs to another pool than {each.name} before"

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        if delivery.write.system in OUTSIDE and RIVALS_WORDS in delivery.write.value:
            yield f"{delivery.write} carries what the younger of two documents says"
