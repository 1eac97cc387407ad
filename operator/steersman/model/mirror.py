"""A mirror of a prefix of a store: listed once, kept by a watch, listed again when that is lost."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from steersman.model.errors import WatchLostError
from steersman.model.ports import Item, Store


@dataclass(frozen=True, slots=True)
class Mirror:
    """The whole prefix at a revision. `changed` names what is not as in the mirror before:
    nothing, when the store only said that it is alive."""

    revision: int
    items: Mapping[str, Item]
    changed: frozenset[str]


async def mirror(store: Store, prefix: str) -> AsyncIterator[Mirror]:
    """Endless; the first mirror is the listing. What vanished while a watch was lost is in
    `changed`. Raises OutsideError when a listing fails: what was seen so far stays true."""
    seen: Mapping[str, Item] = {}
    while True:
        listing = await store.list(prefix)
        items = {item.key: item for item in listing.items}
        changed = {key for key in seen.keys() | items.keys() if seen.get(key) != items.get(key)}
        yield Mirror(listing.revision, items, frozenset(changed))
        seen = items
        try:
            async for batch in store.watch(prefix, listing.revision):
                fresh = {change.key: change.item for change in batch.changes}
                if fresh:
                    kept = {key: item for key, item in seen.items() if key not in fresh}
                    seen = kept | {key: item for key, item in fresh.items() if item is not None}
                yield Mirror(batch.revision, seen, frozenset(fresh))
        except WatchLostError:
            continue
