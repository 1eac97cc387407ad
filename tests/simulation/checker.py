"""The checker: asks every rule at every event, and keeps the first thing that is wrong."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from tests.simulation.drafts import SECRET
from tests.simulation.network import Delivery
from tests.simulation.rules import RULES
from tests.simulation.rules.base import Rule
from tests.simulation.truth import Truth
from tests.simulation.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Violation:
    """`rule` is the sentence that does not hold, `at` seconds since the beginning."""

    at: float
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a story. Two plays of one script have the same digest: of every write of
    every daemon, with its time."""

    violation: Violation | None
    digest: str


class Checker:
    """A witness of every line, and of the log."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.violation: Violation | None = None
        self.over = asyncio.Event()
        self._rules: tuple[Rule, ...] = ()
        self._truth: Truth | None = None

    def report(self) -> Report:
        return Report(self.violation, self._digest.hexdigest()[:12])

    def begin(self, truth: Truth, wanted: Wanted) -> None:
        self._truth = truth
        self._rules = tuple(rule(truth, wanted) for rule in RULES)

    def complain(self, rule: str, message: str) -> None:
        """Only the first complaint counts: what comes after may follow from it."""
        if self.violation is None and self._truth is not None:
            self.violation = Violation(self._truth.now, rule, message)
            self.over.set()

    def look(self) -> None:
        self._ask(lambda rule: rule.look())

    def log(self, _logger: object, _level: str, line: Any) -> Any:
        """A processor of structlog, the last one."""
        if SECRET in repr(line):
            self.complain("no secret is told", f"the log says {line}")
        if "exception" in line:
            self.complain("no pass fails by a bug", str(line["exception"]).rpartition("\n")[2])
        raise structlog.DropEvent

    # a witness

    def sends(self, delivery: Delivery) -> None:
        self._ask(lambda rule: rule.sends(delivery))

    def arrives(self, delivery: Delivery) -> None:
        self._digest.update(repr(delivery).encode())
        self._ask(lambda rule: rule.arrives(delivery))

    def applied(self, delivery: Delivery) -> None:
        self._ask(lambda rule: rule.applied(delivery))

    def answered(self, delivery: Delivery) -> None:
        self._ask(lambda rule: rule.answered(delivery))

    def read(self, party: str, system: str, sent_at: float) -> None:
        self._ask(lambda rule: rule.read(party, system, sent_at))

    def _ask(self, question: Callable[[Rule], Iterator[str]]) -> None:
        for rule in self._rules:
            for message in question(rule):
                self.complain(rule.name, message)
