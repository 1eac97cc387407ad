"""Steps: an id for the same step, a digest for the very same step, and what is too much at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from steersman.model.drift import Difference
from steersman.model.plan import Action, Effect, Step, Target, much
from steersman.model.resource import Key


@dataclass(frozen=True)
class Paint(Action):
    color: str
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)


STEP = Step(
    Key("lamp", "a"),
    Target("hall", "a"),
    Paint("red", {"note": "x"}),
    "ColorDiffers",
    Effect.DISRUPT,
    "a is white since 10:41",
    differences=(Difference("hall:a", "color", "red", "white"),),
)

OTHERS = [
    pytest.param({"action": Paint("blue", {"note": "x"})}, id="when it would do something else"),
    pytest.param({"action": Paint("red", {"note": "y"})}, id="even in what is not printed"),
    pytest.param({"reason": "Requested"}, id="when it has another reason"),
    pytest.param({"effect": Effect.DESTROY}, id="when it costs more"),
    pytest.param(
        {"differences": (Difference("hall:a", "color", "red", "green"),)},
        id="when it rests on another observation",
    ),
]


@pytest.mark.parametrize("changes", OTHERS)
def test_a_step_has_another_digest(changes: dict[str, object]) -> None:
    other = replace(STEP, **changes)  # type: ignore[arg-type]

    assert other.id == STEP.id
    assert other.digest != STEP.digest


def test_words_for_people_do_not_change_the_digest() -> None:
    assert replace(STEP, message="a is white since 10:42").digest == STEP.digest


SHRINKING = [
    pytest.param(3, 2, False, id="one of three may go"),
    pytest.param(3, 1, True, id="two of three are much"),
    pytest.param(40, 36, False, id="a tenth may go"),
    pytest.param(40, 35, True, id="more than a tenth is much"),
    pytest.param(1, 0, False, id="the only one may go"),
    pytest.param(2, 4, False, id="growing is no shrinking"),
]


@pytest.mark.parametrize(("before", "after", "is_much"), SHRINKING)
def test_what_is_much_to_take_away_at_once(before: int, after: int, is_much: bool) -> None:
    assert much(before, after) is is_much
