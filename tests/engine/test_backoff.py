"""Backoff and the ledger: the arithmetic of waiting and counting."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.engine.backoff import SCHEDULE, Throttled, after_error, delay, refused, taken
from steersman.engine.ledger import RATE_WINDOW, Ledger
from steersman.model.circuit import Circuit
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.memory import Backoff
from steersman.model.plan import Effect, Target
from tests.engine.builders import NOW, A, B, after, step

DELAYS = [
    pytest.param(1, 0.99, 0.99, id="after the first failure at most the base"),
    pytest.param(2, 0.99, 1.98, id="after the second at most the double"),
    pytest.param(4, 0.5, 4.0, id="the draw picks a point below"),
    pytest.param(4, 0.0, 0.5, id="half of the base at least"),
    pytest.param(60, 0.99, 59.4, id="the cap at most"),
]

COMPUTE = Circuit("compute")


@pytest.mark.parametrize(("failures", "draw", "seconds"), DELAYS)
def test_the_delay(failures: int, draw: float, seconds: float) -> None:
    assert delay(failures, 1.0, 60.0, draw) == pytest.approx(seconds)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_delay_stays_between_half_of_the_base_and_the_cap(failures: int, draw: float) -> None:
    assert 0.5 <= delay(failures, 1.0, 60.0, draw) <= 60.0


def test_every_class_of_errors_has_its_schedule() -> None:
    assert SCHEDULE.keys() == set(ErrorClass)


def test_failures_add_up_and_the_wires_code_is_the_reason() -> None:
    error = OutsideError(ErrorClass.STOCKOUT, "ZONE_FULL", "no room")
    found = after_error(Backoff(2, NOW, "503"), error, NOW, 0.5)

    assert found == Backoff(3, NOW + timedelta(seconds=10), "ZONE_FULL", NOW)


@pytest.mark.parametrize("kind", list(ErrorClass))
def test_only_a_conflict_tells_that_what_was_seen_is_outdated(kind: ErrorClass) -> None:
    found = after_error(None, OutsideError(kind, "code", "told"), NOW, 0.5)

    assert found.outdated is (kind is ErrorClass.CONFLICT)


def test_a_reserved_step_is_under_way_and_counted() -> None:
    ledger = Ledger().reserve(step(Effect.DISRUPT, disrupts=(A, B)), COMPUTE, NOW)

    assert ledger.running == {Target("compute", "a"): (A, B)}
    assert ledger.circuits == {Target("compute", "a"): COMPUTE}
    assert ledger.times("lamp", NOW) == (NOW,)


TOO_MANY = OutsideError(ErrorClass.THROTTLED, "rateLimitExceeded", "too many")
FULL = OutsideError(ErrorClass.STOCKOUT, "ZONE_FULL", "no socket is left")
ASKED: Throttled = {"compute": Backoff(1, after(6), "rateLimitExceeded", NOW)}
REFUSALS = [
    pytest.param({}, TOO_MANY, 0, (1, after(7.5)), id="all wait, after the first by its schedule"),
    pytest.param(ASKED, TOO_MANY, 6, (2, after(6 + 15)), id="longer when it asks again"),
    pytest.param(ASKED, TOO_MANY, 5, (1, after(6)), id="not for what was under way when it asked"),
    pytest.param(ASKED, FULL, 6, (1, after(6)), id="what is refused otherwise tells nothing"),
]


@pytest.mark.parametrize(("before", "error", "seconds", "expected"), REFUSALS)
def test_a_system_that_asks_for_fewer_calls(
    before: Throttled, error: OutsideError, seconds: float, expected: tuple[int, datetime]
) -> None:
    found = refused(before, "compute", error, after(seconds), 0.5)["compute"]

    assert (found.failures, found.until) == expected


@pytest.mark.parametrize(
    ("system", "seconds", "left"),
    [
        pytest.param("compute", 6, {}, id="one that was sent then ends it"),
        pytest.param("compute", 5, ASKED, id="one that was under way does not"),
        pytest.param("keys", 6, ASKED, id="nor does one of another system"),
    ],
)
def test_a_call_that_was_taken(system: str, seconds: float, left: Throttled) -> None:
    assert taken(ASKED, system, after(seconds)) == left


def test_a_released_step_stays_counted() -> None:
    ledger = Ledger().reserve(step(), COMPUTE, NOW).release(step().target)

    assert (ledger.running, ledger.circuits, ledger.times("lamp", NOW)) == ({}, {}, (NOW,))


def test_a_ledger_is_never_changed() -> None:
    before = Ledger()
    before.reserve(step(), COMPUTE, NOW)

    assert before == Ledger()


@given(st.lists(st.integers(0, 7200), max_size=50).map(sorted))
def test_the_ledger_keeps_no_more_than_its_window(seconds: list[int]) -> None:
    ledger = Ledger()
    for each in seconds:
        ledger = ledger.reserve(step(), COMPUTE, after(each))
    last = after(seconds[-1]) if seconds else NOW

    kept = ledger.executed.get("lamp", ())
    assert list(kept) == [after(each) for each in seconds if last - after(each) < RATE_WINDOW]
