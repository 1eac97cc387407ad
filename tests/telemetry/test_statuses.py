"""What a scrape tells of documents and their statuses: the conditions of as many as may be."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from steersman.model.kind import Group
from steersman.model.plan import Target, Waiting
from steersman.model.resource import Key, Metadata
from steersman.model.status import Condition, Status
from steersman.model.world import Rejected, World
from steersman.telemetry.metrics import Metrics
from steersman.telemetry.scrape.sight import CONDITION_STATES, SERIES_MAX, chosen
from tests.engine.builders import A, B, lamp, pending, world
from tests.telemetry.samples import ago, drifted, lamps, named, ready, scraped, status


def test_a_condition_has_one_series_for_each_status_and_one_of_them_is_1() -> None:
    found = scraped(lamps(a=status(ready(False))))

    values = [
        found["steersman_condition", "lamp", "a", state, "Ready"] for state in CONDITION_STATES
    ]
    assert values == [0, 1, 0]


def test_what_was_released_is_not_told_any_more() -> None:
    metrics = Metrics()
    waiting = Waiting("compute:a", "backoff", "BackingOff")
    drifting = status(ready(False), drifted(), waiting=(waiting,))
    scraped(lamps(a=drifting), metrics)
    found = scraped(world(statuses={A: drifting}), metrics)

    assert found["steersman_drift", "lamp"] == 0
    assert not named("steersman_condition", found)
    assert not named("steersman_actions_blocked", found)


def many(kind: str, count: int, *conditions: Condition) -> dict[Key, Status]:
    return {Key(kind, f"{kind}-{number:05d}"): status(*conditions) for number in range(count)}


ROOM = SERIES_MAX // len(CONDITION_STATES)  # for resources with one condition

LAST = {Key("lamp", f"z-{number}") for number in range(ROOM)}  # by their names

FAIR = [
    pytest.param(
        many("lamp", 2 * ROOM, ready()) | dict.fromkeys(LAST, status(ready(False))),
        LAST,
        id="who is not Ready has series, however many are",
    ),
    pytest.param(
        many("lamp", 2 * ROOM, ready(False)) | {Key("socket", "z"): status(ready(None))},
        {Key("socket", "z")},
        id="and so has one of another kind, however many of the first are not",
    ),
    pytest.param(
        many("lamp", 2 * ROOM, ready()) | many("socket", 700, ready()),
        set(many("socket", 700)),
        id="no kind is hidden by the number of another",
    ),
    pytest.param(
        many("lamp", ROOM, ready()),
        set(many("lamp", ROOM)),
        id="all have series while there is room",
    ),
]


@pytest.mark.parametrize(("statuses", "told"), FAIR)
def test_series_of_single_resources_are_shared_out(
    statuses: Mapping[Key, Status], told: set[Key]
) -> None:
    found = chosen(statuses)

    assert told <= set(found)
    assert len(found) == min(len(statuses), ROOM)


def test_resources_without_series_are_counted() -> None:
    statuses = many("lamp", ROOM + 5, ready())
    found = scraped(world(*(lamp(key.name) for key in statuses), statuses=statuses))

    assert found["steersman_resources_omitted", "lamp"] == 5
    assert found["steersman_resources", "lamp", "True"] == ROOM + 5
    series = len(named("steersman_condition", found))
    assert SERIES_MAX - len(CONDITION_STATES) < series <= SERIES_MAX


# documents

PAUSED = status(Condition.of("Paused", True, "PausedByRequest"))
REFUSED = (Condition.of("Accepted", False, "Invalid"),)
DOCUMENTS = [
    pytest.param(world(lamp()), ("lamp", "valid"), id="in force"),
    pytest.param(
        world(lamp(), acceptance={A: REFUSED}, rejected=(Rejected("/desired/lamp/a", "bad"),)),
        ("lamp", "rejected"),
        id="an earlier version is in force",
    ),
    pytest.param(
        world(rejected=(Rejected("/desired/lamp/a", "bad"), Rejected("/desired/lamp/a", "worse"))),
        ("lamp", "rejected"),
        id="no version is",
    ),
    pytest.param(
        world(rejected=(Rejected("/desired/lamps/a", "did you mean lamp?"),)),
        ("unknown", "rejected"),
        id="what a document chose for its kind is no label",
    ),
    pytest.param(lamps(a=PAUSED), ("lamp", "paused"), id="paused"),
    pytest.param(
        world(replace(lamp(), metadata=Metadata(deleting=True))),
        ("lamp", "deleting"),
        id="being taken down",
    ),
    pytest.param(world(released={A: lamp()}), ("lamp", "released"), id="released"),
    pytest.param(
        world(frozen=frozenset({A}), rejected=(Rejected("/desired/lamp/a", "frozen"),)),
        ("lamp", "frozen"),
        id="frozen",
    ),
]


@pytest.mark.parametrize(("seen", "state"), DOCUMENTS)
def test_a_document_is_in_one_state(seen: World, state: tuple[str, str]) -> None:
    counted = named("steersman_documents", scraped(seen))

    assert {labels for labels, count in counted.items() if count} == {state}
    assert counted[state] == 1


# drift and steps


def test_drift_counts_resources_and_tells_the_oldest() -> None:
    old, new = status(drifted(seconds=300)), status(drifted(seconds=20))
    found = scraped(lamps(a=new, b=old, c=status(drifted(value=False, seconds=900))))

    assert found["steersman_drift", "lamp"] == 2
    assert found["steersman_drift_age_seconds", "lamp"] == 300


def test_held_steps_are_counted_by_reason() -> None:
    held = status(waiting=(Waiting("compute:a", "backoff", "BackingOff"),))
    found = scraped(lamps(a=held, b=held))

    assert named("steersman_actions_blocked", found) == {("BackingOff",): 2}


def test_a_budget_is_told_with_what_is_used_of_it() -> None:
    groups = {A: Group(frozenset({Target("compute", "a"), Target("compute", "x")}), 1)}
    found = scraped(lamps(a=status(), b=status()), group=groups.get)

    assert named("steersman_disruption_budget_allowed", found) == {("lamp/a",): 1}
    assert named("steersman_disruption_budget_used", found) == {("lamp/a",): 2}


def test_what_was_sent_and_not_seen_is_counted_with_its_age() -> None:
    sent = [pending(A, since=ago(90)), pending(B, since=ago(5))]
    found = scraped(world(pending={each.target: each for each in sent}))

    assert found["steersman_intents_pending", "compute"] == 2
    assert found["steersman_intent_oldest_age_seconds", "compute"] == 90
    assert found["steersman_intents_pending", "fleet"] == 0
    assert found["steersman_intent_oldest_age_seconds", "fleet"] == 0
