"""A shelf: what is put there and taken away is told once, whatever fails beside it."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter

from localcloud.etcd.model import EtcdModel
from steersman.engine.home.shelf import Shelf
from steersman.model.errors import UnreachableError
from tests.engine.town import ModelClock, Town
from tests.simulation.adapters_store import ModelStore
from tests.support.virtual import virtual

PREFIX = "/shelf/"
BOTH = {"a": 1, "b": 2}


class Home(ModelStore):
    """A home that does not answer when it is asked to write `silent`."""

    silent = ""

    async def put(self, key: str, value: bytes, **given: Any) -> int:
        self._heed(key)
        return await super().put(key, value, **given)

    async def compare_and_delete(self, key: str, revision: int, **given: Any) -> bool:
        self._heed(key)
        return await super().compare_and_delete(key, revision, **given)

    def _heed(self, key: str) -> None:
        if key == self.silent:
            raise UnreachableError(key, applied=False)


async def keep(shelf: Shelf[int], current: Mapping[str, int], told: list[str]) -> None:
    async for moved in shelf.keep(current):
        told += [f"{'+' if moved.put else '-'}{moved.name}"]


@pytest.mark.parametrize(
    ("before", "after", "first", "rest"),
    [
        pytest.param({}, BOTH, ["+a"], ["+b"], id="put"),
        pytest.param(BOTH, {}, ["-a"], ["-b"], id="taken away"),
    ],
)
@virtual
async def test_what_was_done_is_told_though_the_next_cannot_be_done(
    before: Mapping[str, int], after: Mapping[str, int], first: list[str], rest: list[str]
) -> None:
    town = Town()
    clock = ModelClock(town.clock)
    home = Home(EtcdModel(clock), clock)
    shelf = Shelf(home, PREFIX, TypeAdapter(int))
    await keep(shelf, before, [])
    told: list[str] = []
    home.silent = f"{PREFIX}b"
    with pytest.raises(UnreachableError):
        await keep(shelf, after, told)
    assert told == first

    home.silent = ""
    await keep(shelf, after, told)
    assert told == first + rest
    assert await shelf.load() == after
