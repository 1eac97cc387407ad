"""Plausibility: what is too much to be true is held, cross-checked, and believed in the end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from steersman.engine.doubt.plausible import ending, judged, plausible, resumed
from steersman.model.hold import Hold, implausible
from steersman.model.kind import Kinds
from steersman.model.observed import (
    ComputeSnapshot,
    ElasticsearchSnapshot,
    FleetSnapshot,
    FleetUnit,
    Instance,
    KeyItem,
    KeysSnapshot,
    Machine,
    Probe,
    ProbeTarget,
    UnitState,
)
from steersman.model.plan import Effect, Target
from steersman.model.requests import Request, Verb
from steersman.model.topology import Topology
from steersman.model.world import World
from tests.engine.builders import A, after, lamp, pending, step, world
from tests.engine.toy import LAMP

SETTLE_SECONDS = 60
SOURCES = ("compute", "fleet", "keys", "elasticsearch")
ZONE = "hall"


@dataclass(frozen=True)
class Node:
    """What every source says of one machine; None: nothing at all."""

    instance: str | None = "RUNNING"
    machine: bool = True
    unit: str | None = "active"
    desired: str | None = "launched"
    answers: str = "open"
    registered: bool = True
    zone: str = ZONE


UP = Node()


def nodes(count: int, node: Node = UP) -> dict[int, Node]:
    return dict.fromkeys(range(1, count + 1), node)


def seen(nodes: Mapping[int, Node], seconds: float, **others: Any) -> World:
    """Everything, as all sources show it at a time."""
    compute, fleet = _compute(nodes, seconds), _fleet(nodes, seconds)
    ordinary: dict[str, Any] = {
        "compute": compute,
        "fleet": fleet,
        "keys": _keys(nodes, seconds),
        "elasticsearch": _probes(nodes, seconds),
        "topology": Topology.of(compute, fleet),
        "stale_after": {source: timedelta(seconds=45) for source in SOURCES},
    }
    return world(lamp(), **{**ordinary, **others})


def _compute(nodes: Mapping[int, Node], seconds: float) -> ComputeSnapshot:
    found = {
        f"{node.zone}/a{n}": Instance(f"i{n}", f"a{n}", node.zone, node.instance, "", ip(n), {})
        for n, node in nodes.items()
        if node.instance
    }
    return ComputeSnapshot(after(seconds), found)


def _fleet(nodes: Mapping[int, Node], seconds: float) -> FleetSnapshot:
    machines = {f"m{n}": Machine(f"m{n}", ip(n), {}) for n, node in nodes.items() if node.machine}
    units = {
        unit(n): FleetUnit(unit(n), (), "hash", node.desired, "launched", f"m{n}")
        for n, node in nodes.items()
        if node.desired
    }
    states = {
        unit(n): (UnitState(unit(n), "hash", f"m{n}", "loaded", node.unit, "running"),)
        for n, node in nodes.items()
        if node.unit
    }
    return FleetSnapshot(after(seconds), machines, units, states)


def _keys(nodes: Mapping[int, Node], seconds: float) -> KeysSnapshot:
    keys = [f"/services/es/{ip(n)}" for n, node in nodes.items() if node.registered]
    items = {key: KeyItem(key, "{}", 1) for key in [*keys, "/configs/es"]}
    return KeysSnapshot(after(seconds), items)


def _probes(nodes: Mapping[int, Node], seconds: float) -> ElasticsearchSnapshot:
    looks = (Probe(ProbeTarget(ip(n), 1, 2), after(seconds), each.answers)
             for n, each in nodes.items())  # fmt: skip
    return ElasticsearchSnapshot(after(seconds), {each.target: (each,) for each in looks})


def ip(number: int) -> str:
    return f"10.0.0.{number}"


def unit(number: int) -> str:
    return f"u@{number}.service"


def look(source: str, before: World, seconds: float, now: Mapping[int, Node]) -> World:
    """One source is read at a time when everything is so."""
    snapshot: dict[str, Any] = {source: seen(now, seconds).snapshot(source)}
    later = replace(before, **snapshot)
    later = replace(later, topology=Topology.of(later.compute, later.fleet))
    return judged(source, before, later, after(seconds))


def losing(source: str, few: int, node: Node, *, of: int = 10, **others: Any) -> World:
    """Of so many nodes, a few are seen otherwise by one source, five seconds later."""
    return look(source, seen(nodes(of), 0, **others), 5, {**nodes(of), **nodes(few, node)})


def held(world: World) -> list[tuple[str, int]]:
    return sorted((each.what, len(each.lost)) for each in world.holds.values())


@pytest.mark.parametrize(
    ("lost", "total", "said"),
    [
        pytest.param(2, 2, False, id="two may always go"),
        pytest.param(3, 3, True, id="three of three may not"),
        pytest.param(3, 14, True, id="nor three of fourteen"),
        pytest.param(3, 15, False, id="a fifth may go"),
        pytest.param(9, 40, True, id="more than a fifth may not"),
    ],
)
def test_how_much_is_too_much(lost: int, total: int, said: bool) -> None:
    assert implausible(lost, total) is said


LOSSES = [
    pytest.param("compute", 3, Node(instance=None), [("instances", 3)], id="instances vanish"),
    pytest.param("compute", 3, Node(instance="TERMINATED"), [("instances", 3)], id="or go down"),
    pytest.param("compute", 2, Node(instance=None), [], id="two instances are believed"),
    pytest.param("fleet", 3, Node(machine=False), [("machines", 3)], id="machines vanish"),
    pytest.param("fleet", 2, Node(machine=False), [], id="two machines are believed"),
    pytest.param("fleet", 3, Node(unit="failed"), [("active units", 3)], id="units fail"),
    pytest.param("fleet", 3, Node(unit=None), [("active units", 3)], id="units fall silent"),
    pytest.param(
        "fleet",
        3,
        Node(unit=None, desired=None),
        [("active units", 3)],
        id="units that fleet has forgotten",
    ),
    pytest.param(
        "fleet",
        3,
        Node(unit="inactive", desired="loaded"),
        [],
        id="units that fleet shall no longer run went on purpose",
    ),
    pytest.param("keys", 3, Node(registered=False), [("registrations", 3)], id="registrations go"),
    pytest.param("keys", 2, Node(registered=False), [], id="two registrations are believed"),
]


@pytest.mark.parametrize(("source", "few", "node", "holds"), LOSSES)
def test_what_is_held(source: str, few: int, node: Node, holds: list[tuple[str, int]]) -> None:
    assert held(losing(source, few, node)) == holds


def wave(source: str, node: Node, looks: Mapping[int, int], *, of: int = 10) -> World:
    """After so many seconds so many nodes, of all, are seen otherwise."""
    world = seen(nodes(of), 0)
    for seconds, few in looks.items():
        world = look(source, world, seconds, {**nodes(of), **nodes(few, node)})
    return world


WAVES = [
    pytest.param({5: 2, 10: 4}, 10, [4], id="two and two of ten"),
    pytest.param({5: 1, 10: 2, 15: 3}, 3, [3], id="three of three, one by one"),
    pytest.param({5: 2, 10: 4, 15: 6}, 10, [4], id="two more of ten are believed"),
    pytest.param({5: 2, 10: 4, 15: 6, 20: 8}, 10, [4, 4], id="four more are not"),
    pytest.param({5: 8, 10: 16}, 40, [16], id="a fifth and a fifth of forty"),
    pytest.param({5: 2, 65: 4}, 10, [], id="a minute after the first two, two more are"),
    pytest.param({5: 2, 10: 0, 15: 2}, 10, [], id="the same two again are two"),
]


@pytest.mark.parametrize(("source", "node", "what"), [
    pytest.param("fleet", Node(unit=None), "active units", id="units"),
    pytest.param("compute", Node(instance=None), "instances", id="instances"),
    pytest.param("keys", Node(registered=False), "registrations", id="registrations"),
])  # fmt: skip
@pytest.mark.parametrize(("looks", "total", "holds"), WAVES)
def test_what_goes_little_by_little_is_counted_together(
    source: str, node: Node, what: str, looks: dict[int, int], total: int, holds: list[int]
) -> None:
    assert held(wave(source, node, looks, of=total)) == [(what, lost) for lost in holds]


def test_what_comes_and_goes_is_held_once_and_not_for_ever() -> None:
    world = wave("fleet", Node(unit="failed"), {5: 2, 10: 3})
    assert held(world) == [("active units", 3)]
    for turns, seconds in enumerate(range(15, 300, 5)):
        down = {1 + (turns + each) % 4: Node(unit="failed") for each in range(3)}
        world = look("fleet", world, seconds, {**nodes(10), **down})
    assert held(world) == []


def test_what_we_take_away_one_by_one_does_not_count() -> None:
    world = seen(nodes(10), 0)
    for number in range(1, 7):
        goes = Target("compute", f"a{number}")
        asked = pending(A, target=goes, effect=Effect.DESTROY)
        there = {**nodes(10), **nodes(number - 1, Node(instance=None))}
        world = look("compute", replace(world, pending={goes: asked}), 5 * number, there)
        there = {**nodes(10), **nodes(number, Node(instance=None))}
        world = look("compute", replace(world, pending={}), 5 * number + 2, there)
    assert held(world) == []


def test_a_source_that_turns_empty_is_held_however_little_it_showed() -> None:
    assert held(losing("compute", 1, Node(instance=None), of=1)) == [("instances", 1)]


def test_what_a_single_node_loses_is_believed_while_the_source_shows_more() -> None:
    assert held(losing("fleet", 1, Node(unit="failed"), of=1)) == []


def test_the_first_look_shows_no_loss() -> None:
    nothing = seen({}, 0, compute=ComputeSnapshot())
    assert held(judged("compute", nothing, seen({}, 5), after(5))) == []


def test_our_own_doing_does_not_count() -> None:
    doing = {Target("compute", f"a{n}"): pending(A) for n in (1, 2)}
    world = losing("compute", 4, Node(instance=None), pending=doing)
    assert held(world) == []


def test_a_zone_that_does_not_answer_is_unknown_and_no_loss() -> None:
    before = seen(nodes(5), 0)
    dark = ComputeSnapshot(after(5), {}, unreachable=frozenset({ZONE}))
    later = replace(before, compute=dark, topology=Topology.of(dark, before.fleet))
    assert held(judged("compute", before, later, after(5))) == []


def test_machines_follow_their_instances_without_a_hold() -> None:
    doing = {Target("compute", f"a{n}"): pending(A) for n in range(1, 5)}
    gone = losing("compute", 4, Node(instance=None), pending=doing)
    later = {**nodes(10), **nodes(4, Node(instance=None, machine=False, unit=None))}

    assert held(look("fleet", replace(gone, pending={}), 35, later)) == []


def turn(world: World, seconds: float, now: Mapping[int, Node]) -> World:
    """Everything is looked at again, one source after another."""
    for source in SOURCES:
        world = look(source, world, seconds, now)
    return world


def stay(world: World, seconds: range, now: Mapping[int, Node]) -> World:
    """All is looked at again and again, and stays as it is."""
    for at in seconds:
        world = turn(world, at, now)
    return world


SILENT = {**nodes(10), **nodes(4, Node(machine=False, unit=None))}
CHECKS = [
    pytest.param(20, UP, False, id="what is back is no longer held"),
    pytest.param(20, Node("TERMINATED", False, None, answers="refused"), False, id="confirmed"),
    pytest.param(20, Node(machine=False, unit=None), True, id="it settles for a while"),
    pytest.param(
        90,
        Node(machine=False, unit=None, answers="refused"),
        True,
        id="as long as its instances run, a machine's absence is not believed",
    ),
]


@pytest.mark.parametrize(("seconds", "node", "is_held"), CHECKS)
def test_a_loss_of_machines_is_checked_with_what_others_see(
    seconds: int, node: Node, is_held: bool
) -> None:
    silent = turn(seen(nodes(10), 0), 5, SILENT)
    assert ("machines", 4) in held(silent)
    later = stay(silent, range(10, seconds, 10), {**nodes(10), **nodes(4, node)})

    assert ("machines" in dict(held(later))) is is_held


def test_where_something_answers_a_machine_is_not_believed_to_be_gone() -> None:
    elsewhere = Node(instance=None)  # a machine that Compute Engine knows nothing of
    silent = {**nodes(10, elsewhere), **nodes(4, Node(None, machine=False, unit=None))}
    later = stay(seen(nodes(10, elsewhere), 0), range(5, 95, 10), silent)
    assert ("machines", 4) in held(later)

    refusing = {**silent, **nodes(4, Node(None, False, None, answers="refused"))}
    assert held(stay(later, range(95, 105, 5), refusing)) == []


def test_a_loss_of_instances_is_not_believed_while_fleet_hears_of_their_machines() -> None:
    gone = {**nodes(10), **nodes(4, Node(instance=None, answers="unreachable"))}
    later = stay(seen(nodes(10), 0), range(5, 95, 10), gone)
    (hold,) = later.holds.values()
    assert (hold.what, hold.contradicted) == ("instances", True)

    confirmed = {**nodes(10), **nodes(4, Node(None, False, None, answers="unreachable"))}
    assert held(stay(later, range(95, 105, 5), confirmed)) == []


def test_instances_that_are_reported_down_are_confirmed_by_what_no_longer_answers() -> None:
    down = {**nodes(10), **nodes(4, Node(instance="TERMINATED", answers="refused"))}
    assert held(look("compute", seen(nodes(10), 0), 5, down)) == [("instances", 4)]
    assert held(stay(seen(nodes(10), 0), range(5, 15, 5), down)) == []


def test_units_that_are_reported_down_settle_whatever_answers_there() -> None:
    down = {**nodes(10), **nodes(4, Node(unit="failed"))}
    failed = turn(seen(nodes(10), 0), 5, down)
    assert held(turn(failed, 50, down)) == [("active units", 4)]
    assert held(turn(failed, 66, down)) == []


def test_a_person_who_has_looked_ends_it() -> None:
    silent = turn(seen(nodes(10), 0), 5, SILENT)
    requests = {
        name: Request(name, Verb.ACKNOWLEDGE, hold=name, at=after(6)) for name in silent.holds
    }
    looked_at = turn(replace(silent, requests=requests), 10, SILENT)
    assert held(looked_at) == []

    again = turn(turn(looked_at, 20, nodes(10)), 25, SILENT)
    assert ("machines", 4) in held(again)


GONE = Node("TERMINATED", machine=False, unit=None, answers="refused")
ENDINGS = [
    pytest.param(20, nodes(10), "all of it is back", id="what is back"),
    pytest.param(
        20,
        {**SILENT, **nodes(4, GONE)},
        "another source confirms it",
        id="what others do not see either",
    ),
    pytest.param(
        20, {**nodes(10), 1: SILENT[1]}, "what is left of it is plausible", id="what is nearly back"
    ),
    pytest.param(20, SILENT, None, id="not what is only doubted"),
]


@pytest.mark.parametrize(("seconds", "later", "why"), ENDINGS)
def test_why_a_hold_ends(seconds: float, later: Mapping[int, Node], why: str | None) -> None:
    silent = turn(seen(nodes(10), 0), 5, SILENT)
    (hold,) = (each for each in silent.holds.values() if each.what == "machines")
    assert ending(hold, turn(silent, seconds, later), after(seconds)) == why


def test_a_hold_ends_when_it_has_settled_or_a_person_has_looked() -> None:
    down = {**nodes(10), **nodes(4, Node(unit="failed"))}
    failed = turn(seen(nodes(10), 0), 5, down)
    (hold,) = failed.holds.values()
    assert ending(hold, failed, after(60)) is None
    settled = ending(hold, turn(failed, 66, down), after(66))
    assert settled == "settled, and nothing speaks against it"

    asked = Request("r", Verb.ACKNOWLEDGE, hold=hold.name, at=after(6))
    assert ending(hold, replace(failed, requests={"r": asked}), after(60)) == "acknowledged"


def test_a_daemon_that_takes_over_counts_the_recorded_holds_anew() -> None:
    recorded = turn(seen(nodes(10), 0), 5, SILENT).holds
    (machines,) = (each for each in recorded.values() if each.what == "machines")
    own = turn(seen(nodes(10), 0), 15, SILENT)
    taken = resumed({machines.name: machines}, own, after(50))

    assert taken[machines.name].until == after(50 + SETTLE_SECONDS)
    assert sorted(each.what for each in taken.values()) == ["active units", "machines"]


# the gate


def gate(
    hold: Hold, effect: Effect, *, now: float = 10, needs: Iterable[str] = ("compute",)
) -> Any:
    kinds: Kinds = {"lamp": replace(LAMP, needs=tuple(needs))}
    return plausible(step(effect), kinds, world(lamp(), holds={hold.name: hold}), after(now))


def instances_lost(lost: int = 3, *, of: int = 3, emptied: bool = False) -> Hold:
    """Of the lamps a1, a2, ...; emptied: of all of them."""
    found = losing("compute", lost, Node(instance=None), of=of)
    (hold,) = found.holds.values()
    return replace(hold, emptied=emptied)


@pytest.mark.parametrize("effect", [Effect.REPAIR, Effect.DISRUPT, Effect.DESTROY])
def test_steps_that_rest_on_what_is_in_doubt_wait_until_it_has_settled(effect: Effect) -> None:
    hold = instances_lost()
    verdict = gate(hold, effect)

    assert (verdict.reason, verdict.until) == ("ImplausibleLoss", after(5 + SETTLE_SECONDS))
    assert hold.name in verdict.message
    assert gate(hold, effect, now=5 + SETTLE_SECONDS).passed


def test_nobody_knows_until_when_a_contradiction_lasts() -> None:
    verdict = gate(replace(instances_lost(), contradicted=True), Effect.REPAIR, now=100)
    assert (verdict.reason, verdict.until) == ("ImplausibleLoss", None)


def test_steps_that_rest_on_other_sources_go_on() -> None:
    assert gate(instances_lost(), Effect.DESTROY, needs=("keys", "fleet")).passed


def test_a_step_may_rest_on_more_than_its_kind_does() -> None:
    kinds: Kinds = {"lamp": replace(LAMP, needs=("keys",))}
    hold = instances_lost()
    proved = replace(step(Effect.REPAIR), rests_on=("compute",))
    assert not plausible(proved, kinds, world(lamp(), holds={hold.name: hold}), after(10)).passed


def test_what_was_not_lost_may_be_created() -> None:
    assert gate(instances_lost(), Effect.CREATE).passed


def test_what_was_lost_may_be_there_still_and_is_not_created_again() -> None:
    hold = instances_lost()
    lamp_a = replace(hold.lost[0], target=Target("compute", "a"))
    assert not gate(replace(hold, lost=(lamp_a,)), Effect.CREATE).passed


def test_nothing_is_created_on_the_word_of_a_source_that_turned_empty() -> None:
    assert not gate(instances_lost(emptied=True), Effect.CREATE).passed


def test_a_key_may_always_be_created_for_the_store_refuses_it_where_one_stands() -> None:
    found = losing("keys", 3, Node(registered=False))
    (hold,) = found.holds.values()
    assert gate(replace(hold, emptied=True), Effect.CREATE, needs=("keys",)).passed
    assert not gate(hold, Effect.REPAIR, needs=("keys",)).passed
