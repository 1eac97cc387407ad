"""The list of the Elasticsearch nodes."""

from collections.abc import Iterator

from tests.simulation.network import Delivery
from tests.simulation.restraints import is_restrained
from tests.simulation.rules.base import NOTICED_SECONDS, VALUE, Rule
from tests.simulation.truth import ELASTICSEARCH, SERVICES, Since, Truth
from tests.simulation.wanted import Wanted, is_leaving, unit_names

NODES = "/desired/unit/elasticsearch"


class RegistrationsAreTrue(Rule):
    """Who is registered has shown that it lives; who lives is not taken off the list."""

    QUALIFIED_SECONDS = 9.5
    UNSEEN_SECONDS = 5.0  # between two probes it may start again
    LATELY_SECONDS = 30.0  # it may have died since it was looked at
    LONG_ALIVE_SECONDS = 60.0

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._alive = Since()
        self._answers: dict[str, tuple[float, float]] = {}  # address -> from when, until when
        self._looked = 0.0  # a host that stands still lets nobody look for a while
        self._qualified: dict[str, float] = {}  # address -> when that was last true
        self._before: frozenset[str] = frozenset()
        self._deleted: set[str] = set()

    def look(self) -> Iterator[str]:
        nodes, now = self.truth.nodes(), self.truth.now
        self._alive.look(((ip, node.id) for ip, node in nodes.items()), now)
        for ip in nodes:
            since, last = self._answers.get(ip, (now, now))
            unbroken = last == self._looked or now - last < self.UNSEEN_SECONDS
            since = since if unbroken else now
            self._answers[ip] = (since, now)
            if now - since >= self.QUALIFIED_SECONDS:
                self._qualified[ip] = now
        self._looked = now
        registered = frozenset(self.truth.registered())
        for ip in self._before - registered - self._deleted:
            by_hand = self.truth.removed_by_hand(ip)
            if ip in nodes and not by_hand and not self._leaving():
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
        if self._age(ip) > self.LONG_ALIVE_SECONDS and not self._leaving():
            yield f"{write}: the node has lived for {self._age(ip):.0f} s"

    def _leaving(self) -> bool:
        versions = self.wanted.lately(ELASTICSEARCH, self.truth.now - NOTICED_SECONDS)
        return any(map(is_leaving, versions))

    def _age(self, ip: str) -> float:
        node = self.truth.nodes().get(ip)
        return self._alive.lasted((ip, node.id), self.truth.now) if node else 0.0


class TheDeadLeaveTheList(Rule):
    """As fast as is promised, while somebody leads whom nothing keeps from seeing it."""

    # Three probes in 45 s, and a minute of grace; then a step has to be decided and done.
    UNRESPONSIVE_SECONDS = 105.0 + 15.0
    # From the list that proves it: the next probe finds the port closed; then as long as a refresh.
    PROVED_SECONDS = 18.0 + 15.0 + 10.0
    BLIND_LEAST = 2
    LOST_AT_ONCE_MOST = 2  # more at once are not believed
    SYSTEMS = ("home", "unit", "compute", "fleet", "elasticsearch")
    STOPPED = frozenset({"TERMINATED", "STOPPED"})

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._silent, self._stopped = Since(), Since()
        self._proved: dict[tuple[int, str], float] = {}  # by term and address
        self._strange: set[str] = set()  # with home we may have lost that these are ours

    def look(self) -> Iterator[str]:
        now, term, listed = self.truth.now, self.truth.term(), set(self.truth.registered())
        self._strange = listed if self.truth.rewound_at is not None else self._strange & listed
        gone = listed.difference(self.truth.nodes(), self._strange)
        dead = gone if self._is_watched() else set()
        silent = dead if self._may_go(listed, dead) else ()
        self._silent.look(((term, ip) for ip in silent), now)
        stopped = self._stopped_of(dead)
        self._stopped.look(((term, ip) for ip in stopped), now)
        self._proved = {at: each for at, each in self._proved.items() if at[1] in stopped}
        for ip in silent:
            if self._silent.lasted((term, ip), now) > self.UNRESPONSIVE_SECONDS:
                yield f"{ip} is registered, and has been dead for {self.UNRESPONSIVE_SECONDS:g} s"
        for (_, ip), at in self._proved.items():
            if now - at > self.PROVED_SECONDS:
                yield f"{ip} is registered, and was proved dead {now - at:.0f} s ago"

    def read(self, party: str, system: str, sent_at: float) -> Iterator[str]:
        """A list of the instances that shows who is stopped."""
        term, now = self.truth.term(), self.truth.now
        if system == "compute" and party == self.truth.leader():
            for ip in self.truth.registered():
                if self._stopped.lasted((term, ip), now) > now - sent_at:
                    self._proved.setdefault((term, ip), now)
        yield from ()

    def _is_watched(self) -> bool:
        leader, since = self.truth.leader(), self.truth.now - NOTICED_SECONDS
        wanted = self.wanted.lately(ELASTICSEARCH, since)
        return (
            leader is not None
            and self.truth.reaches(leader, *self.SYSTEMS)
            and self.wanted.stands(ELASTICSEARCH, since)
            and not any(map(is_leaving, wanted))
            and not any(map(is_restrained, wanted))
            and not any(self.truth.paused())
            and not self.truth.in_doubt()
        )

    def _may_go(self, listed: set[str], dead: set[str]) -> bool:
        """Whether it cannot be the daemon that is cut off, and enough seeds are left."""
        unheard = dead | {ip for ip in listed if self.truth.silent(ip)}
        units = self.wanted.specs("unit").get("elasticsearch")
        if units is None:
            return False
        quorum = units["instances"] // 2 + 1
        blind = max(self.BLIND_LEAST, (len(listed) + 1) // 2)
        return len(unheard) < blind and len(dead) <= len(listed) - quorum

    def _stopped_of(self, dead: set[str]) -> set[str]:
        """Where no instance is that runs or may; nobody, if so many that it is not believed."""
        up = {each.ip for each in self.truth.instances() if each.status not in self.STOPPED}
        stopped = dead - up
        return stopped if len(stopped) <= self.LOST_AT_ONCE_MOST else set()


class TheFirstNodeStartsAlone(Rule):
    """The others find it; those that start beside it would each make a cluster of their own."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._formed = False

    def look(self) -> Iterator[str]:
        self._formed = self._formed or bool(self.truth.nodes())
        yield from ()

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if self._formed or write.system != "fleet" or write.action != "launched":
            return
        spec = self.wanted.specs("unit").get("elasticsearch")
        units = unit_names(NODES, spec) if spec else ()
        launched = [each for each in units if self._is_launched(each) and each != write.target]
        if write.target in units and launched:
            yield f"{write} while {', '.join(launched)} starts"

    def _is_launched(self, unit: str) -> bool:
        there = self.truth.fleet_unit(unit)
        return there is not None and there.desired == "launched"
