"""Batches: writes that come together go together, and each of them hears what became of it."""

import asyncio
from collections.abc import Mapping

import pytest

from steersman.engine.home.batches import Batches
from steersman.engine.home.fenced import FencedStore
from steersman.model.errors import FencedError
from steersman.model.ports import Fence, Store
from tests.engine.town import Town
from tests.support.virtual import virtual

LEADER = "/steersman/leader"


class Noting(FencedStore):
    """A store that notes what it is sent at once."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, lambda: None)
        self.sent: list[set[str]] = []

    async def put_all(self, values: Mapping[str, bytes], *, fence: Fence | None = None) -> None:
        self.sent.append(set(values))
        await super().put_all(values, fence=fence)


class Hall:
    """A store with a leader, and batches into it."""

    def __init__(self) -> None:
        self.town = Town()
        self.fence = Fence(LEADER, self.town.etcd.put(LEADER, b"me"))
        self.store = Noting(self.town.store())
        self.batches = Batches(self.store)

    def put(self, key: str, value: bytes = b"x") -> "asyncio.Task[None]":
        return asyncio.create_task(self.batches.put(key, value, self.fence), name=key)

    def value(self, key: str) -> bytes | None:
        found = self.town.etcd.get(key)
        return found.value if found else None


@virtual
async def test_what_is_written_meanwhile_goes_together() -> None:
    hall = Hall()
    first = hall.put("/a")
    await asyncio.sleep(0)  # it is under way
    await asyncio.gather(first, hall.put("/b"), hall.put("/c"))

    assert hall.store.sent == [{"/a"}, {"/b", "/c"}]
    assert {hall.value(key) for key in ("/a", "/b", "/c")} == {b"x"}


@virtual
async def test_of_two_values_the_later_is_written() -> None:
    hall = Hall()
    await asyncio.gather(hall.put("/a", b"1"), hall.put("/a", b"2"), hall.put("/a", b"3"))

    assert hall.value("/a") == b"3"


@virtual
async def test_everybody_hears_that_the_term_is_over() -> None:
    hall = Hall()
    hall.town.etcd.delete(LEADER, hall.fence.created)
    ended = await asyncio.gather(hall.put("/a"), hall.put("/b"), return_exceptions=True)

    assert [type(each) for each in ended] == [FencedError, FencedError]
    assert (hall.value("/a"), hall.value("/b")) == (None, None)


@virtual
async def test_a_write_of_the_next_term_is_not_held_against_it_by_one_of_the_last() -> None:
    hall = Hall()
    hall.town.etcd.delete(LEADER, hall.fence.created)
    old = hall.put("/a")
    hall.fence = Fence(LEADER, hall.town.etcd.put(LEADER, b"me"))
    new = hall.put("/b")
    with pytest.raises(FencedError):
        await old
    await new

    assert (hall.value("/a"), hall.value("/b")) == (None, b"x")


@virtual
async def test_who_sends_for_others_may_be_cancelled() -> None:
    hall = Hall()
    first, second = hall.put("/a"), hall.put("/b")
    await asyncio.sleep(0)  # the first one sends for both
    first.cancel()
    await second

    assert hall.value("/b") == b"x"
