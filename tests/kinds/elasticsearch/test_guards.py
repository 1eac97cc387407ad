"""The guards: who may start, and whom the cluster can spare."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from steersman.kinds.elasticsearch import KIND
from steersman.model.kind import Verdict
from steersman.model.memory import Memory
from steersman.model.observed import KeysSnapshot
from steersman.model.plan import Action, Effect, Step, Target
from steersman.model.resource import Key
from steersman.model.world import Bootstrap
from tests.kinds.builders import NOW, ago
from tests.kinds.elasticsearch.scene import (
    UNIT,
    Scene,
    alone,
    good,
    item,
    key,
    looks,
    owner,
    refused,
    state,
    unit,
    written_by,
)

FORMING = Bootstrap("forming", unit(1))
FIRST_START = Scene(
    bootstrap=FORMING, items={1: None, 2: None, 3: None}, probes={1: (), 2: (), 3: ()}
)
LOST = Scene(items={1: None, 2: None, 3: None}, probes={n: (refused(n),) for n in (1, 2, 3)})


@dataclass(frozen=True)
class LaunchUnit(Action):
    """The unit kind's, as far as a guard can see it."""


@dataclass(frozen=True)
class LoadUnit(Action):
    pass


@dataclass(frozen=True)
class ReplaceUnit(Action):
    pass


def asked(scene: Scene, node: int, action: Action, effect: Effect, key: Key = UNIT) -> Verdict:
    step = Step(key, Target("fleet", unit(node)), action, "Because", effect)
    assert KIND.guards is not None
    return KIND.guards(scene.document, step, scene.world(), NOW)


def launch(scene: Scene, node: int) -> str:
    verdict = asked(scene, node, LaunchUnit(), Effect.CREATE)
    return "may start" if verdict.passed else verdict.reason


STARTS = [
    pytest.param(
        replace(FIRST_START, bootstrap=None),
        ["BootstrapForming"] * 3,
        id="nobody starts before it is recorded who does so alone",
    ),
    pytest.param(
        FIRST_START,
        ["may start", "BootstrapForming", "BootstrapForming"],
        id="only the seed starts while the cluster forms",
    ),
    pytest.param(
        replace(FIRST_START, bootstrap=Bootstrap("forming", unit(2))),
        ["BootstrapForming", "may start", "BootstrapForming"],
        id="the seed is the one that was recorded",
    ),
    pytest.param(
        replace(
            FIRST_START,
            items={1: item(1, since=ago(30)), 2: None, 3: None},
            probes={1: (alone(1),)},
        ),
        ["may start", "BootstrapForming", "BootstrapForming"],
        id="a seed that was registered just now may still find itself a master",
    ),
    pytest.param(
        replace(
            FIRST_START,
            items={1: item(1, since=ago(61)), 2: None, 3: None},
            probes={1: (alone(1),)},
        ),
        ["may start", "may start", "may start"],
        id="a seed that finds no master for a minute needs others for its quorum",
    ),
    pytest.param(
        Scene(items={2: None, 3: None}, probes={2: (), 3: ()}),
        ["may start", "may start", "may start"],
        id="once formed whoever finds another registered node starts",
    ),
    pytest.param(
        LOST,
        ["may start", "LostAllSeeds", "LostAllSeeds"],
        id="when nobody is left the lowest starts alone",
    ),
    pytest.param(
        Scene(probes={n: (refused(n),) for n in (1, 2, 3)}),
        ["may start", "LostAllSeeds", "LostAllSeeds"],
        id="a registration that nobody stands behind is no seed",
    ),
    pytest.param(
        Scene(
            states={n: state(n, "failed", "failed", since=ago(2)) for n in (1, 2, 3)},
            probes={n: (good(n, ago(5)),) for n in (1, 2, 3)},
        ),
        ["may start", "LostAllSeeds", "LostAllSeeds"],
        id="when all have crashed, what they answered before makes none of them a seed",
    ),
    pytest.param(
        replace(LOST, items={1: None, 2: item(2), 3: None}, probes={2: (alone(2),)}),
        ["may start", "LostAllSeeds", "may start"],
        id="a node does not join itself",
    ),
    pytest.param(
        Scene(changes={"keys": KeysSnapshot(ago(300))}),
        ["RegistryUnknown"] * 3,
        id="nobody starts while the registry cannot be read",
    ),
    pytest.param(
        replace(FIRST_START, document=written_by("none")),
        ["may start"] * 3,
        id="without registration everybody starts",
    ),
]


@pytest.mark.parametrize(("scene", "said"), STARTS)
def test_who_may_start(scene: Scene, said: list[str]) -> None:
    assert [launch(scene, node) for node in (1, 2, 3)] == said


def test_the_others_are_told_until_when_the_seed_may_be_alone() -> None:
    scene = replace(
        FIRST_START, items={1: item(1, since=ago(30)), 2: None}, probes={1: (alone(1),)}
    )
    verdict = asked(scene, 2, LaunchUnit(), Effect.CREATE)
    assert verdict.until == NOW + timedelta(seconds=30)


def test_a_replaced_unit_that_starts_is_held_like_a_start() -> None:
    assert asked(LOST, 2, ReplaceUnit(), Effect.REPAIR).reason == "LostAllSeeds"


STOPS = [
    pytest.param(Scene(), "", id="a healthy cluster spares one node"),
    pytest.param(
        Scene(items={1: None}), "ClusterNotHealthy", id="not while another is unregistered"
    ),
    pytest.param(
        Scene(probes={1: (refused(1),)}),
        "ClusterNotHealthy",
        id="not while another cannot be reached",
    ),
    pytest.param(
        Scene(probes={1: (alone(1),)}), "ClusterNotHealthy", id="not while another has no master"
    ),
    pytest.param(
        Scene(probes={3: (good(3, master="elasticsearch-3"),)}),
        "ClusterNotHealthy",
        id="not while two follow different masters",
    ),
    pytest.param(
        Scene(items={1: None}, probes={2: (good(2, cluster_name="elasticsearch"),)}),
        "",
        id="a node that is not in the cluster takes nothing from it",
    ),
    pytest.param(Scene(nodes=(2,)), "", id="a cluster of one has nobody to ask"),
]


@pytest.mark.parametrize(("scene", "reason"), STOPS)
@pytest.mark.parametrize("effect", [Effect.DISRUPT, Effect.DESTROY])
def test_whom_the_cluster_can_spare(scene: Scene, reason: str, effect: Effect) -> None:
    """Node 2 is to be stopped."""
    verdict = asked(scene, 2, LoadUnit(), effect)
    assert (verdict.passed, verdict.reason) == (not reason, reason)


def deletion(node: int, scene: Scene, disrupts: tuple[Key, ...] = (UNIT,)) -> Verdict:
    step = Step(
        Key("nodepool", "core"),
        Target("compute", f"core{node}"),
        LoadUnit(),
        "Because",
        Effect.DESTROY,
        disrupts=disrupts,
    )
    assert KIND.guards is not None
    return KIND.guards(scene.document, step, scene.world(), NOW)


@pytest.mark.parametrize(("scene", "reason"), STOPS)
def test_which_machine_the_cluster_can_spare(scene: Scene, reason: str) -> None:
    """The machine of node 2 is to be deleted."""
    verdict = deletion(2, scene)
    assert (verdict.passed, verdict.reason) == (not reason, reason)


def test_a_machine_without_a_node_is_not_ours_to_hold() -> None:
    assert deletion(9, Scene(items={1: None})).passed
    assert deletion(2, Scene(items={1: None}), disrupts=()).passed


@pytest.mark.parametrize("health", ["yellow", "red", None])
def test_nobody_goes_for_good_while_a_copy_may_be_only_there(health: str | None) -> None:
    scene = Scene(probes={1: (good(1, health=health),)})
    assert deletion(2, scene).reason == "ClusterNotHealthy"
    assert asked(scene, 2, LoadUnit(), Effect.DISRUPT).passed


def test_an_instance_that_is_no_longer_asked_for_is_a_node_still() -> None:
    """Node 3 is to be destroyed; the document asks for two."""
    two = {"instances": f"{unit(1)},{unit(2)}"}
    memory = Memory(own={"owners": {key(3): owner(3)}})
    scene = Scene(facts=two, memory=memory, items={1: None})
    assert asked(scene, 3, LoadUnit(), Effect.DESTROY).message == f"{unit(1)} is not registered"


@pytest.mark.parametrize("desired", ["loaded", "inactive"])
def test_where_no_node_is_asked_to_run_those_that_stopped_are_not_missed(desired: str) -> None:
    facts = {"instances": f"{unit(1)},{unit(2)}", "desired": desired}
    scene = Scene(items={1: None}, facts=facts)
    assert asked(scene, 2, LoadUnit(), Effect.DISRUPT).passed
    assert not deletion(2, scene).passed, "its machine has disks, and it runs still"


def test_the_repair_of_a_crashed_node_is_never_held() -> None:
    scene = Scene(items={1: None, 3: None}, probes={n: (refused(n),) for n in (1, 2, 3)})
    assert asked(scene, 2, LoadUnit(), Effect.REPAIR).passed


def test_steps_of_other_resources_are_not_ours_to_hold() -> None:
    other = Key("nodepool", "core")
    assert asked(FIRST_START, 2, LaunchUnit(), Effect.CREATE, other).passed


def test_a_rolling_restart_waits_for_the_node_before() -> None:
    """Node 1 was restarted and is in the cluster again, but not registered yet."""
    scene = Scene(items={1: None}, probes={1: looks((15, 0), good, 1)})
    verdict = asked(scene, 2, LoadUnit(), Effect.DISRUPT)

    assert verdict.message == "elasticsearch@1.service is not registered"
