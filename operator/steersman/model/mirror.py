"""A mirror of a prefix of a store: listed once, kept by a watch, listed again when that is lost."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from steersman.model.errors import WatchLostError
from steersman.model.ports import Item, Store
from steersman.model.shared import Shared


@dataclass(frozen=True, slots=True)
class Mirror:
    """The whole prefix at a revision. `changed` names what is not as in the mirror before:
    nothing, when the store only said that it is alive. `listed`: by a listing, which no member of
    the store that lags behind answers."""

    revision: int
    items: Shared[str, Item]
    changed: frozenset[str]
    listed: bool = False


async def mirror(store: Store, prefix: str) -> AsyncIterator[Mirror]:
    """Endless; the first mirror is the listing. What vanished while a watch was lost is in
    `changed`. Raises OutsideError when a listing fails: what was seen so far stays true."""
    seen: Shared[str, Item] = Shared({})
    while True:
        listing = await store.list(prefix)
        before, seen = seen, Shared({item.key: item for item in listing.items})
        yield Mirror(listing.revision, seen, seen.differing(before), listed=True)
        try:
            async for batch in store.watch(prefix, listing.revision):
                fresh = {change.key: change.item for change in batch.changes}
                seen = seen.updated(fresh)
                yield Mirror(batch.revision, seen, frozenset(fresh))
        except WatchLostError:
            continue
