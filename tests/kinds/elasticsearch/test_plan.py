"""Drift and plan: what is written, removed and recorded, and when nothing is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from steersman.kinds.elasticsearch import KIND
from steersman.kinds.elasticsearch.plan import Register
from steersman.kinds.elasticsearch.probes import STRANGERS_MAX
from steersman.model.memory import Memory
from steersman.model.observed import ElasticsearchSnapshot, KeyItem, KeysSnapshot
from steersman.model.plan import Effect, Plan, Step
from steersman.model.world import Bootstrap
from tests.kinds.builders import NOW, ago
from tests.kinds.elasticsearch.scene import (
    PATH,
    VALUE,
    Scene,
    alone,
    document,
    good,
    ip,
    item,
    key,
    looks,
    owner,
    refused,
    state,
    told,
    unit,
    written_by,
)

RECORD = "/steersman/bootstrap/es-prod"
FORMING = Bootstrap("forming", unit(1))
NOBODY = {1: None, 2: None, 3: None}
LEAF = KeyItem(PATH, VALUE, 30, since=ago(60))
FORMER = KeyItem("/services/es-of-old/10.0.0.1", VALUE, 7)
WROTE_FORMER = Memory().with_own(owners={FORMER.key: owner(1)})

PLANS = [
    pytest.param(Scene(), [], id="a cluster as it should be needs nothing"),
    pytest.param(
        Scene(items={2: None}),
        [("Register", key(2), "Qualified")],
        id="a registration that somebody removed comes back",
    ),
    pytest.param(
        Scene(items={2: item(2, '{"http_port":9200,"transport_port":9300}')}),
        [("Register", key(2), "ValueDiffers")],
        id="a value of other bytes is rewritten",
    ),
    pytest.param(
        Scene(items={2: item(2, expires_at=None)}),
        [("Register", key(2), "ValueDiffers")],
        id="a registration that never expires is rewritten",
    ),
    pytest.param(
        Scene(states={2: state(2, "failed", "failed")}, probes={2: (refused(2),)}),
        [("Deregister", key(2), "UnitStopped")],
        id="the registration of a dead node goes",
    ),
    pytest.param(
        Scene(more_keys=(FORMER,), memory=WROTE_FORMER),
        [("Deregister", FORMER.key, "PathMoved")],
        id="what we registered under another path goes",
    ),
    pytest.param(
        Scene(more_keys=(FORMER,), memory=WROTE_FORMER, items={2: None}),
        [("Register", key(2), "Qualified")],
        id="once all that live are registered under the new one",
    ),
    pytest.param(
        Scene(more_keys=(FORMER,)), [], id="what somebody else registered elsewhere stays"
    ),
    pytest.param(
        Scene(document=written_by("sidekick"), more_keys=(FORMER,), memory=WROTE_FORMER),
        [],
        id="with a sidekick that writes, all of it is the sidekick's",
    ),
    pytest.param(
        Scene(probes={2: looks((15, 0), refused, 2)}), [], id="a suspect keeps its registration"
    ),
    pytest.param(
        Scene(more_keys=(LEAF,), items=NOBODY),
        [("RepairDirectory", PATH, "NotADirectory")],
        id="a key in the directory's place goes before anything is registered",
    ),
    pytest.param(
        Scene(more_keys=(replace(item(9), key=f"{PATH}/10.0.0.9"),)),
        [],
        id="a key of nobody that expires is left to expire",
    ),
    pytest.param(
        Scene(
            more_keys=(
                replace(item(9), expires_at=None),
                KeyItem(f"{PATH}/10.0.0.1/meta", "x", 7),
                KeyItem(f"{PATH}/localhost", "x", 7),
            )
        ),
        [],
        id="keys that are not ours are never removed",
    ),
    pytest.param(
        Scene(bootstrap=None, items=NOBODY, probes={1: (), 2: (), 3: ()}),
        [("RecordBootstrap", RECORD, "NoRecord")],
        id="who starts alone is recorded before anybody starts",
    ),
    pytest.param(
        Scene(bootstrap=None),
        [("RecordBootstrap", RECORD, "HasMaster")],
        id="a cluster that was there before its document counts as formed",
    ),
    pytest.param(
        Scene(bootstrap=FORMING, items={2: None, 3: None}, probes={2: (), 3: ()}),
        [("RecordBootstrap", RECORD, "HasMaster")],
        id="the cluster is formed once its registered seed has a master",
    ),
    pytest.param(
        Scene(
            bootstrap=FORMING,
            items={2: None, 3: None},
            probes={1: looks((30, 15, 0), alone, 1), 2: (), 3: ()},
        ),
        [],
        id="a registered seed without a master has formed nothing yet",
    ),
    pytest.param(
        Scene(bootstrap=FORMING, probes={3: (good(3, master="elasticsearch-3"),)}),
        [],
        id="nodes that follow different masters have not formed a cluster",
    ),
    pytest.param(
        Scene(bootstrap=FORMING, items=NOBODY, probes={2: (), 3: ()}),
        [("Register", key(1), "Qualified")],
        id="a seed with a master is registered before the cluster counts as formed",
    ),
    pytest.param(
        Scene(document=written_by("sidekick"), items={2: None}),
        [],
        id="a sidekick's registrations are only looked at",
    ),
    pytest.param(
        Scene(document=written_by("sidekick"), bootstrap=None),
        [("RecordBootstrap", RECORD, "HasMaster")],
        id="the first start is recorded for a sidekick's cluster too",
    ),
    pytest.param(
        Scene(document=written_by("none"), items=NOBODY, bootstrap=None),
        [],
        id="without registration nothing is written at all",
    ),
    pytest.param(
        Scene(facts={}, states={2: state(2, "failed", "failed")}, items={3: None}),
        [],
        id="while the unit tells no instances nothing is written",
    ),
    pytest.param(
        Scene(items={2: None}, changes={"elasticsearch": ElasticsearchSnapshot()}),
        [],
        id="before the nodes were looked at nothing is written",
    ),
    pytest.param(
        Scene(changes={"keys": KeysSnapshot()}),
        [],
        id="before the keys were read nothing is written",
    ),
]


@pytest.mark.parametrize(("scene", "steps"), PLANS)
def test_plan(scene: Scene, steps: list[tuple[str, str, str]]) -> None:
    assert told(scene.plan()) == steps


def only(plan: Plan) -> Step:
    (step,) = plan.steps
    return step


def test_a_registration_has_the_bytes_that_the_shell_writes_and_a_time_to_live() -> None:
    step = only(Scene(items={2: None}).plan())

    assert step.action == Register(key(2), VALUE, 300, owner(2), None)
    assert step.effect is Effect.CREATE
    assert KIND.attributes(step) == {"owner": owner(2)}


def test_a_rewrite_names_what_it_replaces() -> None:
    wrong = item(2, "10.0.0.2:9200")
    step = only(Scene(items={2: wrong}).plan())

    assert step.action == Register(key(2), VALUE, 300, owner(2), wrong)
    assert step.effect is Effect.REPAIR
    assert "10.0.0.2:9200" in step.message


def test_a_removal_rests_on_the_source_that_proves_the_death() -> None:
    scene = Scene(states={2: state(2, "failed", "failed")}, probes={2: (refused(2),)})
    assert only(scene.plan()).rests_on == ("fleet",)


def test_the_seed_is_the_lowest_instance_by_number() -> None:
    nodes = (10, 2, 11)
    scene = Scene(nodes=nodes, bootstrap=None, items=dict.fromkeys(nodes), probes={10: ()})
    names = ",".join(map(unit, nodes))
    step = only(replace(scene, facts={"instances": names}, probes=dict.fromkeys(nodes, ())).plan())

    assert step.message.startswith("elasticsearch@2.service")


def test_steps_carry_what_differs() -> None:
    step = only(Scene(items={2: None}).plan())
    assert [(each.desired, each.observed) for each in step.differences] == [(VALUE, "absent")]


def test_a_hold_down_is_looked_at_again_when_it_ends() -> None:
    memory = Memory(own={"removals": {key(2): [ago(10).isoformat()]}})
    plan = Scene(items={2: None}, memory=memory).plan()

    assert plan.steps == ()
    assert plan.look_again == NOW + timedelta(seconds=20)
    assert [(each.target, each.reason) for each in plan.waits] == [(f"keys:{key(2)}", "HoldDown")]


def test_nothing_is_known_before_every_source_was_read() -> None:
    scene = Scene(changes={"elasticsearch": ElasticsearchSnapshot()})
    assert KIND.diff(scene.document, scene.cluster()).known is False


def test_drift_names_each_key_that_is_not_as_it_should_be() -> None:
    scene = Scene(
        items={1: item(1, "other"), 2: None},
        states={3: state(3, "failed", "failed")},
        probes={3: (refused(3),)},
    )
    drift = KIND.diff(scene.document, scene.cluster())

    assert [(each.target, each.desired, each.observed) for each in drift.differences] == [
        (key(1), VALUE, "other"),
        (key(2), VALUE, "absent"),
        (key(3), "absent", VALUE),
    ]


def test_a_node_that_is_down_is_no_drift_of_the_registrations() -> None:
    scene = Scene(items={3: None}, probes={3: (refused(3),)})
    assert not KIND.diff(scene.document, scene.cluster())


KEPT = [
    pytest.param(Scene(), [1, 2, 3], id="every registered node is kept"),
    pytest.param(Scene(items={2: None}), [1, 3], id="what is not registered is not"),
    pytest.param(Scene(probes={3: looks((15, 0), refused, 3)}), [1, 2, 3], id="a suspect is kept"),
    pytest.param(
        Scene(probes={3: looks((30, 15, 0), refused, 3)}), [1, 2], id="who was given up is not"
    ),
    pytest.param(
        Scene(probes={n: looks((30, 15, 0), refused, n) for n in (1, 2, 3)}),
        [1, 2, 3],
        id="all are kept while we are blind",
    ),
    pytest.param(
        Scene(states={3: state(3, "failed", "failed")}, probes={3: (refused(3),)}),
        [1, 2],
        id="the dead are not",
    ),
    pytest.param(
        Scene(items={2: item(2, "other"), 3: item(3, expires_at=None)}),
        [1],
        id="what is to be rewritten is not",
    ),
    pytest.param(Scene(facts={}), [1, 2, 3], id="all are kept while the unit tells nothing"),
    pytest.param(
        Scene(changes={"elasticsearch": ElasticsearchSnapshot()}),
        [1, 2, 3],
        id="all are kept before the nodes were looked at",
    ),
    pytest.param(
        Scene(more_keys=(replace(item(9), key=f"{PATH}/10.0.0.9"),)),
        [1, 2, 3],
        id="a stranger's key is not",
    ),
    pytest.param(Scene(document=written_by("sidekick")), [], id="a sidekick keeps its own"),
]


@pytest.mark.parametrize(("scene", "nodes"), KEPT)
def test_keepalives(scene: Scene, nodes: list[int]) -> None:
    found = KIND.keepalives(scene.document, scene.world(), NOW)
    assert [each.key for each in found] == [key(node) for node in nodes]


def test_a_released_document_keeps_its_registrations() -> None:
    scene = Scene(facts={})
    world = replace(scene.world(), resources={}, released={scene.document.key: scene.document})

    assert len(KIND.keepalives(scene.document, world, NOW)) == 3


def test_a_keepalive_says_how_often_and_for_how_long() -> None:
    own = document(registration={"ttlSeconds": 120, "refreshSeconds": 20})
    first = KIND.keepalives(own, Scene(document=own).world(), NOW)[0]

    assert (first.ttl_seconds, first.period_seconds, first.revision) == (120, 20, 41)


def test_probes_go_to_every_instance_and_every_registered_address() -> None:
    stranger = replace(item(9), key=f"{PATH}/10.0.0.9")
    junk = KeyItem(f"{PATH}/10.0.0.1/meta", "x", 7)
    scene = Scene(items={2: None}, more_keys=(stranger, junk))
    found = KIND.probes(scene.document, scene.world())

    assert {each.ip for each in found} == {ip(1), ip(2), ip(3), "10.0.0.9"}


def test_whoever_registers_without_end_makes_no_look_at_our_nodes_come_late() -> None:
    strangers = [replace(item(9), key=f"{PATH}/10.0.1.{number}") for number in range(100)]
    scene = Scene(more_keys=tuple(strangers))
    found = {each.ip for each in KIND.probes(scene.document, scene.world())}

    assert {ip(1), ip(2), ip(3)} <= found
    assert len(found) == 3 + STRANGERS_MAX


def test_a_node_that_moved_is_looked_at_in_both_places() -> None:
    moved = replace(state(3), machine_id="machine2")
    found = KIND.probes(document(), Scene(states={2: None, 3: moved}, items={3: None}).world())

    assert {ip(2), ip(3)} <= {each.ip for each in found}
