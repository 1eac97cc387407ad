"""A configkey that is to go takes away what was written for it, and nothing of anybody else."""

import random
from typing import cast

import pytest

from steersman.kinds.configkey import KIND
from steersman.kinds.configkey.observe import sha256
from steersman.kinds.configkey.teardown import DeleteKey
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.kind import Attempt, Ports
from steersman.model.memory import Memory
from steersman.model.observed import KeysSnapshot
from steersman.model.outcome import Done, KeyGone, Outcome
from steersman.model.plan import Action, Effect
from steersman.model.ports import Store
from tests.kinds.builders import NOW, keys, teardown_in, world
from tests.kinds.configkey.support import PATH, VALUE, FakeStore, config, plan_in

OLDER = "cluster.name: es-of-old\n"
CASES = [
    pytest.param(keys({PATH: VALUE}), None, DeleteKey(PATH, 40), id="a value that is in sync goes"),
    pytest.param(
        keys({PATH: OLDER}), OLDER, DeleteKey(PATH, 40), id="so does an older one that we wrote"
    ),
    pytest.param(keys({PATH: "mine"}), OLDER, None, id="somebody else's value stays"),
    pytest.param(keys(), OLDER, None, id="an absent key needs nothing"),
]


@pytest.mark.parametrize(("there", "written", "action"), CASES)
def test_teardown(there: KeysSnapshot, written: str | None, action: Action | None) -> None:
    memory = Memory().with_own(hashes={PATH: sha256(written)}) if written else Memory()
    seen = world(config(), keys=there, memory={config().key: memory})
    drift, plan = teardown_in(KIND, config(), seen)
    assert [each.action for each in plan.steps] == ([action] if action else [])
    assert all(each.effect is Effect.DESTROY for each in plan.steps)
    assert (drift.known, bool(drift)) == (True, action is not None)


def test_nothing_left_is_not_known_before_the_keys_were_read() -> None:
    drift, plan = teardown_in(KIND, config(), world(config()))
    assert (drift.known, plan.steps) == (False, ())


def test_what_was_written_is_remembered_by_its_hash() -> None:
    (step,) = plan_in(world(config(), keys=keys()), config()).steps
    outcome = Outcome(
        step.key, step.target, "PutKey", step.effect, NOW, attributes=KIND.attributes(step)
    )
    assert KIND.remember(Memory(), outcome).own == {"hashes": {PATH: sha256(VALUE)}}


async def _delete(store: FakeStore) -> Done:
    seen = world(config(), keys=keys({PATH: VALUE}))
    (step,) = teardown_in(KIND, config(), seen)[1].steps
    port = cast(Store, store)
    driver = KIND.driver(Ports(port, port, random.Random(1)))
    return await driver.execute(step, Attempt("attempt-1", 8.0))


async def test_the_key_is_deleted_and_its_absence_awaited() -> None:
    store = FakeStore({PATH: (VALUE.encode(), 40)})
    assert await _delete(store) == Done(KeyGone(40))
    assert store.items == {}


async def test_a_key_that_was_changed_in_between_is_left() -> None:
    store = FakeStore({PATH: (b"mine", 41)})
    with pytest.raises(OutsideError) as refused:
        await _delete(store)
    assert refused.value.kind is ErrorClass.CONFLICT
    assert store.items == {PATH: (b"mine", 41)}
