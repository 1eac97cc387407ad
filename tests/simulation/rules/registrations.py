"""The list of the Elasticsearch nodes."""

from collections.abc import Iterator

from tests.simulation.network import Delivery
from tests.simulation.rules.base import VALUE, Rule
from tests.simulation.truth import SERVICES, Since, Truth, Wanted


class RegistrationsAreTrue(Rule):
    """Who is registered has shown that it lives; who lives is not taken off the list."""

    QUALIFIED_SECONDS = 9.5
    LATELY_SECONDS = 30.0  # it may have died since it was looked at
    LONG_ALIVE_SECONDS = 60.0

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._alive = Since()
        self._qualified: dict[str, float] = {}  # address -> when that was last true
        self._before: frozenset[str] = frozenset()
        self._deleted: set[str] = set()

    def look(self) -> Iterator[str]:
        nodes, now = self.truth.nodes(), self.truth.now
        self._alive.look(((ip, node.id) for ip, node in nodes.items()), now)
        long_enough = (ip for ip in nodes if self._age(ip) >= self.QUALIFIED_SECONDS)
        self._qualified.update(dict.fromkeys(long_enough, now))
        registered = frozenset(self.truth.registered())
        for ip in self._before - registered - self._deleted:
            if ip in nodes and not self.truth.removed_by_hand(ip):
                yield f"the registration of {ip} expired while the node lives"
        self._before = registered
        self._deleted.clear()

    def sends(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if not write.target.startswith(SERVICES) or write.action not in ("create", "swap"):
            return
        if write.value != VALUE:
            yield f"{write}: the value is {write.value!r}"
        ip = write.target.rpartition("/")[2]
        last = self._qualified.get(ip, -self.LATELY_SECONDS)
        if write.action == "create" and self.truth.now - last > self.LATELY_SECONDS:
            yield f"{write}: the node has lived for {self._age(ip):.1f} s"

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if not write.target.startswith(SERVICES) or write.action != "delete":
            return
        ip = write.target.rpartition("/")[2]
        self._deleted.add(ip)
        if self._age(ip) > self.LONG_ALIVE_SECONDS:
            yield f"{write}: the node has lived for {self._age(ip):.0f} s"

    def _age(self, ip: str) -> float:
        node = self.truth.nodes().get(ip)
        return self._alive.lasted((ip, node.id), self.truth.now) if node else 0.0
