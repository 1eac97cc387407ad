"""What a model has planned: entries in order of time, first planned first among equals."""

import heapq
from collections.abc import Container
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    when: float
    number: int
    action: str
    subject: str  # the machine that it concerns; "" for the fleet as a whole
    arguments: tuple[Any, ...] = ()  # JSON values


class Agenda:
    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._number = 0
        self._once: set[tuple[str, str]] = set()

    def at(self, when: float, action: str, subject: str = "", *arguments: Any) -> None:
        self._number += 1
        heapq.heappush(self._heap, Entry(when, self._number, action, subject, arguments))

    def once(self, when: float, action: str, subject: str = "") -> None:
        """Plan it unless it is already planned: many events make one round."""
        if (action, subject) not in self._once:
            self._once.add((action, subject))
            self.at(when, action, subject)

    def pop_due(self, now: float) -> Entry | None:
        if not self._heap or self._heap[0].when > now:
            return None
        entry = heapq.heappop(self._heap)
        self._once.discard((entry.action, entry.subject))
        return entry

    def drop(self, subject: str, actions: Container[str] | None = None) -> None:
        """Forget what is planned for a subject, or only these actions of it."""

        def stays(action: str, whose: str) -> bool:
            return whose != subject or (actions is not None and action not in actions)

        self._heap = [entry for entry in self._heap if stays(entry.action, entry.subject)]
        heapq.heapify(self._heap)
        self._once = {planned for planned in self._once if stays(*planned)}

    def next_due(self) -> float | None:
        return self._heap[0].when if self._heap else None

    def dump(self) -> dict[str, Any]:
        rows = [
            [entry.when, entry.action, entry.subject, *entry.arguments]
            for entry in sorted(self._heap)
        ]
        return {"entries": rows, "once": sorted(self._once)}

    @classmethod
    def restored(cls, state: dict[str, Any], shift_seconds: float) -> "Agenda":
        agenda = cls()
        for when, action, subject, *arguments in state["entries"]:
            agenda.at(when + shift_seconds, action, subject, *arguments)
        agenda._once = {(action, subject) for action, subject in state["once"]}
        return agenda
