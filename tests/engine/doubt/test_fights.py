"""Fights: what somebody else writes again and again is left to them until a person has looked."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from steersman.engine.doubt import fights
from steersman.engine.doubt.fights import (
    CONTESTS_MAX,
    WINDOW,
    condition,
    fighting,
    looked_at,
    written,
)
from steersman.model.drift import Difference
from steersman.model.memory import Contest, Memory
from steersman.model.plan import Effect, Step
from steersman.model.requests import Request, Verb
from steersman.model.world import World
from tests.engine.builders import A, after, lamp, pending, step, world
from tests.engine.toy import KINDS

FIELD = "compute:a color"
WINDOW_SECONDS = WINDOW.total_seconds()


def wrote(memory: Memory, seconds: float, color: str = "red") -> Memory:
    return written(memory, pending(A, declares={"color": color}), after(seconds))


def after_writes(*seconds: float) -> Memory:
    memory = Memory()
    for at in seconds:
        memory = wrote(memory, at)
    return memory


def painting(color: str = "red", effect: Effect = Effect.REPAIR, path: str = "color") -> Step:
    return replace(step(effect), differences=(Difference("compute:a", path, color, "blue"),))


def knowing(memory: Memory, **others: Any) -> World:
    return world(lamp(), memory={A: memory}, **others)


FOUGHT = after_writes(0, 10, 20, 30)


@pytest.mark.parametrize(
    ("seconds", "fought"),
    [
        pytest.param([0, 10, 20], False, id="the first write is ours, two changes are no fight"),
        pytest.param([0, 10, 20, 30], True, id="three changes are"),
        pytest.param([-5000, 10, 20, 30], True, id="however long it was at peace before"),
        pytest.param([0, 10, 20, 10 + WINDOW_SECONDS], False, id="not if they take too long"),
        pytest.param([0, 10, 20, 9 + WINDOW_SECONDS], True, id="up to the last moment"),
    ],
)
def test_when_a_field_is_fought_over(seconds: list[float], fought: bool) -> None:
    memory = after_writes(*seconds)

    assert condition(A, memory).holds is fought
    assert fighting(painting(), KINDS, knowing(memory), after(40)).passed is not fought


def test_what_is_fought_over_stays_alone_for_however_long() -> None:
    verdict = fighting(painting(), KINDS, knowing(FOUGHT), after(1_000_000))
    assert (verdict.gate, verdict.reason) == ("fighting", "Fighting")


def test_another_document_is_another_matter() -> None:
    assert fighting(painting("green"), KINDS, knowing(FOUGHT), after(40)).passed
    assert not condition(A, wrote(FOUGHT, 40, "green")).holds


def test_what_we_have_changed_ourselves_in_between_is_no_fight() -> None:
    memory = Memory()
    for at in range(6):
        memory = wrote(memory, 20 * at, "off")
        memory = wrote(memory, 20 * at + 10, "red")
    assert not condition(A, memory).holds


def test_changes_of_the_document_are_no_fight() -> None:
    memory = Memory()
    for at, color in enumerate(["red", "green", "red", "green", "red", "green"]):
        memory = wrote(memory, at, color)
    assert not condition(A, memory).holds


@pytest.mark.parametrize(
    "held",
    [
        pytest.param(painting(path="lit"), id="what repairs health"),
        pytest.param(painting(effect=Effect.SECURE), id="what closes a hole"),
        pytest.param(step(Effect.REPAIR), id="what writes no declared field"),
    ],
)
def test_what_is_never_held(held: Step) -> None:
    assert fighting(held, KINDS, knowing(FOUGHT), after(40)).passed
    assert fights.declared(held, KINDS) == {}


def acknowledging(memory: Memory) -> Mapping[str, Request]:
    hold = fights.hold_of(A, FIELD, memory.contests[FIELD])
    assert hold in condition(A, memory).message
    return {"r": Request("r", Verb.ACKNOWLEDGE, hold=hold, at=after(40))}


def test_a_person_who_has_looked_lets_it_be_written_again() -> None:
    asked = knowing(FOUGHT, requests=acknowledging(FOUGHT))
    assert fighting(painting(), KINDS, asked, after(50)).passed

    memory = looked_at(A, asked, after(50))
    assert memory.contests == {FIELD: Contest("red")}
    assert looked_at(A, knowing(memory), after(50)) is memory


def test_the_next_fight_has_to_be_looked_at_anew() -> None:
    requests = acknowledging(FOUGHT)
    memory = looked_at(A, knowing(FOUGHT, requests=requests), after(50))
    for at in (60, 70, 80):
        memory = wrote(memory, at)
    assert not fighting(painting(), KINDS, knowing(memory, requests=requests), after(90)).passed


def test_contests_are_bounded_and_the_oldest_are_forgotten() -> None:
    paths: Iterable[str] = (f"color{n}" for n in range(CONTESTS_MAX + 5))
    memory = Memory()
    for path in paths:
        memory = written(memory, pending(A, declares={path: "red"}), after(0))

    assert len(memory.contests) == CONTESTS_MAX
    assert f"compute:a color{CONTESTS_MAX + 4}" in memory.contests
