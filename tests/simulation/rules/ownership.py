"""What is ours, what somebody asked for, and what nobody may read."""

import re
from collections.abc import Iterator

from tests.simulation.drafts import SECRET
from tests.simulation.network import Delivery, Write
from tests.simulation.rules.base import NOTICED_SECONDS, OUTSIDE, Rule, document_of, is_step
from tests.simulation.spoils import POISON
from tests.simulation.truth import CONFIGS, ORDINAL, OURS, SERVICES, UID, Truth
from tests.simulation.wanted import Wanted, is_leaving, named


class OneLiveInstancePerIdentity(Rule):
    def look(self) -> Iterator[str]:
        seen: dict[tuple[str, str], str] = {}
        for each in self.truth.our_instances():
            if each.deleting:
                continue
            identity = (each.labels[UID], each.labels[ORDINAL])
            if identity in seen:
                yield f"{seen[identity]} and {each.path} are the same member"
            seen[identity] = each.path


class OneValueIsGeneratedOnce(Rule):
    """All nodes that a pool ever has join the same cluster."""

    def __init__(self, truth: Truth, wanted: Wanted) -> None:
        super().__init__(truth, wanted)
        self._tokens: dict[str, str] = {}

    def look(self) -> Iterator[str]:
        for each in self.truth.our_instances():
            found = re.search(r"discovery: (\S+)", each.metadata.get("user-data", ""))
            if found is None:
                continue
            first = self._tokens.setdefault(each.labels[UID], found[1])
            if first != found[1]:
                yield f"{each.path} joins {found[1]}, the others {first}"


class OnlyWhatIsOursIsTouched(Rule):
    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.system == "compute":
            yield from self._compute(write)
        elif write.system == "fleet" and self.wanted.unit_group(write.target) is None:
            yield f"{write}: no document names it"
        elif write.system == "unit" and not write.target.startswith((CONFIGS, SERVICES)):
            yield f"{write}: not ours to write"

    def _compute(self, write: Write) -> Iterator[str]:
        reference = write.value.rpartition("/")[2]
        for each in self.truth.instances():
            named = reference in (each.id, each.name) and each.zone == write.value.split("/")[0]
            if write.action != "insert" and named and OURS not in each.labels:
                yield f"{write} reaches {each.path}, id {each.id}, which is not ours"


class NothingIsDestroyedUnasked(Rule):
    """What goes is named by a document no more, or belongs to one that asks to be taken down."""

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        destroys = write.action in ("delete", "stop") and write.system in ("compute", "fleet")
        takes_key = write.action == "delete" and write.target.startswith(CONFIGS)
        if (destroys or takes_key) and not write.reaches_nobody and not self._given_up(write):
            yield f"{write}: nobody asked for it"

    def _given_up(self, write: Write) -> bool:
        """By a version of its document that was in force lately."""
        path = document_of(write, self.wanted) or ""
        versions = self.wanted.lately(path, self.truth.now - NOTICED_SECONDS)
        if any(map(is_leaving, versions)):
            return True
        has_members = write.system in ("compute", "fleet")
        return has_members and any(
            write.target not in named(path, each["spec"]) for each in versions
        )


class WhatIsWithoutADocumentIsLeftAlone(Rule):
    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write, since = delivery.write, self.truth.now - NOTICED_SECONDS
        path = document_of(write, self.wanted) if is_step(write) else None
        if path is not None and not self.wanted.lately(path, since):
            yield f"{write}: {path} has not been there for {NOTICED_SECONDS:g} s"


class AnInvalidDocumentChangesNothing(Rule):
    def arrives(self, delivery: Delivery) -> Iterator[str]:
        if delivery.write.system in OUTSIDE and POISON in delivery.write.value:
            yield f"{delivery.write} carries what only an invalid document says"


class NoSecretIsTold(Rule):
    TOLD = ("/status/", "/steersman/events/")

    def arrives(self, delivery: Delivery) -> Iterator[str]:
        write = delivery.write
        if write.target.startswith(self.TOLD) and SECRET in write.value:
            yield f"{write} holds the secret"
