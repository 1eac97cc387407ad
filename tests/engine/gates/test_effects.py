"""Which gates are asked of a step: those that may hold its effect, and all of them."""

from typing import Any

import pytest

from steersman.engine.gates import judge
from steersman.model.plan import Effect
from tests.engine.builders import (
    lamp,
    step,
    world,
)
from tests.engine.gates.asking import asked
from tests.engine.toy import Light

ALWAYS = [
    *("mode", "leader", "records", "rewound", "paused", "pending", "fresh", "guards"),
    *("approval", "breaker", "backoff", "rate"),
]
DOUBT = ["plausible", "fighting"]
EFFECTS = [
    pytest.param(Effect.SECURE, [], id="secure"),
    pytest.param(Effect.CREATE, ["dependencies", *DOUBT], id="create"),
    pytest.param(Effect.REPAIR, DOUBT, id="repair"),
    pytest.param(Effect.DISRUPT, ["protect", "window", "budget", *DOUBT], id="disrupt"),
    pytest.param(
        Effect.DESTROY, ["protect", "referrers", "window", "budget", *DOUBT], id="destroy"
    ),
]


@pytest.mark.parametrize(("effect", "more"), EFFECTS)
def test_each_effect_is_judged_by_its_own_gates(effect: Effect, more: list[str]) -> None:
    verdicts = judge(asked(world(lamp()), step(effect, action=Light())))

    assert {each.gate for each in verdicts} == {*ALWAYS, *more}


def test_all_gates_are_asked_even_if_the_first_one_waits() -> None:
    held: Any = world(lamp(), leading=False, mode="observe")
    waiting = [each.gate for each in judge(asked(held, step())) if not each.passed]

    assert waiting == ["mode", "leader"]
