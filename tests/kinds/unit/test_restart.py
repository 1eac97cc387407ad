"""The ration of restarts: how long the next one waits, and when there is none left."""

from datetime import timedelta

import pytest

from steersman.kinds.unit.restart import Turn, next_turn
from steersman.kinds.unit.spec import Restart
from tests.kinds.builders import NOW, ago

POLICY = Restart.model_validate(
    {"maxRestarts": 3, "windowSeconds": 600, "backoffSeconds": 5, "backoffMaxSeconds": 12}
)


@pytest.mark.parametrize(
    ("past_seconds", "turn"),
    [
        pytest.param([], Turn(ago(-5), 1), id="the first waits the backoff"),
        pytest.param([100], Turn(ago(-10), 2), id="each one in the window doubles it"),
        pytest.param([100, 200], Turn(ago(-12), 3), id="up to the maximum"),
        pytest.param([700, 650], Turn(ago(-5), 1), id="what left the window does not count"),
        pytest.param(
            [100, 200, 500],
            Turn(ago(500 - 600), 3, exhausted=True),
            id="none is left until the oldest leaves the window",
        ),
        pytest.param(
            [10, 20, 30, 40, 50],
            Turn(ago(30 - 600), 5, exhausted=True),
            id="of too many, so many have to leave that one is free",
        ),
    ],
)
def test_next_turn(past_seconds: list[float], turn: Turn) -> None:
    assert next_turn(POLICY, [ago(each) for each in past_seconds], NOW, NOW) == turn


def test_without_any_restart_allowed_it_is_never() -> None:
    policy = Restart.model_validate({"maxRestarts": 0})
    assert next_turn(policy, [], NOW, NOW) == Turn(None, 0, exhausted=True)


def test_when_the_oldest_has_left_the_window_one_is_free_again() -> None:
    past = [ago(100), ago(200), ago(500)]
    free = next_turn(POLICY, past, NOW, NOW).at
    assert free is not None
    assert not next_turn(POLICY, past, NOW, free).exhausted
    assert next_turn(POLICY, past, NOW, free - timedelta(seconds=1)).exhausted
