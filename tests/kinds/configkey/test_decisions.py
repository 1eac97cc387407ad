"""What a configkey observes, plans, tells and publishes, case by case."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import pytest

from steersman.kinds.configkey import KIND
from steersman.kinds.configkey.plan import PutKey
from steersman.model.observed import KeysSnapshot
from steersman.model.plan import Effect, Target
from tests.kinds.builders import keys, world
from tests.kinds.configkey.support import PATH, VALUE, config, plan_in, status_in

SHA256 = hashlib.sha256(VALUE.encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """A snapshot of the keys, and what follows from it."""

    keys: KeysSnapshot
    ready: tuple[str, str]
    action: PutKey | None
    reason: str | None = None
    effect: Effect | None = None


CASES = [
    pytest.param(
        Case(keys({PATH: VALUE}), ("True", "InSync"), None),
        id="a key that holds the value needs nothing",
    ),
    pytest.param(
        Case(
            keys({"/configs/other": VALUE}),
            ("False", "KeyAbsent"),
            PutKey(PATH, VALUE, None),
            "KeyAbsent",
            Effect.CREATE,
        ),
        id="an absent key is created",
    ),
    pytest.param(
        Case(
            keys({PATH: "cluster.name: mine\n"}, revision=7),
            ("False", "ValueDiffers"),
            PutKey(PATH, VALUE, 7),
            "ValueDiffers",
            Effect.REPAIR,
        ),
        id="another value is written over at exactly its revision",
    ),
    pytest.param(
        Case(
            keys({PATH: VALUE.strip()}),
            ("False", "ValueDiffers"),
            PutKey(PATH, VALUE, 40),
            "ValueDiffers",
            Effect.REPAIR,
        ),
        id="a newline less is another value",
    ),
    pytest.param(
        Case(KeysSnapshot(), ("Unknown", "NotObserved"), None),
        id="nothing is written before the keys were read",
    ),
]


@pytest.mark.parametrize("case", CASES)
def test_plan(case: Case) -> None:
    steps = plan_in(world(config(), keys=case.keys), config()).steps
    assert [step.action for step in steps] == ([case.action] if case.action else [])
    assert [(step.reason, step.effect) for step in steps] == (
        [(case.reason, case.effect)] if case.action else []
    )
    assert all(step.target == Target("keys", PATH) for step in steps)


@pytest.mark.parametrize("case", CASES)
def test_status(case: Case) -> None:
    status = status_in(world(config(), keys=case.keys), config())
    [ready] = status.conditions
    assert (ready.status, ready.reason) == case.ready
    assert status.summary == {
        "key": PATH,
        "sha256": SHA256,
        "inSync": case.ready == ("True", "InSync"),
    }


@pytest.mark.parametrize("case", CASES)
def test_facts_are_published_only_while_the_key_holds_the_value(case: Case) -> None:
    rolled = config(onChange="restart")
    told: dict[str, Any] = {"sha256": SHA256, "onChange": "restart"}
    expected = told if case.ready == ("True", "InSync") else {}
    assert KIND.facts(rolled, world(rolled, keys=case.keys)) == expected


def test_a_key_that_was_never_read_is_not_known_to_drift() -> None:
    unread = world(config())
    assert not KIND.diff(config(), KIND.observe(config(), unread)).known


def test_what_is_taken_away_from_the_key_is_told_by_hash_only() -> None:
    secret = config(value="password: hunter2\n")
    there = world(secret, keys=keys({PATH: "password: hunter1\n"}))
    plan = plan_in(there, secret)
    [difference] = plan.steps[0].differences
    assert (
        difference.desired
        == f"sha256 {hashlib.sha256(b'password: hunter2' + bytes([10])).hexdigest()}"
    )
    assert difference.observed.startswith("sha256 ")
    assert "hunter" not in repr(plan)
    assert "hunter" not in repr(status_in(there, secret))


def test_a_changed_document_changes_the_fact_that_units_are_rolled_by() -> None:
    before, after = config(), config(value="cluster.name: es-two\n")
    facts = [
        KIND.facts(each, world(each, keys=keys({PATH: each.spec.value})))
        for each in (before, replace(after, key=before.key))
    ]
    assert facts[0]["sha256"] != facts[1]["sha256"]
