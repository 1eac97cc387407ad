"""The circuit breaker: where calls fail for everybody, not everybody finds out for himself."""

import pytest

from steersman.engine.doubt.breaker import (
    FULL_OPEN,
    TRANSIENT_OPEN,
    Circuits,
    learn,
    opened,
    resumed,
)
from steersman.model.circuit import Breaker, Circuit, Failure, circuit_of
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.plan import Target
from tests.engine.builders import NOW, after

ZONE = Circuit("compute", "b", "g1-small")
A, B = Target("compute", "a"), Target("compute", "b")
OTHER = {Circuit("fleet"): Breaker((), NOW, "503")}


def error(kind: ErrorClass) -> OutsideError:
    return OutsideError(kind, "code", "told")


def failing(*failures: tuple[float, Target], circuits: Circuits | None = None) -> Breaker:
    """What is known of the zone after transient failures at these seconds."""
    known: Circuits = circuits or {}
    for seconds, target in failures:
        known = learn(known, ZONE, target, error(ErrorClass.TRANSIENT), after(seconds))
    return known[ZONE]


def test_a_circuit_is_a_system_and_where_it_matters_a_machine_type_in_a_zone() -> None:
    assert circuit_of(A, {"zone": "b", "machineType": "g1-small"}) == ZONE
    assert circuit_of(A, {"reason": "UnitFailed"}) == Circuit("compute")
    assert str(ZONE) == "compute b g1-small"


@pytest.mark.parametrize("kind", [ErrorClass.STOCKOUT, ErrorClass.QUOTA])
def test_no_room_or_no_quota_for_a_creation_opens_at_once(kind: ErrorClass) -> None:
    known = learn({}, ZONE, A, error(kind), NOW)

    assert known[ZONE].until == NOW + FULL_OPEN


OPENS = [
    pytest.param(((0, A), (10, B), (20, A)), True, id="three in a row"),
    pytest.param(((0, A), (10, B)), False, id="two do not"),
    pytest.param(((0, A), (30, B), (60, A)), False, id="nor three in more than a minute"),
    pytest.param(
        ((0, A), (10, A), (20, A), (30, A)), False, id="nor those of one target: it backs off"
    ),
    pytest.param(((0, A), (10, A), (20, A), (30, B)), True, id="until another one fails as well"),
]


@pytest.mark.parametrize(("failures", "opens"), OPENS)
def test_transient_failures_open(failures: tuple[tuple[float, Target], ...], opens: bool) -> None:
    found = failing(*failures)

    assert found.until == (after(failures[-1][0]) + TRANSIENT_OPEN if opens else None)


def test_a_half_open_circuit_opens_again_with_the_first_failure() -> None:
    half_open = {ZONE: Breaker((), NOW, "503")}

    assert failing((90, A), circuits=half_open).until == after(90) + TRANSIENT_OPEN


def test_a_success_closes_and_forgets_what_was_before() -> None:
    known = learn({**OTHER, ZONE: Breaker((Failure(NOW, A),), NOW, "503")}, ZONE, B, None, NOW)

    assert known == OTHER


def test_only_what_is_open_or_half_open_is_handed_over() -> None:
    failed = Breaker((Failure(NOW, A),))
    assert opened({**OTHER, ZONE: failed}) == OTHER


@pytest.mark.parametrize(
    ("until", "taken"),
    [
        pytest.param(60, 60, id="an open circuit stays open as long as it was to"),
        pytest.param(-60, -60, id="one whose time is over is half open"),
        pytest.param(7200, 300, id="a clock that ran ahead holds nobody for longer than it could"),
    ],
)
def test_a_daemon_that_takes_over(until: float, taken: float) -> None:
    found = resumed({ZONE: Breaker((), after(until), "503")}, NOW)
    assert found == {ZONE: Breaker((), after(taken), "503")}


TELLING = (ErrorClass.STOCKOUT, ErrorClass.QUOTA, ErrorClass.TRANSIENT)


@pytest.mark.parametrize("kind", [each for each in ErrorClass if each not in TELLING])
def test_what_says_nothing_about_the_place_changes_nothing(kind: ErrorClass) -> None:
    assert learn(OTHER, ZONE, A, error(kind), NOW) == OTHER


def test_a_quota_that_refuses_no_creation_holds_nobody_else() -> None:
    assert learn(OTHER, Circuit("compute", "b"), A, error(ErrorClass.QUOTA), NOW) == OTHER
