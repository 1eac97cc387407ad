"""What a nodepool keeps of its steps."""

import json
from typing import Any

import pytest

from steersman.kinds.nodepool import KIND
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.memory import Memory
from steersman.model.outcome import Outcome
from steersman.model.plan import Effect, Target
from tests.kinds.builders import NOW, ago
from tests.kinds.nodepool.support import pool, remembering, target

B, C = "europe-west1-b", "europe-west1-c"
NO_ROOM = OutsideError(ErrorClass.STOCKOUT, "ZONE_RESOURCE_POOL_EXHAUSTED", "no room")
REFUSED = OutsideError(ErrorClass.DENIED, "forbidden", "no")
IN_FIVE_MINUTES = "2014-09-01T12:05:00+00:00"


def creation(zone: str, error: OutsideError | None = None) -> Outcome:
    return Outcome(
        pool().key, target(1), "CreateInstance", Effect.CREATE, NOW, error, {"zone": zone}
    )


def generation(value: str, error: OutsideError | None = None) -> Outcome:
    attributes = {"variable": "token", "secret:token": value}
    where = Target("memory", "nodepool/core#token")
    return Outcome(pool().key, where, "Generate", Effect.CREATE, NOW, error, attributes)


KEPT = [
    pytest.param(
        {}, generation("5f0f"), {"generated": {"token": "5f0f"}}, id="a generated value is kept"
    ),
    pytest.param(
        {"generated": {"token": "first", "other": "x"}},
        generation("second"),
        {"generated": {"token": "first", "other": "x"}},
        id="a value is never replaced: nodes were made with it",
    ),
    pytest.param({}, generation("", REFUSED), {}, id="a failed generation leaves nothing"),
    pytest.param(
        {"zones": [C]},
        creation(B),
        {"zones": [B, C], "stockouts": {}},
        id="a zone that was used is kept",
    ),
    pytest.param(
        {},
        creation(B, NO_ROOM),
        {"zones": [B], "stockouts": {B: IN_FIVE_MINUTES}},
        id="a zone without room is avoided for five minutes",
    ),
    pytest.param(
        {"zones": [B], "stockouts": {B: IN_FIVE_MINUTES, C: IN_FIVE_MINUTES}},
        creation(B),
        {"zones": [B], "stockouts": {C: IN_FIVE_MINUTES}},
        id="a zone that had room again is avoided no longer",
    ),
    pytest.param(
        {},
        creation(B, REFUSED),
        {"zones": [B], "stockouts": {}},
        id="another error does not make a zone full",
    ),
]


@pytest.mark.parametrize(("before", "outcome", "after"), KEPT)
def test_memory(before: dict[str, Any], outcome: Outcome, after: dict[str, Any]) -> None:
    kept = KIND.remember(remembering(**before), outcome)
    assert json.loads(json.dumps(dict(kept.own))) == after


def test_a_start_leaves_nothing_to_remember() -> None:
    started = Outcome(pool().key, target(1), "StartInstance", Effect.REPAIR, ago(0))
    assert KIND.remember(Memory(), started) == Memory()
