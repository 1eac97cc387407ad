"""What people have a say in: what is paused, what takes much away, and a home that was rewound."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.network import Delivery, Write
from tests.simulation.rules.base import NOTICED_SECONDS, TOLD_SECONDS, Rule, document_of, is_step
from tests.simulation.truth import Since, Truth
from tests.simulation.wanted import POOLS, Wanted, is_leaving, named


class MuchGoesOnlyWhenApproved(Rule):
    """Who asks for fewer members loses one, or a tenth of them; what is more a person allows."""

    APPROVED_SECONDS = 3600.0
    SHARE = 0.1

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if (write.system, write.action) not in (("compute", "delete"), ("fleet", "inactive")):
            return
        path = document_of(write, self.wanted) or ""
        versions = self.wanted.lately(path, self.truth.now - NOTICED_SECONDS)
        if self._approved(write) or any(map(is_leaving, versions)):
            return
        lost = [(self._lost(path, each["spec"]), named(path, each["spec"])) for each in versions]
        much = [
            len(more) > max(1, self.SHARE * (len(members) + len(more)))
            for more, members in lost
            if write.target in more
        ]
        if much and all(much):
            yield f"{write} with others, and nobody approved it"

    def _approved(self, write: Write) -> bool:
        at = self.truth.approved_at(f"{write.system}:{write.target}")
        return at is not None and self.truth.now - at < self.APPROVED_SECONDS

    def _lost(self, path: str, spec: Mapping[str, Any]) -> set[str]:
        """The members that a version has no place for."""
        return set(self._there(path)).difference(named(path, spec))

    def _there(self, path: str) -> Iterator[str]:
        if path.startswith(POOLS):
            yield from (each.name for each in self.truth.nodes_of(path) if not each.deleting)
            return
        for unit in {each for old in self.wanted.ever(path) for each in named(path, old["spec"])}:
            there = self.truth.fleet_unit(unit)
            if there is not None and there.desired != "inactive":
                yield unit


class WhatIsPausedIsLeftAlone(Rule):
    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._known = Since()  # to a daemon

    def look(self) -> Iterator[str]:
        hears = [each for each in self.truth.parties() if self.truth.reaches(each, "home")]
        paused = list(self.truth.paused())
        self._known.look(((each, key) for each in hears for _, key in paused), self.truth.now)
        yield from ()

    def sends(self, delivery: Delivery) -> Iterator[str]:
        write, party = delivery.write, delivery.party
        for reference, key in self.truth.paused() if is_step(write) else ():
            known = self._known.lasted((party, key), self.truth.now) > TOLD_SECONDS
            if known and self._is_about(reference, write):
                yield f"{write}, and {reference} is paused"

    def _is_about(self, reference: str, write: Write) -> bool:
        path = document_of(write, self.wanted) or ""
        name, _, member = reference.partition("@")
        if reference != "all" and path != f"/desired/{name}":
            return False
        return not member or write.target.endswith(f"@{member}.service")


class ARewoundHomeIsAcknowledgedFirst(Rule):
    """What was decided, and recorded, after the backup is forgotten: a person has to look."""

    def sends(self, delivery: Delivery) -> Iterator[str]:
        at = self.truth.rewound_at
        if at is not None and self.truth.now - at > TOLD_SECONDS and is_step(delivery.write):
            yield f"{delivery.write}, and home was rewound {self.truth.now - at:.0f} s ago"
