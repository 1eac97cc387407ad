"""The book of holds: what is in doubt is told, and recorded in home, so that a daemon that takes
over does not believe at once what the one before it did not."""

import asyncio
from collections.abc import Mapping

import structlog
from pydantic import TypeAdapter, ValidationError

from steersman.engine.events import Event, Recorder
from steersman.engine.keeper import Keeper
from steersman.engine.plausible import resumed
from steersman.model.errors import SteersmanError
from steersman.model.hold import Hold
from steersman.model.ports import Clock, Item, Store
from steersman.model.resource import Key

HOLDS = "/steersman/holds/"
LOOK_SECONDS = 1.0

_HOLD = TypeAdapter(Hold)

log = structlog.get_logger()


class HoldBook:
    """`home` is fenced: only the leader writes."""

    def __init__(self, home: Store, keeper: Keeper, recorder: Recorder, clock: Clock) -> None:
        self._home, self._keeper = home, keeper
        self._recorder, self._clock = recorder, clock
        self._written: dict[str, int] = {}  # name -> revision

    async def begin(self) -> None:
        """A term begins: what was in doubt before it still is."""
        items = (await self._home.list(HOLDS)).items
        self._written = {item.key.removeprefix(HOLDS): item.revision for item in items}
        world, now = self._keeper.world, self._clock.now()
        self._keeper.know(holds=resumed(_read(items), world, now))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self._keeper.world.leading:
                    await self._write()
            except SteersmanError as error:
                log.warning("recording holds failed", error=str(error))

    async def _write(self) -> None:
        holds = self._keeper.world.holds
        for name in holds.keys() - self._written.keys():
            hold = holds[name]
            revision = await self._home.put(f"{HOLDS}{name}", _HOLD.dump_json(hold))
            self._written[name] = revision
            self._tell(name, "ImplausibleLoss", f"{hold.message}; held", warning=True)
        for name in self._written.keys() - holds.keys():
            await self._home.compare_and_delete(f"{HOLDS}{name}", self._written[name])
            del self._written[name]
            self._tell(name, "HoldEnded", "back, confirmed, acknowledged, or settled")

    def _tell(self, name: str, reason: str, message: str, *, warning: bool = False) -> None:
        key = Key("hold", name)
        self._recorder.record(Event(self._clock.now(), key, reason, message, warning=warning))


def _read(items: tuple[Item, ...]) -> Mapping[str, Hold]:
    """Those that can be read: an unreadable one is of another release, and taken away."""
    found = {}
    for item in items:
        try:
            hold = _HOLD.validate_json(item.value)
            found[hold.name] = hold
        except ValidationError as error:
            log.warning("hold cannot be read", key=item.key, error=str(error))
    return found
