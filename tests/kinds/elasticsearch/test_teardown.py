"""A cluster that is to go is taken off the list of registrations; its nodes are the unit's."""

from dataclasses import replace

import pytest

from steersman.kinds.elasticsearch import KIND
from steersman.kinds.elasticsearch.guards import guards
from steersman.kinds.elasticsearch.plan import Deregister
from steersman.kinds.unit.actions import LoadUnit
from steersman.model.memory import Memory
from steersman.model.observed import KeyItem, KeysSnapshot
from steersman.model.plan import Effect, Step, Target
from tests.kinds.builders import NOW, teardown_in
from tests.kinds.elasticsearch.scene import (
    PATH,
    UNIT,
    VALUE,
    Scene,
    item,
    key,
    owner,
    unit,
    written_by,
)

FORMER = KeyItem("/services/es-of-old/10.0.0.1", VALUE, 7)


def deregistered(scene: Scene) -> list[str]:
    drift, plan = teardown_in(KIND, scene.document, scene.world())
    removed = [each.action.item.key for each in plan.steps if isinstance(each.action, Deregister)]
    assert all(each.effect is Effect.DESTROY for each in plan.steps)
    assert len(removed) == len(plan.steps) == len(drift.differences)
    return removed


def test_every_node_of_the_unit_is_taken_off_the_list() -> None:
    assert deregistered(Scene()) == [key(1), key(2), key(3)]


def test_a_registration_that_we_wrote_goes_even_where_no_instance_is_any_more() -> None:
    memory = Memory().with_own(owners={key(3): owner(3)})
    scene = Scene(nodes=(), more_keys=(item(3), item(9)), memory=memory, facts={"instances": ""})
    assert deregistered(scene) == [key(3)]


def test_what_stands_there_for_no_address_stays() -> None:
    stranger = KeyItem(f"{PATH}/readme", VALUE, 7)
    assert deregistered(Scene(nodes=(), more_keys=(stranger,), facts={"instances": ""})) == []


def test_what_we_registered_under_another_path_goes_as_well() -> None:
    memory = Memory().with_own(owners={FORMER.key: owner(1)})
    assert deregistered(Scene(memory=memory, more_keys=(FORMER,)))[-1] == FORMER.key


@pytest.mark.parametrize("writer", ["sidekick", "none"])
def test_what_somebody_else_writes_is_left_to_them(writer: str) -> None:
    assert deregistered(Scene(document=written_by(writer))) == []


def test_our_registrations_go_even_if_the_unit_tells_nothing_any_more() -> None:
    memory = Memory().with_own(owners={key(1): owner(1)})
    scene = Scene(nodes=(), more_keys=(item(1), item(9)), memory=memory, facts={})
    assert deregistered(scene) == [key(1)]


def test_nothing_left_is_not_known_before_the_keys_were_read() -> None:
    scene = Scene(changes={"keys": KeysSnapshot()})
    assert not teardown_in(KIND, scene.document, scene.world())[0].known


def test_a_cluster_that_is_to_go_holds_no_step_of_its_unit() -> None:
    scene = Scene(items={2: None})
    step = Step(UNIT, Target("fleet", unit(1)), LoadUnit(unit(1), "h"), "Because", Effect.DISRUPT)
    going = replace(scene.document, metadata=replace(scene.document.metadata, deleting=True))
    assert not guards(scene.document, step, scene.world(), NOW).passed
    assert guards(going, step, scene.world(), NOW).passed
