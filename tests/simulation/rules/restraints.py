"""What documents forbid: to take down what runs, to do it at this hour, to do anything unasked, or
to do anything at all."""

import json
from collections.abc import Iterator
from typing import Any

from tests.simulation.network import GIVE_UP_SECONDS, Delivery, Write
from tests.simulation.restraints import asks, observes, protects, shuts_for_a_while
from tests.simulation.rules.base import TOLD_SECONDS, Disrupting, document_of, is_step
from tests.simulation.truth import Since, Truth
from tests.simulation.wanted import Wanted


class _Restraint(Disrupting):
    """What is in force for long enough holds for every daemon that leads."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._known = Since()  # by path and what the metadata says

    def look(self) -> Iterator[str]:
        yield from super().look()
        self._known.look(self._in_force(), self.truth.now)

    def metadata(self, write: Write) -> Any:
        """Of the document that a write belongs to, as far as it is known."""
        path = document_of(write, self.wanted)
        known = (told for at, told in self._in_force() if at == path)
        told = next(known, "{}")
        return json.loads(told if self._lasts(path, told) else "{}")

    def _lasts(self, path: str | None, told: str) -> bool:
        return self._known.lasted((path, told), self.truth.now) > TOLD_SECONDS

    def _in_force(self) -> Iterator[tuple[str, str]]:
        for path, document in self.wanted.restrained():
            text = self.truth.in_force(path)
            if text and json.loads(text).get("metadata") == document["metadata"]:
                yield path, json.dumps(document["metadata"])


class WhatIsProtectedStays(_Restraint):
    def sends(self, delivery: Delivery) -> Iterator[str]:
        if self.takes_away(delivery.write) and protects(self.metadata(delivery.write)):
            yield f"{delivery.write}, and its document protects it"


class NothingGoesWhileTheWindowIsShut(_Restraint):
    def sends(self, delivery: Delivery) -> Iterator[str]:
        write, now = delivery.write, self.truth.time
        metadata = self.metadata(write) if self.takes_away(write) else {}
        # what was decided in its last moment leaves when its intent is recorded
        if shuts_for_a_while(metadata, now, GIVE_UP_SECONDS):
            yield f"{write} at {now:%H:%M:%S}, and the window is {metadata['policy']['window']}"


class WhatIsOnlyObservedIsLeftAlone(_Restraint):
    def sends(self, delivery: Delivery) -> Iterator[str]:
        if is_step(delivery.write) and observes(self.metadata(delivery.write)):
            yield f"{delivery.write}, and its document is only observed"


class WhoAsksIsAnswered(_Restraint):
    """Of a restart that was begun before, the second half is done."""

    APPROVED_SECONDS = 3600.0

    def sends(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        second_half = (write.system, write.action) == ("fleet", "launched")
        if not is_step(write) or second_half or self._approved(write):
            return
        if asks(self.metadata(write)) and not self._restarts(write):
            yield f"{write}, and its document wants a person to be asked"

    def _approved(self, write: Write) -> bool:
        system = "keys" if write.system == "unit" else write.system
        at = self.truth.approved_at(f"{system}:{write.target}")
        return at is not None and self.truth.now - at < self.APPROVED_SECONDS

    def _restarts(self, write: Write) -> bool:
        """As a person has asked for in other words."""
        path = document_of(write, self.wanted) or ""
        return write.action == "loaded" and self.truth.restart_is_asked(path)
