"""Which units are a document's own: those that a step of it has made or changed."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from steersman.model.memory import Memory
from steersman.model.resource import EMPTY

OWNED = "owned"


def owned(memory: Memory) -> AbstractSet[str]:
    """Their names, until they are destroyed. With the memory lost, nothing is."""
    since: Mapping[str, str] = memory.own.get(OWNED, EMPTY)
    return since.keys()
