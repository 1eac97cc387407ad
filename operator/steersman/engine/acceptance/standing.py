"""Standing: what is in force so far while cases are judged, one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from steersman.engine.acceptance.case import Case, waited_for
from steersman.engine.acceptance.cycles import knotted, trail
from steersman.engine.acceptance.writers import Writers, Writes, clash
from steersman.model.plan import Target
from steersman.model.resource import Key

WaitsFor = Mapping[Key, tuple[Key, ...]]


@dataclass(frozen=True, slots=True)
class Rival:
    """Another document that has what one names: the very `named`, or `theirs`, which lies above
    or below it."""

    key: Key
    named: Target
    theirs: Target

    def __str__(self) -> str:
        place = "" if self.named == self.theirs else f", which names {self.theirs}"
        return f"{self.named} belongs to {self.key}{place}"


class Standing:
    """Of those that are still to be judged, the versions that were in force before; of the others
    what came of them."""

    def __init__(self, cases: Mapping[Key, Case], before: WaitsFor, writers: Writers) -> None:
        self._before, self._writers = before, writers
        self._waits_for = {key: waited_for(each.in_force) for key, each in cases.items()}
        self._knotted = knotted(cases, lambda key: cases[key].might_wait_for)
        self._has: dict[Key, Writes] = {}
        for case in sorted(cases.values(), key=_by_age):
            has = case.has
            if has is not None and self.rival(case.key, has) is None:
                self._has[case.key] = has

    def stands(self, key: Key) -> bool:
        """Whether it has all that its version in force names. Where an earlier release accepted
        two, the older one has it; who was released and is back may find it taken."""
        return key in self._has

    def way_round(self, key: Key, references: tuple[Key, ...]) -> tuple[Key, ...]:
        """From one of these, whom the key would wait for, back to it; empty when there is none."""
        return trail(references, key, self._ways) if key in self._knotted else ()

    def rival(self, key: Key, writes: Writes) -> Rival | None:
        """Who has what the key names, or would name."""
        for other in sorted((self._writers.meeting(writes) - {key}) & self._has.keys()):
            if pair := clash(writes, self._has[other]):
                return Rival(other, *pair)
        return None

    def settle(self, key: Key, waits_for: tuple[Key, ...], writes: Writes) -> None:
        """The key is judged: this is in force of it from now on."""
        self._waits_for[key], self._has[key] = waits_for, writes

    def _ways(self, key: Key) -> tuple[Key, ...]:
        return self._waits_for[key] if key in self._waits_for else self._before.get(key, ())


def _by_age(case: Case) -> tuple[bool, str, int, Key]:
    """Who is back finds what others have taken over meanwhile. Those without a record have
    nothing to keep."""
    store, first = (case.record.store, case.record.first) if case.record else ("", 0)
    return case.returned, store, first, case.key
