"""Refusals: a document of which no version is in force has a status, too, and says why."""

from collections.abc import Iterator, Mapping

from steersman.engine.acceptance.accept import NOTHING, Acceptance
from steersman.engine.home.records import WRITES_AT_ONCE, Records
from steersman.engine.interests import differing
from steersman.engine.keeper import Keeper
from steersman.engine.together import together
from steersman.model.ports import Clock
from steersman.model.resource import Key
from steersman.model.status import Condition, Status, aged
from steersman.model.views import status_view

ESTABLISHED = "Established"


class Refusals:
    """Told while leading, and only what is not as before; gone with the document."""

    def __init__(self, keeper: Keeper, records: Records, clock: Clock) -> None:
        self._keeper, self._records, self._clock = keeper, records, clock
        self._told: dict[Key, bytes] = {}  # as it stands in home
        self._last = NOTHING

    def begin(self, told: Mapping[Key, bytes]) -> None:
        """A term begins: the statuses that stand there of what was never accepted."""
        self._told, self._last = dict(told), NOTHING

    async def tell(self, found: Acceptance) -> None:
        """SteersmanError: not everything is told yet."""
        changed = differing(self._last.unaccepted, found.unaccepted)
        changed |= differing(self._last.conditions, found.conditions)
        refused = [key for key in sorted(changed) if key in found.unaccepted]
        await together(refused, lambda key: self._tell(key, found), at_once=WRITES_AT_ONCE)
        for key in sorted(self._told.keys() - found.unaccepted.keys()):
            await self._withdraw(key, found)
        self._last = found

    async def _tell(self, key: Key, found: Acceptance) -> None:
        before, now = self._keeper.world.statuses.get(key), self._clock.now()
        said = (*found.conditions[key], *_lasting(before))
        status = Status(tuple(aged(said, before, now)))
        source = found.unaccepted[key]
        view = status_view(source, status)
        if self._told.get(key) != view:
            await self._records.status(key, source, status)
            self._told[key] = view
        self._keeper.report(key, status)

    async def _withdraw(self, key: Key, found: Acceptance) -> None:
        """Of one that was accepted since, the status is another's to write."""
        if key not in found.accepted and key not in found.claims:
            await self._records.forget(key)
            self._keeper.forget_all_of(key)
        del self._told[key]


def _lasting(before: Status | None) -> Iterator[Condition]:
    """What was true once stays so while others rely on it."""
    established = before.condition(ESTABLISHED) if before else None
    if established is not None:
        yield established
