"""What every rule is made of."""

import re
from collections.abc import Iterator

from tests.simulation.network import Delivery, Write
from tests.simulation.truth import CONFIGS, ELASTICSEARCH, Truth, Wanted, pool_of

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
