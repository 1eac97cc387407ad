"""Garbage in cycles goes; what stays is not looked through at every round."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from steersman.app.garbage import YOUNG_MAX, search, tend


class Node:
    """Refers to itself: only a search finds it once nobody else refers to it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_garbage_is_taken_away() -> None:
    left = weakref.ref(Node())
    search(everything=False)

    assert left() is None


def test_what_outlived_a_round_is_looked_at_once_in_a_while_only() -> None:
    node = Node()
    left = weakref.ref(node)
    search(everything=False)
    del node
    search(everything=False)
    assert left() is not None

    search(everything=True)
    assert left() is None


async def test_while_much_is_read_it_is_not_searched_again_and_again() -> None:
    tending = asyncio.create_task(tend())
    await asyncio.sleep(0)
    gc.collect()
    before = _searches()
    kept = [[each] for each in range(YOUNG_MAX // 2)]
    searches = _searches() - before
    tending.cancel()

    assert (len(kept), searches) == (YOUNG_MAX // 2, 0)


def _searches() -> int:
    """So often, the young were looked through so far."""
    found: int = gc.get_stats()[0]["collections"]
    return found
