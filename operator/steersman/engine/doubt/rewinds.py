"""Rewinds: a store that goes back was restored from a backup; that is noticed here."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from steersman.engine.acceptance.claims import HOME
from steersman.engine.keeper import Keeper
from steersman.model.hold import Rewound
from steersman.model.mirror import Mirror
from steersman.model.ports import Clock, Item, Store
from steersman.model.requests import Request, Verb, asking
from steersman.model.world import World

REWINDS = "/steersman/rewinds/"


class Rewinds:
    """How far each store was followed, by any watch of it, and what was seen there."""

    def __init__(self, keeper: Keeper, clock: Clock) -> None:
        self._keeper, self._clock = keeper, clock
        self._followed: dict[tuple[str, str], int] = {}  # by role and prefix
        self._seen: dict[tuple[str, str], Mapping[str, Item]] = {}

    def follow(self, role: str, prefix: str, seen: Mirror) -> None:
        """One prefix alone is told in order: a listing of it shows all that was shown before."""
        at = role, prefix
        before, known = self._followed.get(at, 0), self._seen.get(at, {})
        older = first_older(known, seen) if seen.listed else None
        self._seen[at] = seen.items
        if seen.listed and seen.revision < before:
            self._went_back(role, before, seen.revision)
        elif older is not None:
            self._went_back(role, known[older].revision, seen.items[older].revision, older)
        else:
            self._followed[at] = max(seen.revision, before)

    async def look(self, home: Store) -> None:
        """Whether home went back and no watch has told of it yet."""
        before = max((at for (role, _), at in self._followed.items() if role == HOME), default=0)
        listing = await home.list(REWINDS)
        if listing.revision < before:
            self._went_back(HOME, before, listing.revision)

    def looked_at(self) -> frozenset[Rewound]:
        return looked_at(self._keeper.world, self._clock.now())

    def go_on(self, looked_at: frozenset[Rewound]) -> None:
        """What stands there now is in force."""
        known = self._keeper.world.rewound
        left = {role: each for role, each in known.items() if each not in looked_at}
        if left != known:
            self._keeper.know(rewound=left)
            self._keeper.wake_all()

    def _went_back(self, role: str, before: int, after: int, key: str = "") -> None:
        """Several watches may tell of the same, sooner or later."""
        for each in self._followed:
            if each[0] == role:
                self._followed[each] = min(self._followed[each], after)
        if role not in self._keeper.world.rewound:
            found = Rewound(role, self._clock.now(), before, after, key)
            self._keeper.know(rewound={**self._keeper.world.rewound, role: found})
            self._keeper.wake_all()


def first_older(known: Mapping[str, Item], seen: Mirror) -> str | None:
    """A key whose last change came before the one that was seen of it, or is another one under its
    revision: a store that went back, and was written to until it was further than before."""
    both = seen.changed & known.keys() & seen.items.keys()
    return min((key for key in both if _older(seen.items[key], known[key])), default=None)


def _older(item: Item, known: Item) -> bool:
    another = item.revision == known.revision and item.value != known.value
    return item.revision < known.revision or another


def looked_at(world: World, now: datetime) -> frozenset[Rewound]:
    """Those that a person has acknowledged since: a request that came back with the backup is
    older."""
    asked = list(asking(world.requests, Verb.ACKNOWLEDGE, now))
    return frozenset(each for each in world.rewound.values() if _among(asked, each))


def _among(asked: Iterable[Request], rewound: Rewound) -> bool:
    return any(
        each.hold == rewound.name and each.at is not None and each.at >= rewound.since
        for each in asked
    )
