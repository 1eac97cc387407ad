"""The keeper: each change makes a new World and wakes exactly whom it touches."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from steersman.engine.keeper import Keeper, Wake
from steersman.engine.workqueue import Lane
from steersman.model.hold import Hold, Lost
from steersman.model.observed import ComputeSnapshot, FleetSnapshot
from steersman.model.outcome import OperationDone
from steersman.model.plan import Target, Waiting
from steersman.model.resource import Key
from steersman.model.status import Condition, Status
from steersman.model.world import World
from tests.engine.builders import (
    NOW,
    A,
    B,
    C,
    after,
    instance,
    lamp,
    pending,
    snapshot,
    step,
    world,
)
from tests.engine.toy import KINDS, ZONE

LIT = snapshot(instance("a"))
READY = Status((Condition("Ready", "True", "Lit"),))
TARGET = Target("compute", "shared")
DARK = Status((Condition("Ready", "False", "Dark"),))


ENDS: list[Any] = [
    pytest.param(lambda keeper: keeper.wake_held("budget"), [A], id="a gate lets somebody through"),
    pytest.param(
        lambda keeper: keeper.wake_held("pending", TARGET), [B], id="a call on a target has ended"
    ),
    pytest.param(lambda keeper: keeper.forget(TARGET), [B], id="an effect was seen"),
]


@pytest.mark.parametrize(("end", "expected"), ENDS)
def test_who_waits_is_woken_when_that_ends(
    end: Callable[[Keeper], None], expected: list[Key]
) -> None:
    def change(keeper: Keeper) -> None:
        keeper.wait(A, (Waiting("compute:a", "budget", "BudgetUsedUp"),))
        keeper.wait(B, (Waiting(str(TARGET), "pending", "CallUnderWay"),))
        keeper.wait(C, (Waiting("compute:other", "pending", "CallUnderWay"),))
        end(keeper)

    assert woken(world(), change) == expected


def test_resyncs_are_patient_and_edits_are_not() -> None:
    lanes: list[Lane] = []
    keeper = Keeper(world(lamp()), KINDS, lambda _key, lane=Lane.HEALTH: lanes.append(lane))
    keeper.wake_all()
    keeper.wake_edited([A])

    assert lanes == [Lane.RESYNC, Lane.EDIT]


def noted(keys: list[Key]) -> Wake:
    """Notes whom it wakes."""

    def wake(key: Key, lane: Lane = Lane.HEALTH, /) -> None:
        del lane
        keys.append(key)

    return wake


def woken(before: World, change: Callable[[Keeper], None]) -> list[Key]:
    keys: list[Key] = []
    change(Keeper(before, KINDS, noted(keys)))
    return sorted(set(keys))


def seeing(found: ComputeSnapshot, at_seconds: float = 0) -> Callable[[Keeper], None]:
    return lambda keeper: keeper.observe("compute", found, after(at_seconds))


OBSERVATIONS = [
    pytest.param(world(lamp(), compute=LIT), replace(LIT), [], id="the same again wakes nobody"),
    pytest.param(
        world(lamp(), compute=LIT),
        replace(LIT, observed_at=NOW),
        [],
        id="that it was seen again wakes nobody",
    ),
    pytest.param(world(lamp()), LIT, [A], id="a change wakes who watches the source"),
    pytest.param(
        world(lamp(), compute=ComputeSnapshot()),
        snapshot(),
        [A],
        id="the first look wakes who watches, though nothing is there",
    ),
    pytest.param(
        world(lamp(), compute=replace(LIT, observed_at=after(-60))),
        LIT,
        [A],
        id="the end of an outage wakes who watches, though nothing changed",
    ),
    pytest.param(
        world(compute=LIT, pending={step().target: pending(expects=OperationDone(ZONE, "o", "a"))}),
        replace(LIT, operations={}),
        [],
        id="what is still awaited wakes nobody",
    ),
    pytest.param(
        world(compute=LIT, pending={step().target: pending(attributes={"zone": ZONE})}),
        LIT,
        [A],
        id="what is settled wakes its key, even if it was released",
    ),
]


@pytest.mark.parametrize(("before", "found", "expected"), OBSERVATIONS)
def test_whom_an_observation_wakes(
    before: World, found: ComputeSnapshot, expected: list[Key]
) -> None:
    assert woken(before, seeing(found)) == expected


def test_a_source_that_nobody_watches_wakes_nobody() -> None:
    assert (
        woken(world(lamp()), lambda keeper: keeper.observe("fleet", FleetSnapshot(NOW), NOW)) == []
    )


def test_who_is_guarded_by_a_watcher_is_woken_with_it() -> None:
    """The kind of what is guarded may watch another source."""
    deaf = replace(KINDS["lamp"], name="deaf", watches=())
    guarded = Key("deaf", "d")
    keys: list[Key] = []
    before = world(
        lamp("a"), replace(lamp("d"), key=guarded), referrers={guarded: (A,)}, compute=LIT
    )
    keeper = Keeper(before, {**KINDS, "deaf": deaf}, noted(keys))
    keeper.observe("compute", snapshot(), NOW)

    assert sorted(set(keys)) == [guarded, A]


def test_the_topology_follows_the_snapshots() -> None:
    keeper = Keeper(world(), KINDS, noted([]))
    keeper.observe("compute", snapshot(replace(instance("a"), ip="10.0.0.1")), NOW)

    assert list(keeper.world.topology.by_ip) == ["10.0.0.1"]


def test_acceptance_wakes_what_is_new_or_changed() -> None:
    before = world(lamp("a"), lamp("b"))
    after_it = {each.key: each for each in (lamp("a"), lamp("b", color="red"), lamp("c"))}

    assert woken(before, lambda keeper: keeper.accept(resources=after_it)) == [B, C]


def test_who_waits_for_another_is_woken_when_its_document_is_refused() -> None:
    before = world(lamp("a", depends_on=(B,)), referrers={B: (A,)})
    refused = {B: (Condition.of("Accepted", False, "Invalid", "line 3"),)}

    assert woken(before, lambda keeper: keeper.accept(acceptance=refused)) == [A]


def test_changed_facts_wake_who_reads_them() -> None:
    before = world(lamp("a", chain="b"), lamp("b"), referrers={B: (A,)})
    keeper = Keeper(before, KINDS, noted([]))
    keeper.accept()
    keys: list[Key] = []
    listening = Keeper(keeper.world, KINDS, noted(keys))
    listening.accept(resources={A: lamp("a", chain="b"), B: lamp("b", color="red")})

    assert sorted(keys) == [A, B]
    assert listening.world.facts[B] == {"color": "red"}


def test_facts_of_what_was_released_stay() -> None:
    keeper = Keeper(world(lamp("a", color="red")), KINDS, noted([]))
    keeper.accept(resources={}, released={A: lamp("a", color="red")})

    assert keeper.world.facts[A] == {"color": "red"}


REPORTS = [
    pytest.param(None, READY, [B], id="becoming ready wakes who refers to it"),
    pytest.param(READY, DARK, [B], id="not being ready any more, too"),
    pytest.param(READY, replace(READY, summary={"color": "red"}), [], id="a summary wakes nobody"),
    pytest.param(None, DARK, [], id="the first status of what is not ready wakes nobody"),
]


@pytest.mark.parametrize(("before", "status", "expected"), REPORTS)
def test_whom_a_status_wakes(before: Status | None, status: Status, expected: list[Key]) -> None:
    statuses = {A: before} if before else {}
    told = world(lamp("a"), lamp("b", chain="a"), referrers={A: (B,)}, statuses=statuses)

    assert woken(told, lambda keeper: keeper.report(A, status)) == expected


def test_leading_wakes_everybody() -> None:
    assert woken(world(lamp("a"), lamp("b")), lambda keeper: keeper.lead(leading=False)) == [A, B]


def test_a_world_in_hand_is_never_changed() -> None:
    keeper = Keeper(world(lamp()), KINDS, noted([]))
    in_hand = keeper.world
    keeper.expect(pending())
    keeper.report(A, READY)

    assert (in_hand.pending, in_hand.statuses) == ({}, {})
    keeper.forget(step().target)
    assert keeper.world.pending == {}


def test_the_end_of_a_hold_wakes_whose_steps_may_have_waited_for_it() -> None:
    """Though its source shows no change: it is another source that confirms, or time."""
    lost = (Lost(Target("compute", "x")),) * 3
    hold = Hold("h", "compute", "instances", lost, 3, after(-60), until=after(0))
    held = world(lamp(), compute=LIT, holds={"h": hold})

    assert woken(held, seeing(replace(LIT), -1)) == []
    assert woken(held, seeing(replace(LIT), 0)) == [A]
    assert woken(held, lambda keeper: keeper.observe("fleet", FleetSnapshot(NOW), NOW)) == [A]
