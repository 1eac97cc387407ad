"""Interests: a change of the outside reaches whom it concerns, and nobody else who is at rest."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from steersman.engine.interests import Interests, differing, touched
from steersman.engine.keeper import Keeper
from steersman.model.observed import (
    UID_LABEL,
    ComputeSnapshot,
    FleetSnapshot,
    FleetUnit,
    KeyItem,
    KeysSnapshot,
    Machine,
    Snapshot,
    UnitState,
)
from steersman.model.plan import Target
from steersman.model.resource import Key
from steersman.model.shared import Shared
from steersman.model.status import Condition, Status
from steersman.model.topology import Topology
from steersman.model.world import World
from tests.engine.builders import NOW, A, B, C, instance, lamp, snapshot, world
from tests.engine.toy import KINDS, PoisonError, target_of

OURS = replace(instance("a"), ip="10.0.0.1", labels={UID_LABEL: "pool"})
MACHINE = Machine("m1", "10.0.0.1", {})
UNIT = FleetUnit("x@1.service", (), "hash", "launched", "launched", "m1")
STATE = UnitState("x@1.service", "hash", "m1", "loaded", "active", "running")
KEY = KeyItem("/configs/a", "value", 7)
QUIET = Status((Condition("Ready", "True", "Lit"),))
UNREADY = Status((Condition("Ready", "False", "Dark"),))
CAREFUL = {
    "lamp": replace(
        KINDS["lamp"], guards=None, concerns=lambda each: frozenset({target_of(each.key)})
    )
}


def seen(compute: ComputeSnapshot, fleet: FleetSnapshot, keys: KeysSnapshot) -> World:
    topology = Topology.of(compute, fleet)
    return world(compute=compute, fleet=fleet, keys=keys, topology=topology)


def picture(**changes: Snapshot) -> World:
    fleet = FleetSnapshot(NOW, {"m1": MACHINE}, {UNIT.name: UNIT}, {STATE.name: (STATE,)})
    ordinary: dict[str, Any] = {
        "compute": snapshot(OURS),
        "fleet": fleet,
        "keys": KeysSnapshot(NOW, {KEY.key: KEY}),
    }
    return seen(**{**ordinary, **changes})


FLEET = picture().fleet
POOL = Target("compute", "pool")
OWN_AND_TEMPLATE = {Target("fleet", "x@1.service"), Target("fleet", "x@.service")}
CHANGES = [
    pytest.param("compute", picture(), set(), id="nothing changed"),
    pytest.param(
        "compute",
        picture(compute=snapshot(replace(OURS, status="TERMINATED"))),
        {POOL},
        id="an instance concerns the pool whose mark it carries",
    ),
    pytest.param(
        "compute", picture(compute=snapshot()), {POOL}, id="an instance that is gone, too"
    ),
    pytest.param(
        "compute",
        picture(compute=snapshot(replace(OURS, labels={}))),
        {POOL},
        id="and one that lost its mark",
    ),
    pytest.param(
        "compute",
        picture(compute=snapshot(OURS, instance("b"))),
        set(),
        id="a foreign instance concerns no pool",
    ),
    pytest.param(
        "fleet",
        picture(fleet=replace(FLEET, machines={})),
        {POOL},
        id="a machine that leaves the fleet concerns the pool of its instance",
    ),
    pytest.param(
        "fleet",
        picture(fleet=replace(FLEET, states={})),
        OWN_AND_TEMPLATE,
        id="a state concerns its unit, and the unit's template",
    ),
    pytest.param(
        "fleet",
        picture(fleet=replace(FLEET, stateless_since={STATE.name: NOW})),
        OWN_AND_TEMPLATE,
        id="so does the silence about a unit",
    ),
    pytest.param(
        "keys",
        picture(keys=KeysSnapshot(NOW, {KEY.key: replace(KEY, value="another")})),
        {Target("keys", "/configs/a")},
        id="a key concerns who writes it",
    ),
    pytest.param("elasticsearch", picture(), set(), id="probes are nobody's in particular"),
]


@pytest.mark.parametrize(("source", "after", "expected"), CHANGES)
def test_what_a_change_touches(source: str, after: World, expected: set[Target]) -> None:
    assert touched(source, picture(), after) == expected


def whom(before: World, change: Callable[[Keeper], None]) -> list[Key]:
    woken: list[Key] = []
    keeper = Keeper(before, CAREFUL, lambda key, *_lane: woken.append(key))
    keeper.report(A, QUIET)
    keeper.report(B, QUIET)
    woken.clear()
    change(keeper)
    return woken


def marked(name: str, color: str = "white") -> Any:
    return replace(instance(name, color=color), labels={UID_LABEL: name})


BOTH = snapshot(marked("a"), marked("b"))
RED_A = snapshot(marked("a", color="red"), marked("b"))
LIT = world(lamp("a"), lamp("b"), compute=BOTH)


def test_who_is_at_rest_is_woken_by_its_own_objects_only() -> None:
    assert whom(LIT, lambda keeper: keeper.observe("compute", RED_A, NOW)) == [A]


def test_who_is_not_as_asked_is_woken_by_whatever_changes() -> None:
    def change(keeper: Keeper) -> None:
        keeper.report(B, UNREADY)
        keeper.observe("compute", RED_A, NOW)

    assert whom(LIT, change) == [A, B]


def test_a_zone_that_falls_silent_concerns_everybody() -> None:
    silent = replace(BOTH, unreachable=frozenset({"hall"}))

    assert whom(LIT, lambda keeper: keeper.observe("compute", silent, NOW)) == [A, B]


def test_interests_follow_what_is_in_force() -> None:
    interests = Interests(CAREFUL)
    first, second = {A: lamp("a")}, {A: lamp("a", color="red"), B: lamp("b")}

    assert interests.update({}, first).keys == {A}
    assert interests.update(first, second).keys == {A, B}
    assert interests.concerned("compute", [target_of(B)]) == {B}
    assert interests.update(second, {}).keys == {A, B}
    assert interests.concerned("compute", [target_of(B)]) == set()
    assert interests.watchers("compute") == set()


def test_everything_concerns_a_resource_of_which_its_kind_cannot_tell() -> None:
    def concerns(resource: Any) -> frozenset[Target]:
        if resource.key == A:
            raise PoisonError
        return frozenset({target_of(resource.key)})

    interests = Interests({"lamp": replace(KINDS["lamp"], concerns=concerns)})
    found = interests.update({}, {A: lamp("a"), B: lamp("b")})

    assert found.failed.keys() == {A}
    assert interests.concerned("compute", [target_of(C)]) == {A}
    assert interests.concerned("compute", [target_of(B)]) == {A, B}
    interests.update({A: lamp("a"), B: lamp("b")}, {B: lamp("b")})
    assert interests.concerned("compute", [target_of(C)]) == set()


DIFFERENCES = [
    pytest.param({}, {"a": 1}, {"a"}, id="what came"),
    pytest.param({"a": 1}, {}, {"a"}, id="what went"),
    pytest.param({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a"}, id="what changed"),
    pytest.param(Shared({"a": 1}), {"a": 1, "b": 2}, {"b"}, id="a shared and an ordinary mapping"),
]


@pytest.mark.parametrize(("before", "after", "expected"), DIFFERENCES)
def test_what_differs(
    before: Mapping[str, int], after: Mapping[str, int], expected: set[str]
) -> None:
    assert differing(before, after) == expected
