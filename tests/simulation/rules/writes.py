"""Who may write, when, how often and what."""

import json
from collections import deque
from collections.abc import Iterator

from localcloud.fleet.units.unitfile import parse, serialise
from localcloud.seams import Option
from tests.simulation.network import GIVE_UP_SECONDS, Delivery, Write
from tests.simulation.rules.base import Rule, is_step
from tests.simulation.truth import CONFIGS, LEADER, STATUS, Truth
from tests.simulation.wanted import Wanted

READ_WITHIN_SECONDS = {"compute": 55.0, "fleet": 25.0}  # three intervals, and the way
STEPS_PER_HOUR = 120
# What is counted when it is decided leaves a little later, when its intent is recorded.
HOUR_SECONDS = 3600.0 - GIVE_UP_SECONDS


class OnlyTheLeaderWrites(Rule):
    """Steps are started by who has the lease; and of what arrives late, home takes nothing."""

    def sends(self, delivery: Delivery) -> Iterator[str]:
        leader = self.truth.leader()
        if is_step(delivery.write) and leader != delivery.party:
            yield f"{delivery.party} sends {delivery.write} while {leader} leads"

    def applied(self, delivery: Delivery) -> Iterator[str]:
        write, leader = delivery.write, self.truth.leader()
        if write.system == "home" and write.target != LEADER and leader != delivery.party:
            yield f"{write} of {delivery.party} is applied while {leader} leads"


class AnIntentComesFirst(Rule):
    def sends(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.system not in ("compute", "fleet") or write.reaches_nobody:
            return
        if not self.truth.intended(write.system, write.target):
            yield f"{write} without an intent"


class NoStepRestsOnAnOldObservation(Rule):
    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._read: dict[tuple[str, str], float] = {}

    def read(self, party: str, system: str, sent_at: float) -> Iterator[str]:
        self._read[party, system] = sent_at
        yield from ()

    def sends(self, delivery: Delivery) -> Iterator[str]:
        system = delivery.write.system
        if system not in READ_WITHIN_SECONDS:
            return
        age = self.truth.now - self._read.get((delivery.party, system), 0.0)
        if age > READ_WITHIN_SECONDS[system]:
            yield f"{delivery.write} when {system} was read {age:.0f} s ago"


class AnAnsweredWriteIsNotRepeated(Rule):
    SOON_SECONDS = 3.0

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._answered: dict[tuple[str, str], tuple[Write, float]] = {}

    def answered(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        self._answered[write.system, write.target] = (write, self.truth.now)
        yield from ()

    def sends(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        before, at = self._answered.get((write.system, write.target), (None, 0.0))
        ago = self.truth.now - at
        if not is_step(write) or write != before or ago >= self.SOON_SECONDS:
            return
        if write.system != "compute" or not self.truth.failed_lately(write.target, ago):
            yield f"{write} again {ago:.1f} s after it was answered"


class OnlySafeWritesReachFleet(Rule):
    STATES = frozenset({"inactive", "loaded", "launched"})

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.system != "fleet" or write.action == "delete":
            return
        state = write.action.removeprefix("put ")
        if state not in self.STATES:
            yield f"{write}: no state of fleet's"
        if "@." in write.target and state != "inactive":
            yield f"{write}: a template"
        if write.action.startswith("put "):
            yield from self._options(write)

    def _options(self, write: Write) -> Iterator[str]:
        """fleet writes them into a text, and reads that."""
        options = [Option(*each) for each in json.loads(write.value)]
        if not options:
            yield f"{write}: without options"
        sections = list(dict.fromkeys(each.section for each in options))
        in_order = sorted(options, key=lambda each: sections.index(each.section))
        if parse(serialise(options)) != tuple(in_order):
            yield f"{write}: fleet reads something else than {options}"


class WorkIsBounded(Rule):
    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._sent: dict[str, deque[float]] = {}

    def sends(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if not is_step(write):
            return
        kind = CONFIGS if write.target.startswith(CONFIGS) else write.system
        times = self._sent.setdefault(kind, deque())
        times.append(self.truth.now)
        while times[0] < self.truth.now - HOUR_SECONDS:
            times.popleft()
        if len(times) > STEPS_PER_HOUR:
            yield f"{write} is number {len(times)} within an hour"


class NoStatusSaysTheSameAgain(Rule):
    """But for times, within one term: its first may tell what the leader before did."""

    TIMES = ("lastTransitionTime", "until")

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._said: dict[tuple[int, str], Delivery] = {}  # by term and key
        self._unanswered: set[Delivery] = set()

    def sends(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.target.startswith(STATUS) and self._repeats(delivery):
            yield f"{write} says what it said before"
        if write.system == "home":
            self._unanswered.add(delivery)

    def answered(self, delivery: Delivery) -> Iterator[str]:
        self._unanswered.discard(delivery)
        if delivery.write.target.startswith(STATUS):
            self._said[self._at(delivery)] = delivery
        yield from ()

    def _repeats(self, delivery: Delivery) -> bool:
        before, says = self._said.get(self._at(delivery)), self._told(delivery.write)
        if before is None or not says or self.truth.leader() != delivery.party:
            return False
        return says == self._told(before.write) and not self._failed_with(before)

    def _failed_with(self, before: Delivery) -> bool:
        """Whether something that was sent with it, in one transaction, may have been lost."""
        party, at = before.party, before.sent_at
        return any(each.party == party and each.sent_at >= at for each in self._unanswered)

    def _at(self, delivery: Delivery) -> tuple[int, str]:
        return self.truth.term(), delivery.write.target

    def _told(self, write: Write) -> str:
        """But for times; nothing, when it is taken away."""
        if not write.value:
            return ""
        status = json.loads(write.value)
        for each in (*status["conditions"], *status["waiting"]):
            for time in self.TIMES:
                each.pop(time, None)
        return json.dumps(status)
