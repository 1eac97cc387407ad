"""The book of holds: what is in doubt, where calls fail for everybody, and which store went back,
is told, and recorded in home, so that a daemon that takes over does not believe, or try, at once
what the one before did not."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog
from pydantic import TypeAdapter

from steersman.engine.acceptance.claims import ROLES
from steersman.engine.doubt import breaker
from steersman.engine.doubt.plausible import ending, resumed
from steersman.engine.doubt.rewinds import REWINDS
from steersman.engine.home.events import Event, Recorder
from steersman.engine.home.shelf import Shelf, entries
from steersman.engine.keeper import Keeper
from steersman.model.circuit import Breaker, Circuit
from steersman.model.errors import SteersmanError
from steersman.model.hold import Hold, Rewound, rewound_name
from steersman.model.ports import Clock, Item, Store
from steersman.model.resource import Key

HOLDS = "/steersman/holds/"
CIRCUITS = "/steersman/circuits/"
LOOK_SECONDS = 1.0

_HOLD = TypeAdapter(Hold)
_CIRCUIT = TypeAdapter(tuple[Circuit, Breaker])
_REWOUND = TypeAdapter(Rewound)

DOUBTS = (HOLDS, CIRCUITS, REWINDS)
REWOUND = tuple(map(rewound_name, ROLES))  # the names of the holds of stores that went back

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is in doubt, as a World has it."""

    holds: Mapping[str, Hold]
    circuits: breaker.Circuits
    rewound: Mapping[str, Rewound]


def doubts_in(items: Iterable[Item]) -> Doubts:
    """What of it stands recorded in home, as far as it can be read."""
    there = tuple(items)
    return Doubts(
        entries(there, HOLDS, _HOLD).read,
        dict(entries(there, CIRCUITS, _CIRCUIT).read.values()),
        entries(there, REWINDS, _REWOUND).read,
    )


class HoldBook:
    """`home` is fenced: only the leader writes."""

    def __init__(self, home: Store, keeper: Keeper, recorder: Recorder, clock: Clock) -> None:
        self._keeper, self._recorder, self._clock = keeper, recorder, clock
        self._holds = Shelf(home, HOLDS, _HOLD)
        self._circuits = Shelf(home, CIRCUITS, _CIRCUIT)
        self._rewinds = Shelf(home, REWINDS, _REWOUND)

    async def begin(self) -> None:
        """A term begins: what was in doubt before it still is, and where calls failed they may."""
        holds, circuits = await self._holds.load(), dict((await self._circuits.load()).values())
        rewound = await self._rewinds.load()
        world, now = self._keeper.world, self._clock.now()
        self._keeper.know(
            holds=resumed(holds, world, now),
            circuits=breaker.resumed(circuits, now),
            rewound={**world.rewound, **rewound},
        )

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self._keeper.world.leading:
                    await self._keep_holds()
                    await self._keep_circuits()
                    await self._keep_rewinds()
            except SteersmanError as error:
                log.warning("recording holds failed", error=str(error))

    async def _keep_rewinds(self) -> None:
        async for moved in self._rewinds.keep(self._keeper.world.rewound):
            each = moved.entry
            if moved.put:
                self._tell("hold", each.name, "StoreRewound", each.message, warning=True)
            else:
                self._tell("hold", each.name, "HoldEnded", "acknowledged")

    async def _keep_holds(self) -> None:
        async for moved in self._holds.keep(self._keeper.world.holds):
            name, hold = moved.name, moved.entry
            if moved.put:
                self._tell("hold", name, "ImplausibleLoss", f"{hold.message}; held", warning=True)
            else:
                why = ending(hold, self._keeper.world, self._clock.now()) or "over"
                self._tell("hold", name, "HoldEnded", why)

    async def _keep_circuits(self) -> None:
        async for moved in self._circuits.keep(_named(self._keeper.world.circuits)):
            circuit, known = moved.entry
            if moved.put:
                message = f"{circuit} fails for everybody: {known.reason}"
                self._tell("circuit", moved.name, "CircuitOpened", message, warning=True)
            else:
                self._tell("circuit", moved.name, "CircuitClosed", f"{circuit} works again")

    def _tell(
        self, kind: str, name: str, reason: str, message: str, *, warning: bool = False
    ) -> None:
        now = self._clock.now()
        self._recorder.record(Event(now, Key(kind, name), reason, message, warning=warning))


def _named(circuits: breaker.Circuits) -> Mapping[str, tuple[Circuit, Breaker]]:
    """The open ones, by the names under which they are recorded."""
    return {str(at).replace(" ", "/"): (at, each) for at, each in breaker.opened(circuits).items()}
