"""The registrar's rules, one address at a time and all together."""

from datetime import timedelta

import pytest

from steersman.kinds.elasticsearch.register import Phase, Standing
from steersman.model.memory import Memory
from steersman.model.observed import Probe
from steersman.model.world import Bootstrap
from tests.kinds import builders
from tests.kinds.builders import NOW, ago
from tests.kinds.elasticsearch.scene import (
    Scene,
    alone,
    good,
    ip,
    item,
    key,
    looks,
    owner,
    refused,
    state,
    unit,
)

FORMING = Bootstrap("forming", unit(1))
REMEMBERED = Memory(own={"owners": {key(node): owner(node) for node in (1, 2, 3)}})


def standing_of_3(scene: Scene, seconds_later: float = 0) -> Standing:
    return scene.assess(NOW + timedelta(seconds=seconds_later)).standings[ip(3)]


def wrongly(**fields: object) -> tuple[Probe, ...]:
    return tuple(good(3, ago(seconds), **fields) for seconds in (30, 15, 0))


NOT_REGISTERED = [
    pytest.param(looks((30, 15, 0), good, 3), "Qualified", True, id="three good looks qualify"),
    pytest.param(looks((15, 0), good, 3), "Qualifying", False, id="two good looks are too few"),
    pytest.param(looks((8, 4, 0), good, 3), "Qualifying", False, id="ten seconds have to pass"),
    pytest.param(
        (good(3, ago(30)), refused(3, ago(20)), *looks((10, 0), good, 3)),
        "Qualifying",
        False,
        id="a bad look between begins anew",
    ),
    pytest.param((), "NotProbed", False, id="a node that was never looked at waits"),
    pytest.param(looks((30, 15, 0), refused, 3), "Unreachable", False, id="no open port, no entry"),
    pytest.param(
        looks((30, 15, 0), alone, 3), "NotReady", False, id="a node without a master waits"
    ),
    pytest.param(
        wrongly(publish_ip="172.17.0.3"),
        "WrongPublishAddress",
        False,
        id="one that publishes docker's address waits",
    ),
    pytest.param(
        wrongly(publish_port=9301),
        "WrongPublishAddress",
        False,
        id="one that publishes another port waits",
    ),
    pytest.param(
        wrongly(cluster_name="elasticsearch"),
        "WrongClusterName",
        False,
        id="a node of another cluster waits",
    ),
]


@pytest.mark.parametrize(("probes", "reason", "due"), NOT_REGISTERED)
def test_who_gets_registered(probes: tuple[Probe, ...], reason: str, due: bool) -> None:
    standing = standing_of_3(Scene(items={3: None}, probes={3: probes}))

    assert (standing.reason, standing.due) == (reason, due)
    assert not standing.kept


def test_while_the_cluster_forms_a_node_without_a_master_qualifies() -> None:
    scene = Scene(
        bootstrap=FORMING,
        items={1: None, 2: None, 3: None},
        probes={3: looks((30, 15, 0), alone, 3)},
    )
    assert standing_of_3(scene).due


def test_a_node_of_another_cluster_does_not_qualify_even_while_forming() -> None:
    scene = Scene(
        bootstrap=FORMING, items={3: None}, probes={3: wrongly(cluster_name="elasticsearch")}
    )
    assert standing_of_3(scene).reason == "WrongClusterName"


def test_when_all_seeds_are_lost_the_first_node_qualifies_without_a_master() -> None:
    scene = Scene(
        items={1: None, 2: None, 3: None},
        probes={n: looks((30, 15, 0), alone, n) for n in (1, 2, 3)},
    )
    assert standing_of_3(scene).due


STAYS = [
    pytest.param((30, 15, 0), alone, id="a node without a master is still a seed"),
    pytest.param(
        (30, 15, 0),
        lambda n, at: good(n, at, http_status=None, master=None),
        id="a node that is too busy to answer is still a seed",
    ),
    pytest.param(
        (600, 585, 570, 555, 540, 15, 0),
        lambda n, at: alone(n, at, publish_ip=None, http_status=500),
        id="no number of soft failures removes a node",
    ),
]


@pytest.mark.parametrize(("looked", "make"), STAYS)
def test_soft_failures_never_remove(looked: tuple[float, ...], make: object) -> None:
    standing = standing_of_3(Scene(probes={3: looks(looked, make, 3)}))

    assert (standing.phase, standing.kept) == (Phase.PRESENT, True)


SILENT = [
    pytest.param((0,), Phase.SUSPECT, True, id="one hard failure raises a suspicion"),
    pytest.param((15, 0), Phase.SUSPECT, True, id="two are too few to give a node up"),
    pytest.param((10, 5, 0), Phase.SUSPECT, True, id="three within ten seconds are too quick"),
    pytest.param((30, 15, 0), Phase.LEAVING, False, id="three over thirty seconds give it up"),
]


@pytest.mark.parametrize(("looked", "phase", "kept"), SILENT)
def test_a_silent_node_is_suspected_then_given_up(
    looked: tuple[float, ...], phase: Phase, kept: bool
) -> None:
    probes = (good(3, ago(looked[0] + 15)), *looks(looked, refused, 3))
    standing = standing_of_3(Scene(probes={3: probes}))

    assert (standing.phase, standing.kept, standing.due) == (phase, kept, False)


def test_one_good_look_clears_a_suspicion() -> None:
    probes = (*looks((60, 45, 30, 15), refused, 3), good(3))
    assert standing_of_3(Scene(probes={3: probes})).phase is Phase.PRESENT


def test_a_silent_node_leaves_a_minute_after_its_last_refresh() -> None:
    """The last refresh was five seconds ago, as the key's expiry tells."""
    scene = Scene(probes={3: looks((30, 15, 0), refused, 3)})

    assert standing_of_3(scene).until == NOW + timedelta(seconds=55)
    assert not standing_of_3(scene, 54).due
    late = replace_probes(scene, looks((30, 15, 0, -15, -30, -45), refused, 3))
    assert standing_of_3(late, 55).due


def test_an_expiry_that_nobody_was_told_of_does_not_shorten_the_grace() -> None:
    """etcd v2 wakes no watch for a refresh, so the expiry that was seen may be long past."""
    old = item(3, expires_at=ago(100))
    scene = Scene(probes={3: looks((30, 15, 0), refused, 3)}, items={3: old})

    assert standing_of_3(scene).until == NOW + timedelta(seconds=45)


def test_a_node_that_died_silently_is_gone_within_105_seconds() -> None:
    """First look at its closed port 15 s after its death, at the ordinary interval."""
    died = ago(105)
    looked = [90 - 15 * n for n in range(7)]
    old = item(3, expires_at=ago(-300 + 75))  # beaten until it was given up, at 60 s
    scene = Scene(probes={3: (good(3, died), *looks(looked, refused, 3))}, items={3: old})

    assert standing_of_3(scene).due


def test_probes_that_are_too_old_give_nobody_up() -> None:
    scene = Scene(probes={3: looks((100, 85, 70), refused, 3)})
    assert standing_of_3(scene).phase is Phase.SUSPECT


def replace_probes(scene: Scene, probes: tuple[Probe, ...]) -> Scene:
    return Scene(probes={3: probes}, items=scene.items)


TERMINATED = builders.instance("core3", status="TERMINATED", since=ago(5))
DEAD = [
    pytest.param(
        Scene(states={3: state(3, "failed", "failed", since=ago(2))}),
        "UnitStopped",
        id="a failed unit is dead",
    ),
    pytest.param(
        Scene(states={3: state(3, "inactive", "dead", since=ago(2))}),
        "UnitStopped",
        id="a stopped unit is dead",
    ),
    pytest.param(
        Scene(instances={3: TERMINATED}), "InstanceStopped", id="a terminated instance is dead"
    ),
    pytest.param(
        Scene(instances={3: None}, memory=REMEMBERED),
        "InstanceGone",
        id="an instance that is gone is dead",
    ),
    pytest.param(
        Scene(instances={3: None}, changes={"departed": {ip(3): ago(5)}}),
        "InstanceGone",
        id="an instance that is gone is dead, though nobody knew it when it was registered",
    ),
    pytest.param(
        Scene(instances={3: builders.instance("core3", id="77")}, memory=REMEMBERED),
        "AddressReused",
        id="an instance of the same name with another id is another one",
    ),
]


@pytest.mark.parametrize(("scene", "reason"), DEAD)
def test_the_dead_leave_at_once(scene: Scene, reason: str) -> None:
    last_seen_alive = Scene(
        states=scene.states,
        instances=scene.instances,
        memory=scene.memory,
        changes=scene.changes,
        probes={3: (good(3, ago(20)), refused(3, ago(1)))},
    )
    standing = standing_of_3(last_seen_alive)

    assert (standing.reason, standing.dead, standing.due) == (reason, True, True)


NOT_DEAD = [
    pytest.param(
        Scene(states={3: state(3, "failed", "failed", since=ago(60))}),
        id="a container that outlives its unit still serves",
    ),
    pytest.param(
        Scene(instances={3: builders.instance("core3", status="TERMINATED", since=ago(60))}),
        id="an instance that answers is not terminated, the list is old",
    ),
    pytest.param(
        Scene(instances={3: None}, memory=REMEMBERED),
        id="an instance that answers is not gone, the list is old",
    ),
    pytest.param(
        Scene(instances={3: None}, changes={"departed": {ip(3): ago(5)}}),
        id="who answers is at its address, the list is old",
    ),
    pytest.param(
        Scene(states={3: None}), id="a unit that fleet does not report at the moment may run"
    ),
    pytest.param(
        Scene(states={3: state(3, "deactivating", "stop-sigterm")}),
        id="a unit that is stopping has not stopped",
    ),
]


@pytest.mark.parametrize("scene", NOT_DEAD)
def test_who_answers_is_not_dead(scene: Scene) -> None:
    assert standing_of_3(scene).phase is Phase.PRESENT


def test_an_instance_in_a_zone_that_does_not_answer_is_not_gone() -> None:
    scene = Scene(
        instances={3: None},
        memory=REMEMBERED,
        unreachable=frozenset({builders.ZONE}),
        probes={3: (good(3, ago(15)), refused(3))},
    )
    assert standing_of_3(scene).phase is Phase.SUSPECT


@pytest.mark.parametrize(
    ("scene", "seconds"),
    [
        pytest.param(DEAD[0].values[0], 16, id="an old fleet snapshot proves nothing"),
        pytest.param(DEAD[3].values[0], 46, id="an old list of instances proves nothing"),
    ],
)
def test_proof_needs_a_fresh_observation(scene: Scene, seconds: float) -> None:
    blinking = Scene(
        states=scene.states,
        instances=scene.instances,
        memory=scene.memory,
        probes={3: (refused(3, ago(1)),)},
    )
    assert not standing_of_3(blinking, seconds).dead


def removed(*seconds_ago: float) -> Memory:
    times = [ago(each).isoformat() for each in seconds_ago]
    return Memory(own={"removals": {key(3): times}})


HELD = [
    pytest.param((10,), 20, id="a removed node stays out for thirty seconds"),
    pytest.param((200, 10), 20, id="a second removal does not lengthen that"),
    pytest.param((400, 200, 10), 50, id="the third within ten minutes doubles it"),
    pytest.param((500, 400, 200, 10), 110, id="the fourth doubles it again"),
    pytest.param((900, 800, 700, 10), 20, id="removals of long ago do not count"),
    pytest.param(
        tuple(range(590, 0, -58)), 590, id="however often it flaps, it is ten minutes at most"
    ),
]


@pytest.mark.parametrize(("seconds_ago", "left"), HELD)
def test_hold_down(seconds_ago: tuple[float, ...], left: float) -> None:
    scene = Scene(items={3: None}, memory=removed(*seconds_ago))
    standing = standing_of_3(scene)

    assert (standing.reason, standing.due) == ("HoldDown", False)
    assert standing.until == NOW + timedelta(seconds=left)


def test_after_the_hold_down_only_what_was_seen_since_the_removal_counts() -> None:
    before = Scene(items={3: None}, memory=removed(40), probes={3: looks((60, 50, 0), good, 3)})
    since = Scene(items={3: None}, memory=removed(40), probes={3: looks((30, 15, 0), good, 3)})

    assert not standing_of_3(before).due
    assert standing_of_3(since).due


def test_blindness_freezes_the_silent_and_still_removes_the_dead() -> None:
    silent = {node: looks((60, 30, 15, 0), refused, node) for node in (1, 2, 3)}
    registrar = Scene(probes=silent, instances={3: TERMINATED}).assess()

    assert registrar.blind
    assert [registrar.standings[ip(n)].reason for n in (1, 2)] == ["RegistrarBlind"] * 2
    assert all(registrar.standings[ip(n)].kept for n in (1, 2))
    assert registrar.standings[ip(3)].dead


def test_half_of_five_nodes_is_not_yet_blindness_but_three_are() -> None:
    def blind(count: int) -> bool:
        silent = {n: looks((30, 15, 0), refused, n) for n in range(1, count + 1)}
        return Scene(nodes=(1, 2, 3, 4, 5), probes=silent).assess().blind

    assert (blind(2), blind(3)) == (False, True)


def test_who_was_silent_while_we_were_blind_gets_its_grace_afterwards() -> None:
    """Node 2 was reached again just now; node 3 has not been for minutes."""
    looked = tuple(range(180, -1, -15))
    scene = Scene(
        probes={
            2: (*looks(looked[:-1], refused, 2), good(2)),
            3: looks(looked, refused, 3),
        },
        items={3: item(3, expires_at=ago(100))},
    )
    registrar = scene.assess()

    assert not registrar.blind
    assert registrar.standings[ip(3)].until == ago(15) + timedelta(seconds=60)


def test_silence_alone_leaves_a_quorum_of_seeds() -> None:
    """Of three expected nodes two are registered; the third never came."""
    scene = Scene(items={1: None}, probes={3: looks((300, 150, 30, 15, 0), refused, 3)})
    standing = standing_of_3(scene)

    assert (standing.phase, standing.reason, standing.kept) == (Phase.SUSPECT, "LastSeed", True)


def test_the_longest_silent_leaves_when_only_one_may() -> None:
    """Of seven expected nodes, whose quorum is four, five are registered."""
    silent = {6: looks((60, 45, 30, 15, 0), refused, 6), 7: looks((90, 75, 45, 0), refused, 7)}
    items = {1: None, 2: None, 6: item(6, expires_at=NOW), 7: item(7, expires_at=NOW)}
    scene = Scene(nodes=(1, 2, 3, 4, 5, 6, 7), probes=silent, items=items)
    phases = {at: each.phase for at, each in scene.assess().standings.items()}

    assert (phases[ip(6)], phases[ip(7)]) == (Phase.SUSPECT, Phase.LEAVING)
