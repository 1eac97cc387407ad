"""A configkey that names another key than before: what we wrote at the old one goes, after the new
one holds the value."""

from dataclasses import replace
from typing import Any

import pytest

from steersman.kinds.configkey import KIND
from steersman.kinds.configkey.observe import sha256
from steersman.kinds.configkey.remember import KEYS_KEPT_MAX
from steersman.kinds.configkey.teardown import DeleteKey
from steersman.model.memory import Memory
from steersman.model.observed import KeysSnapshot
from steersman.model.outcome import Outcome
from steersman.model.plan import Effect, Step, Target
from steersman.model.resource import Key
from steersman.model.world import World
from tests.kinds.builders import NOW, keys, teardown_in, world
from tests.kinds.configkey.support import PATH, VALUE, config, plan_in, wrote

OLD = "/configs/search"
OLDER = "cluster.name: es-of-old\n"
WROTE_BOTH = wrote(search=VALUE, elasticsearch=VALUE)


def moved(there: KeysSnapshot, memory: Memory) -> World:
    return world(config(), keys=there, memory={config().key: memory})


def told(steps: tuple[Step, ...]) -> list[str]:
    return [f"{each.action.name} {each.target.name} {each.effect}" for each in steps]


CASES = [
    pytest.param(
        keys({OLD: VALUE}),
        wrote(search=VALUE),
        [f"PutKey {PATH} create", f"DeleteKey {OLD} destroy"],
        id="the value is written at the new key, and the old one goes",
    ),
    pytest.param(
        keys({OLD: OLDER, PATH: VALUE}),
        wrote(search=OLDER, elasticsearch=VALUE),
        [f"DeleteKey {OLD} destroy"],
        id="whatever we wrote there",
    ),
    pytest.param(
        keys({OLD: "mine", PATH: VALUE}), WROTE_BOTH, [], id="what somebody wrote over it stays"
    ),
    pytest.param(
        keys({OLD: VALUE, PATH: VALUE}), wrote(elasticsearch=VALUE), [], id="so does any other key"
    ),
    pytest.param(keys({PATH: VALUE}), WROTE_BOTH, [], id="what is gone needs nothing"),
]


@pytest.mark.parametrize(("there", "memory", "steps"), CASES)
def test_where_it_stood_before(there: KeysSnapshot, memory: Memory, steps: list[str]) -> None:
    assert told(plan_in(moved(there, memory), config()).steps) == steps


def test_the_old_key_goes_after_the_new_one_is_written() -> None:
    put, gone = plan_in(moved(keys({OLD: VALUE}), wrote(search=VALUE)), config()).steps
    assert (gone.action, gone.after) == (DeleteKey(OLD, 40), (put.id,))
    assert [each.path for each in gone.differences] == ["spec.key"]


@pytest.mark.parametrize("where", ["resources", "released"])
def test_a_key_that_another_document_names_is_left_to_it(where: str) -> None:
    other = replace(config(key=OLD), key=Key("configkey", "search"))
    seen = moved(keys({OLD: VALUE, PATH: VALUE}), WROTE_BOTH)
    documents: Any = {where: {**getattr(seen, where), other.key: other}}
    assert plan_in(replace(seen, **documents), config()).steps == ()


def test_a_document_that_is_to_go_takes_the_old_keys_with_it() -> None:
    drift, plan = teardown_in(KIND, config(), moved(keys({OLD: VALUE, PATH: VALUE}), WROTE_BOTH))
    assert told(plan.steps) == [f"DeleteKey {PATH} destroy", f"DeleteKey {OLD} destroy"]
    assert [each.target for each in drift.differences] == [f"keys:{PATH}", f"keys:{OLD}"]


def outcome(action: str, key: str) -> Outcome:
    attributes = {"sha256": sha256(VALUE)} if action == "PutKey" else {}
    target = Target("keys", key)
    return Outcome(config().key, target, action, Effect.REPAIR, NOW, attributes=attributes)


def test_a_key_is_known_until_we_have_deleted_it() -> None:
    memory = KIND.remember(wrote(search=VALUE), outcome("PutKey", PATH))
    assert memory == WROTE_BOTH
    assert KIND.remember(memory, outcome("DeleteKey", OLD)) == wrote(elasticsearch=VALUE)


def test_of_very_many_keys_the_last_are_known() -> None:
    memory = Memory()
    for number in range(KEYS_KEPT_MAX + 5):
        memory = KIND.remember(memory, outcome("PutKey", f"/configs/{number}"))
    assert list(memory.own["hashes"]) == [
        f"/configs/{number}" for number in range(5, KEYS_KEPT_MAX + 5)
    ]
