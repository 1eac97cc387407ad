"""Steps applied to a world lead to one that needs none, and nothing is emptied on the way."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from steersman.kinds.elasticsearch import KIND
from steersman.kinds.elasticsearch.plan import (
    Deregister,
    RecordBootstrap,
    Register,
    RepairDirectory,
)
from steersman.model.memory import Memory
from steersman.model.observed import KeyItem
from steersman.model.outcome import Outcome
from steersman.model.plan import Step
from steersman.model.world import Bootstrap
from tests.kinds.builders import NOW, ago
from tests.kinds.elasticsearch.scene import (
    PATH,
    VALUE,
    Scene,
    good,
    ip,
    item,
    key,
    looks,
    refused,
    state,
    unit,
)

STEPS_MAX = 20
NODES = (1, 2, 3)
REGISTRATIONS = ("right", "absent", "wrong", "eternal")
BOOTSTRAPS = (None, Bootstrap("forming", unit(1)), Bootstrap("formed", unit(1)))


def registration(node: int, how: str) -> KeyItem | None:
    match how:
        case "absent":
            return None
        case "wrong":
            return item(node, "wrong")
        case "eternal":
            return item(node, expires_at=None)
        case _:
            return item(node)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Nodes that run well or have crashed, registrations in every state."""
    crashed = draw(st.sets(st.sampled_from(NODES)))
    registered = {node: draw(st.sampled_from(REGISTRATIONS)) for node in NODES}
    leaf = (KeyItem(PATH, VALUE, 9),) if draw(st.booleans()) else ()
    return Scene(
        probes={node: looks((30, 15, 0), refused, node) for node in crashed},
        states={node: state(node, "failed", "failed", since=ago(40)) for node in crashed},
        items={node: registration(node, how) for node, how in registered.items()},
        more_keys=leaf,
        bootstrap=draw(st.sampled_from(BOOTSTRAPS)),
    )


def applied(step: Step, scene: Scene) -> Scene:
    node = next((each for each in NODES if key(each) == step.target.name), 0)
    outcome = Outcome(
        step.key, step.target, step.action.name, step.effect, NOW, attributes=KIND.attributes(step)
    )
    memory = KIND.remember(scene.memory, outcome)
    survived = Memory(own=json.loads(json.dumps(dict(memory.own))))
    after = replace(scene, memory=survived)
    match step.action:
        case Register(value=value):
            assert value == VALUE
            return replace(after, items={**scene.items, node: item(node)})
        case Deregister():
            return replace(after, items={**scene.items, node: None})
        case RepairDirectory():
            return replace(after, more_keys=())
        case RecordBootstrap(phase=phase, seed=seed):
            return replace(after, bootstrap=Bootstrap(phase, seed))
        case _:
            raise AssertionError(step)


def converged(scene: Scene) -> Scene:
    for _ in range(STEPS_MAX):
        steps = scene.plan().steps
        if not steps:
            return scene
        scene = applied(steps[0], scene)
    raise AssertionError(scene.plan())


@given(scenes())
def test_every_world_settles_with_the_living_registered_and_the_dead_not(scene: Scene) -> None:
    end = converged(scene)
    living = [ip(node) for node in NODES if node not in scene.probes]

    assert [member.ip for member in end.cluster().registered] == living
    assert all(
        member.item == item(node)
        for node in NODES
        if (member := end.cluster().members[ip(node)]).item
    )
    assert not KIND.diff(end.document, end.cluster())


@given(scenes())
def test_a_plan_is_the_same_when_it_is_made_again(scene: Scene) -> None:
    assert scene.plan() == scene.plan()


@given(
    st.lists(
        st.lists(st.sampled_from(["open", "refused"]), min_size=1, max_size=12),
        min_size=3,
        max_size=3,
    ),
    st.integers(1, 20),
)
def test_silence_alone_never_takes_more_than_a_minority(
    histories: list[list[str]], period: int
) -> None:
    """Whatever the probes say: without proof of death a quorum of seeds stays registered."""
    scene = Scene(
        probes={
            node: tuple(
                (good if how == "open" else refused)(node, ago(period * at))
                for at, how in reversed(list(enumerate(history)))
            )
            for node, history in zip(NODES, histories, strict=True)
        }
    )
    taken = [step for step in scene.plan().steps if isinstance(step.action, Deregister)]
    kept = KIND.keepalives(scene.document, scene.world(), NOW)

    assert len(taken) <= 1
    assert len(kept) >= 2
