"""Conditions: their time is that of their last flip, and a status is written when it says more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from steersman.model.plan import Waiting
from steersman.model.status import Condition, Status, aged, same

THEN = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
NOW = THEN + timedelta(hours=1)
READY = Condition("Ready", "True", "AllReady", "3/3", since=THEN)
BEFORE = Status((READY,), {"ready": 3}, (Waiting("compute:a", "window", "Closed", NOW),))

TIMES = [
    pytest.param(Condition("Ready", "True", "AllReady", "3/3"), THEN, id="nothing changed"),
    pytest.param(Condition("Ready", "True", "AllReady", "4/4"), THEN, id="another message"),
    pytest.param(Condition("Ready", "True", "Enough"), THEN, id="another reason"),
    pytest.param(Condition("Ready", "False", "Missing"), NOW, id="it flipped"),
    pytest.param(Condition("Ready", "Unknown", "NotObserved"), NOW, id="nobody can tell any more"),
    pytest.param(Condition("Lint", "True", "Style"), NOW, id="it is new"),
]


@pytest.mark.parametrize(("condition", "since"), TIMES)
def test_the_time_of_a_condition(condition: Condition, since: datetime) -> None:
    assert next(iter(aged((condition,), BEFORE, NOW))).since == since


def test_without_a_status_before_every_condition_is_of_now() -> None:
    assert next(iter(aged((READY,), None, NOW))).since == NOW


SAYS = [
    pytest.param(replace(BEFORE, conditions=(replace(READY, since=NOW),)), True, id="another time"),
    pytest.param(
        replace(BEFORE, waiting=(replace(BEFORE.waiting[0], until=THEN),)), True, id="another until"
    ),
    pytest.param(
        replace(BEFORE, conditions=(replace(READY, message="2/3"),)), False, id="another message"
    ),
    pytest.param(replace(BEFORE, summary={"ready": 2}), False, id="another summary"),
    pytest.param(replace(BEFORE, waiting=()), False, id="nothing waits any more"),
]


@pytest.mark.parametrize(("status", "expected"), SAYS)
def test_whether_two_say_the_same(status: Status, expected: bool) -> None:
    assert same(BEFORE, status) is expected


def test_no_status_says_less_than_an_empty_one() -> None:
    assert not same(None, Status())
