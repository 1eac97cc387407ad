"""What every rule is made of."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.simulation.network import Delivery, Write
from tests.simulation.truth import CONFIGS, ELASTICSEARCH, Since, Truth
from tests.simulation.wanted import Wanted, pool_of, unit_names

# How late a daemon may know what has happened in the outside: it rests on no older observation.
NOTICED_SECONDS = 75.0
# How late a daemon that reaches home, and is not stopped, may know what stands there.
TOLD_SECONDS = 15.0
OUTSIDE = frozenset({"compute", "fleet", "unit"})
VALUE = '{"http_port": 9200, "transport_port": 9300}'  # of a registration, byte for byte


class Rule:
    """Does nothing. Each method may yield what is wrong."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        self.truth, self.wanted = truth, wanted

    @property
    def name(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", " ", type(self).__name__).lower()

    def sends(self, delivery: Delivery) -> Iterator[str]:
        """A write is about to leave."""
        yield from ()

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        yield from ()

    def applied(self, delivery: Delivery) -> Iterator[str]:
        yield from ()

    def answered(self, delivery: Delivery) -> Iterator[str]:
        yield from ()

    def read(self, party: str, system: str, sent_at: float) -> Iterator[str]:
        yield from ()

    def look(self) -> Iterator[str]:
        """The cloud has turned."""
        yield from ()


class Disrupting(Rule):
    """Knows which writes take away what there is."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._up = Since()  # by the name of the unit

    def look(self) -> Iterator[str]:
        up = [each for each in self.units() if self.truth.runs(each)]
        self._up.look(up, self.truth.now)
        yield from ()

    def units(self) -> set[str]:
        """All that the documents name."""
        groups = self.wanted.specs("unit").items()
        return {each for name, spec in groups for each in unit_names(f"/{name}", spec)}

    def takes_away(self, write: Write) -> bool:
        if write.action != "delete":
            return write.system == "fleet" and self.disrupts(write)
        if write.system == "unit":
            return write.target.startswith(CONFIGS)
        return write.system in OUTSIDE and not write.reaches_nobody

    def disrupts(self, write: Write) -> bool:
        """The unit runs, for long enough to be known, and will not after this."""
        if self._up.lasted(write.target, self.truth.now) < NOTICED_SECONDS:
            return False
        if write.action in ("loaded", "inactive", "delete"):
            return True
        return write.action.startswith("put ") and self._changes(write)

    def _changes(self, write: Write) -> bool:
        there = self.truth.fleet_unit(write.target)
        given = [tuple(each) for each in json.loads(write.value)]
        return there is not None and given != [(o.section, o.name, o.value) for o in there.options]


def is_step(write: Write) -> bool:
    """A write to the outside that is no keep-alive."""
    return write.system in OUTSIDE and write.action != "refresh"


def document_of(write: Write, wanted: Wanted) -> str | None:
    """The path of the document that a write to the outside belongs to."""
    if write.system == "fleet":
        return wanted.unit_group(write.target)
    if write.reaches_nobody:
        return None
    if write.system == "compute":
        return pool_of(write.target)
    if write.target.startswith(CONFIGS):
        return f"/desired/configkey/{write.target.removeprefix(CONFIGS)}"
    return ELASTICSEARCH


def budget(spec: Any) -> int:
    """How many of a unit's instances may be away at once."""
    return int(spec.get("rollout", {}).get("maxUnavailable", 1))
