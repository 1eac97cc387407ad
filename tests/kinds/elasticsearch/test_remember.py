"""Memory: whose address was registered, and how often it was removed."""

import json
from typing import Any

import pytest

from steersman.kinds.elasticsearch import KIND
from steersman.kinds.elasticsearch.remember import owners, removals
from steersman.model.errors import UnreachableError
from steersman.model.memory import Memory
from steersman.model.outcome import Outcome
from steersman.model.plan import Effect, Target
from steersman.model.resource import Key
from tests.kinds.builders import NOW, ago
from tests.kinds.elasticsearch.scene import key, owner

ES = Key("elasticsearch", "es-prod")


def after(memory: Memory, action: str, **fields: Any) -> Memory:
    ordinary: dict[str, Any] = {"at": NOW, "attributes": {"owner": owner(3)}}
    outcome = Outcome(ES, Target("keys", key(3)), action, Effect.REPAIR, **{**ordinary, **fields})
    changed = KIND.remember(memory, outcome)
    return Memory(own=json.loads(json.dumps(dict(changed.own))))


def test_a_registration_is_remembered_with_its_instance_until_it_is_removed() -> None:
    registered = after(Memory(), "Register")
    gone = after(registered, "Deregister")

    assert owners(registered) == {key(3): owner(3)}
    assert owners(gone) == {}
    assert removals(gone) == {key(3): (NOW,)}


def test_removals_of_long_ago_are_forgotten() -> None:
    memory = Memory()
    for seconds in (700, 650, 300):
        memory = after(memory, "Deregister", at=ago(seconds))

    assert removals(after(memory, "Deregister")) == {key(3): (ago(300), NOW)}


def test_only_so_many_removals_are_kept() -> None:
    memory = Memory()
    for seconds in range(100, 0, -5):
        memory = after(memory, "Deregister", at=ago(seconds))
    assert len(removals(memory)[key(3)]) == 10


@pytest.mark.parametrize("action", ["Register", "Deregister"])
def test_what_failed_is_not_remembered(action: str) -> None:
    assert after(Memory(), action, error=UnreachableError("refused")).own == {}


@pytest.mark.parametrize("action", ["RecordBootstrap", "RepairDirectory"])
def test_other_steps_leave_nothing(action: str) -> None:
    assert after(Memory(), action).own == {}
