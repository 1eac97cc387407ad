"""What a configkey's step does to the store, and that one step is enough."""

import random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.kinds.configkey import KIND
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.observed import KeyItem, KeysSnapshot
from steersman.model.outcome import Done, KeysAt
from steersman.model.plan import Step
from steersman.model.ports import Store
from steersman.model.world import World
from tests.kinds.builders import NOW, keys, world
from tests.kinds.configkey.support import PATH, VALUE, FakeStore, config, plan_in

ATTEMPT = Attempt("attempt-1", 8.0)


async def execute(step: Step, store: FakeStore) -> Done:
    port = cast(Store, store)
    return await KIND.driver(Ports(port, port, random.Random(1))).execute(step, ATTEMPT)


def seen(store: FakeStore) -> World:
    items = {
        key: KeyItem(key, value.decode(), revision)
        for key, (value, revision) in store.items.items()
    }
    return world(config(), keys=KeysSnapshot(NOW, items, {"/configs/": store.revision}))


def planned(there: World) -> Step:
    [step] = plan_in(there, config()).steps
    return step


async def test_an_absent_key_is_created_and_waited_for_at_its_revision() -> None:
    store = FakeStore()
    assert await execute(planned(seen(store)), store) == Done(KeysAt(41))
    assert store.items == {PATH: (VALUE.encode(), 41)}


async def test_another_value_is_written_over() -> None:
    store = FakeStore({PATH: (b"behind our back", 12)})
    assert await execute(planned(seen(store)), store) == Done(KeysAt(41))
    assert store.items == {PATH: (VALUE.encode(), 41)}


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(world(config(), keys=keys()), id="created by somebody in between"),
        pytest.param(world(config(), keys=keys({PATH: "old"}, 12)), id="changed in between"),
    ],
)
async def test_a_value_that_was_not_seen_is_never_written_over(before: World) -> None:
    store = FakeStore({PATH: (b"somebody's", 39)})
    with pytest.raises(OutsideError) as refused:
        await execute(planned(before), store)
    assert refused.value.kind is ErrorClass.CONFLICT
    assert store.items == {PATH: (b"somebody's", 39)}


@given(there=st.none() | st.text())
async def test_one_step_is_enough_and_then_there_is_none(there: str | None) -> None:
    store = FakeStore({} if there is None else {PATH: (there.encode(), 12)})
    for step in plan_in(seen(store), config()).steps:
        await execute(step, store)
    assert plan_in(seen(store), config()).steps == ()
    assert store.items[PATH][0] == VALUE.encode()
