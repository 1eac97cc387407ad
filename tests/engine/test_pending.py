"""Settling: when an effect counts as seen, as failed, or as something that nobody can tell."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from steersman.engine.ledger import Ledger
from steersman.engine.pending import Settled, settle
from steersman.model.errors import ErrorClass, OutsideError
from steersman.model.observed import (
    ComputeSnapshot,
    FleetSnapshot,
    FleetUnit,
    KeyItem,
    KeysSnapshot,
    Operation,
)
from steersman.model.observed import UnitState as State
from steersman.model.outcome import (
    BootstrapIs,
    KeyGone,
    KeysAt,
    OperationDone,
    Pending,
    UnitGone,
    UnitIs,
)
from steersman.model.plan import Effect, Target
from steersman.model.world import Bootstrap, World
from tests.engine.builders import NOW, after, instance, pending, snapshot
from tests.engine.toy import ZONE

KEY = "/configs/a"
REFUSED = OutsideError(ErrorClass.QUOTA, "QUOTA_EXCEEDED", "no more sockets")
UNKNOWN = Settled(known=False)


def operation(**changes: Any) -> World:
    found = Operation("op", ZONE, **{"done": True, **changes})
    return World(compute=snapshot(operations={"op": found}))


def fleet(
    *units: FleetUnit, states: Mapping[str, tuple[State, ...]] | None = None, at: float = -1
) -> World:
    by_name = {each.name: each for each in units}
    return World(fleet=FleetSnapshot(after(at), units=by_name, states=states or {}))


def unit(hash_: str = "new", desired: str = "launched", current: str | None = None) -> FleetUnit:
    return FleetUnit("a.service", (), hash_, desired, current)


def keys(*, revision: int | None = None, seen: int = 50, at: float = -1) -> World:
    """A key with a revision, or none, in a snapshot that has seen so much."""
    items = {} if revision is None else {KEY: KeyItem(KEY, "x", revision)}
    return World(keys=KeysSnapshot(after(at), items, {"/configs/": seen, "/services/": 99}))


def read_at(at: datetime, world: World) -> World:
    """A world whose systems were read at that time; fleet shows no more than an old state."""
    return replace(
        world,
        compute=replace(world.compute, observed_at=at),
        fleet=replace(world.fleet, observed_at=at, units={}, states=STATES),
        keys=replace(world.keys, observed_at=at),
    )


def answered(expects: Any, system: str = "compute", name: str = "a") -> Pending:
    return pending(expects=expects, target=Target(system, name), since=after(-2))


DONE = answered(OperationDone(ZONE, "op", "a"))
WRITTEN = answered(UnitIs("a.service", "new", "launched"), "fleet", "a.service")
LOADED = answered(UnitIs("a.service", "new", "loaded", "loaded"), "fleet", "a.service")
DESTROYED = answered(UnitGone("a.service"), "fleet", "a.service")
PUT = answered(KeysAt(50), "keys", KEY)
DELETED = answered(KeyGone(50), "keys", KEY)
FORMED = answered(BootstrapIs("es", "formed"), "home", "es")
UNHEARD = pending(action="Unscrew", effect=Effect.DESTROY, attributes={"zone": ZONE})
STATES = {"a.service": (State("a.service", "old", "m", "loaded", "active", "running"),)}

SEEN = [
    pytest.param(DONE, operation(), id="the operation is done"),
    pytest.param(WRITTEN, fleet(unit()), id="the unit is as written"),
    pytest.param(LOADED, fleet(unit("new", "loaded", "loaded")), id="the unit has come so far"),
    pytest.param(DESTROYED, fleet(), id="neither the unit nor a state of it is left"),
    pytest.param(PUT, keys(revision=50, seen=50), id="the watch has seen the write"),
    pytest.param(PUT, keys(revision=None, seen=51), id="the watch is past the write"),
    pytest.param(DELETED, keys(revision=None), id="the key is gone"),
    pytest.param(DELETED, keys(revision=51), id="somebody has put the key again"),
    pytest.param(UNHEARD, World(compute=snapshot()), id="what was to be destroyed is gone"),
    pytest.param(
        FORMED, World(bootstraps={"es": Bootstrap("formed", "x")}), id="the record says so"
    ),
    pytest.param(
        pending(attributes={"zone": ZONE}),
        World(compute=snapshot(instance("a"))),
        id="what was to be created is there, though the answer was lost",
    ),
]


@pytest.mark.parametrize(("pending", "world"), SEEN)
def test_an_effect_is_seen(pending: Pending, world: World) -> None:
    assert settle(pending, world, Ledger(), NOW) == Settled()


@pytest.mark.parametrize(("pending", "world"), SEEN)
def test_nothing_is_settled_while_the_call_is_under_way(pending: Pending, world: World) -> None:
    assert settle(pending, world, Ledger({pending.target: ()}), NOW) is None


ANSWERED = [
    pytest.param(DONE, World(), id="the operation was not looked at yet"),
    pytest.param(DONE, operation(done=False), id="the operation is not done"),
    pytest.param(WRITTEN, fleet(), id="the unit is not there"),
    pytest.param(WRITTEN, fleet(unit("old")), id="the unit has another content"),
    pytest.param(WRITTEN, fleet(unit(desired="loaded")), id="the unit has another desired state"),
    pytest.param(WRITTEN, fleet(unit(), at=-3), id="the read was older than the answer"),
    pytest.param(LOADED, fleet(unit("new", "loaded")), id="the unit has not come so far"),
    pytest.param(DESTROYED, fleet(unit()), id="the unit is still there"),
    pytest.param(DESTROYED, fleet(states=STATES), id="a state of the unit is left"),
    pytest.param(DESTROYED, fleet(at=-3), id="the unit was gone before, in an older read"),
    pytest.param(PUT, keys(revision=40, seen=49), id="the watch is not so far, another prefix is"),
    pytest.param(DELETED, keys(revision=50), id="the key is still there"),
    pytest.param(FORMED, World(), id="there is no record"),
    pytest.param(
        FORMED, World(bootstraps={"es": Bootstrap("forming", "x")}), id="the record says otherwise"
    ),
]
UNANSWERED = [
    pytest.param(
        pending(attributes={"zone": ZONE}),
        World(compute=snapshot()),
        id="what was to be created is not there and may come yet",
    ),
    pytest.param(
        pending(effect=Effect.REPAIR, attributes={"zone": ZONE}),
        World(compute=snapshot(instance("a"))),
        id="a repair that was not answered may come yet",
    ),
    pytest.param(
        pending(target=Target("fleet", "a.service")),
        fleet(at=-3),
        id="a write to fleet that was not answered, and no read since",
    ),
]


@pytest.mark.parametrize(("pending", "world"), ANSWERED + UNANSWERED)
def test_an_effect_is_still_awaited(pending: Pending, world: World) -> None:
    assert settle(pending, world, Ledger(), NOW) is None


@pytest.mark.parametrize(("pending", "world"), ANSWERED)
def test_an_effect_that_is_not_seen_by_its_deadline_counts_as_failed(
    pending: Pending, world: World
) -> None:
    settled = settle(pending, read_at(pending.deadline, world), Ledger(), pending.deadline)

    assert settled is not None
    assert settled.error is not None
    assert (settled.error.kind, settled.error.code) == (ErrorClass.TRANSIENT, "not-seen")


@pytest.mark.parametrize("pending", [DONE, LOADED, PUT])
def test_an_effect_is_not_given_up_before_somebody_looks_at_its_deadline(pending: Pending) -> None:
    blind = read_at(pending.deadline - timedelta(seconds=1), World())

    assert settle(pending, blind, Ledger(), pending.deadline + timedelta(hours=1)) is None


NOT_GONE = [
    pytest.param(snapshot(instance()), id="it is there"),
    pytest.param(snapshot(age_seconds=3), id="it was not there in an older read"),
    pytest.param(snapshot(unreachable=frozenset({ZONE})), id="its zone does not answer"),
]


@pytest.mark.parametrize("compute", NOT_GONE)
def test_an_unanswered_deletion_stays_open_until_it_is_seen(compute: ComputeSnapshot) -> None:
    assert settle(UNHEARD, World(compute=compute), Ledger(), NOW) is None


def test_an_operation_that_failed_tells_its_error() -> None:
    assert settle(DONE, operation(error=REFUSED), Ledger(), NOW) == Settled(REFUSED)


NOBODY_CAN_TELL = [
    pytest.param(
        pending(target=Target("fleet", "a")), fleet(), NOW, id="fleet was read since: plan anew"
    ),
    pytest.param(
        pending(target=Target("keys", KEY)), keys(), NOW, id="the keys were seen since: plan anew"
    ),
    pytest.param(pending(target=Target("home", "a")), World(), NOW, id="a record of ours"),
    pytest.param(
        pending(effect=Effect.REPAIR, attributes={"zone": ZONE}),
        World(compute=snapshot(replace(instance("a"), since=after(-1)))),
        NOW,
        id="the instance has changed since a repair was asked for: the next one is another",
    ),
    pytest.param(
        pending(attributes={"zone": ZONE}),
        World(compute=snapshot()),
        after(60),
        id="Compute Engine, at the deadline",
    ),
]


@pytest.mark.parametrize(("pending", "world", "now"), NOBODY_CAN_TELL)
def test_what_nobody_can_tell_is_planned_anew(
    pending: Pending, world: World, now: datetime
) -> None:
    assert settle(pending, world, Ledger(), now) == UNKNOWN
