"""What can be made to go wrong. Times are epoch seconds of the model's clock."""

from collections.abc import Iterator

from localcloud.clock import Clock
from localcloud.elasticsearch.parts.membership import Membership
from localcloud.elasticsearch.parts.process import Node
from localcloud.elasticsearch.parts.troubles import Trouble
from localcloud.fault import Standing

_WORDS = {"cut": "es-split", "isolated": "es-isolate"}  # the others are called as they are typed


class Mishaps:
    """A node that runs is called by its name or its address. LookupError: no node is it."""

    def __init__(self, membership: Membership, clock: Clock) -> None:
        self._membership = membership
        self._clock = clock

    def clear(self) -> None:
        self._membership.troubles.clear()
        self._membership.settle(self._clock.now())

    def standing(self) -> Iterator[Standing]:
        troubles = self._membership.troubles.all
        for one in sorted(troubles, key=lambda each: (each.kind, each.name)):
            delay = f"{one.seconds:g}" if one.seconds else ""
            of = " ".join(part for part in (one.name, one.other, delay) if part)
            yield Standing(_WORDS.get(one.kind, f"es-{one.kind}"), of, one.until)

    # of links

    def split(self, name: str, other: str) -> None:
        """In both directions, until it is cleared."""
        self._begin(Trouble("cut", self._known(name), other=self._known(other)))

    def isolate(self, name: str) -> None:
        """From all nodes, and not from clients, until it is cleared."""
        self._begin(Trouble("isolated", self._known(name)))

    def stale(self, name: str, until: float) -> None:
        """It takes over no state that its master publishes."""
        self._begin(Trouble("stale", self._known(name), until=until))

    # of a node

    def pause(self, name: str, until: float) -> None:
        """Neither clients nor other nodes get an answer."""
        self._begin(Trouble("pause", self._known(name), until=until))

    def hang(self, name: str, until: float) -> None:
        """Clients get no answer; the other nodes see nothing of it."""
        self._begin(Trouble("hang", self._known(name), until=until))

    def slow(self, name: str, seconds: float, until: float) -> None:
        self._begin(Trouble("slow", self._known(name), seconds=seconds, until=until))

    def reset(self, name: str, until: float) -> None:
        """Connections break in the middle of the answers."""
        self._begin(Trouble("reset", self._known(name), until=until))

    def wipe(self, name: str) -> None:
        """Its next start finds an empty data path; the process has what it had in memory."""
        self._named(name).wiped = True

    def _begin(self, trouble: Trouble) -> None:
        self._membership.troubles.add(trouble)
        self._membership.settle(self._clock.now())

    def _known(self, name: str) -> str:
        return self._named(name).spec.name

    def _named(self, name: str) -> Node:
        up = self._membership.up()
        found = next((one for one in up if name in (one.spec.name, one.spec.ip)), None)
        if found is None:
            names = ", ".join(sorted(one.spec.name for one in up))
            message = f"no Elasticsearch node {name}; there are {names or 'none'}"
            raise LookupError(message)
        return found
