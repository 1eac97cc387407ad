"""A mirror of a prefix of a store: listed, kept by a watch, and listed again when that is lost, or
when it is time to see whether the watch has told the truth."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from steersman.model.errors import WatchLostError
from steersman.model.ports import Batch, Clock, Item, Random, Store
from steersman.model.shared import Shared

RELIST_LEAST_SECONDS = 1.0  # between two listings, however often the connection breaks
RELIST_JITTER = 0.2  # this share of the interval is drawn: mirrors do not list all at once

Due = Callable[[Batch], bool]  # asked at each batch: whether to list again in its place
Relist = Callable[[], Due]  # called after each listing


@dataclass(frozen=True, slots=True)
class Mirror:
    """The whole prefix at a revision. `changed` names what is not as in the mirror before:
    nothing, when the store only said that it is alive. `listed`: by a listing, which no member of
    the store that lags behind answers."""

    revision: int
    items: Shared[str, Item]
    changed: frozenset[str]
    listed: bool = False


def never() -> Due:
    """For who is gone soon, or does not rest on the mirror alone."""
    return lambda _batch: False


def relisting(clock: Clock, random: Random, interval_seconds: float) -> Relist:
    """A store that was restored from a backup, and written to since, takes up a watch as if nothing
    had been: after each break, and once in the interval, its word is compared with a listing."""

    def listed() -> Due:
        at = clock.monotonic()
        next_at = at + interval_seconds * (1 + RELIST_JITTER * random.random())

        def due(batch: Batch) -> bool:
            nonlocal next_at
            if batch.resumed:
                next_at = min(next_at, at + RELIST_LEAST_SECONDS)
            return clock.monotonic() >= next_at

        return due

    return listed


async def mirror(store: Store, prefix: str, relist: Relist = never) -> AsyncGenerator[Mirror, None]:
    """Endless; the first mirror is the listing. What vanished while nobody watched is in `changed`.
    Raises OutsideError when a listing fails: what was seen so far stays true."""
    seen: Shared[str, Item] = Shared({})
    while True:
        listing = await store.list(prefix)
        fresh = _differences(seen, {item.key: item for item in listing.items})
        seen = seen.updated(fresh)
        yield Mirror(listing.revision, seen, frozenset(fresh), listed=True)
        due = relist()
        try:
            async with aclosing(store.watch(prefix, listing.revision)) as batches:
                async for batch in batches:
                    if due(batch):
                        break  # whatever it says is in the listing that follows
                    told = {change.key: change.item for change in batch.changes}
                    seen = seen.updated(told)
                    yield Mirror(batch.revision, seen, frozenset(told))
        except WatchLostError:
            continue


def _differences(seen: Shared[str, Item], listed: dict[str, Item]) -> dict[str, Item | None]:
    """What has to change in the one to make it the other. What did not change stays the same
    object: nobody looks at it again."""
    gone = dict.fromkeys(key for key in seen if key not in listed)
    return gone | {key: item for key, item in listed.items() if not _same(item, seen.get(key))}


def _same(item: Item, before: Item | None) -> bool:
    """When it expires is reckoned anew by each listing, and is no change of it."""
    return before is not None and (
        (item.revision, item.created, item.value) == (before.revision, before.created, before.value)
    )
