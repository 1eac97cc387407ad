"""Which instances are down, for the budget; and what others may read of a unit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from steersman.kinds.unit import KIND
from steersman.model.kind import Group
from steersman.model.plan import Target
from tests.kinds import builders
from tests.kinds.builders import NOW, ago
from tests.kinds.unit.support import (
    CONFIG,
    OLD_CONTENT,
    Member,
    chain,
    healthy,
    resource,
)


def group(*members: Member, **spec: Any) -> Group | None:
    found = chain(*members, of=resource(**spec))
    return KIND.group(found.resource, found.world, NOW)


def down(*members: Member, **spec: Any) -> list[str]:
    found = group(*members, **spec)
    assert found is not None
    return sorted(target.name for target in found.down)


@pytest.mark.parametrize(
    "third",
    [
        pytest.param(Member(3, "failed/failed"), id="failed"),
        pytest.param(Member(3, "inactive/dead"), id="stopped"),
        pytest.param(Member(3, "activating/start"), id="on its way"),
        pytest.param(Member(3, seconds=9), id="up for less than minHealthySeconds"),
        pytest.param(Member(3, desired="loaded"), id="running, and about to be stopped"),
        pytest.param(Member(3, running_content=OLD_CONTENT), id="being replaced"),
        pytest.param(Member(3, None), id="without a state"),
        pytest.param(Member(4), id="not in fleet"),
    ],
)
def test_down_is_an_instance(third: Member) -> None:
    assert down(*healthy(1, 2), third) == ["es@3.service"]


@pytest.mark.parametrize(
    "third",
    [
        pytest.param(Member(3), id="running"),
        pytest.param(Member(3, content=OLD_CONTENT), id="running with another content"),
    ],
)
def test_up_is_an_instance(third: Member) -> None:
    assert down(*healthy(1, 2), third) == []


def test_running_with_an_old_configuration_is_up() -> None:
    of = resource(reads=["configkey/es"])
    facts = {CONFIG: {"sha256": "b", "onChange": "restart"}}
    own = {"config": {"es@1.service": "a"}}
    found = chain(*healthy(1, 2, 3), of=of, facts=facts, own=own)
    assert KIND.group(of, found.world, NOW) == Group(frozenset(), 1)


def test_the_budget_is_the_documents() -> None:
    found = group(*healthy(1, 2, 3), rollout={"maxUnavailable": 2})
    assert found == Group(frozenset(), 2)


TAKEN = Member(3, desired="inactive", placed=False)
RESTING = Member(3, None, desired="inactive", placed=False)
TOO_MANY = {"owned": {"es@3.service": ago(3600).isoformat()}}


@pytest.mark.parametrize(
    ("third", "away"),
    [
        pytest.param(Member(3), [], id="one that was not told to stop yet"),
        pytest.param(Member(3, desired="inactive"), ["es@3.service"], id="told, and still runs"),
        pytest.param(
            Member(3, "deactivating/stop", "inactive"), ["es@3.service"], id="on its way down"
        ),
        pytest.param(TAKEN, ["es@3.service"], id="taken from its machine, which runs it still"),
        pytest.param(Member(3, "failed/failed", "inactive"), [], id="ended"),
        pytest.param(RESTING, [], id="at rest"),
    ],
)
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"desiredState": "inactive"}, id="inactive is asked for"),
        pytest.param({"desiredState": "loaded"}, id="loaded is asked for"),
        pytest.param({"instances": 2}, id="the document does not name it any more"),
    ],
)
def test_of_what_should_not_run_those_are_away_that_are_on_their_way_down(
    third: Member, away: list[str], asked: Mapping[str, Any]
) -> None:
    found = chain(*healthy(1, 2), third, of=resource(**asked), own=TOO_MANY)
    assert KIND.group(found.resource, found.world, NOW) == Group(
        frozenset(Target("fleet", name) for name in away), 1
    )


def test_what_was_destroyed_while_it_ran_is_away_until_its_machine_has_stopped_it() -> None:
    found = chain(*healthy(1, 2, 3), of=resource(instances=2), own=TOO_MANY)
    units = {name: each for name, each in found.world.fleet.units.items() if "@3" not in name}
    world = replace(found.world, fleet=replace(found.world.fleet, units=units))
    assert KIND.group(found.resource, world, NOW) == Group(
        frozenset({Target("fleet", "es@3.service")}), 1
    )


def test_before_fleet_was_read_none_that_should_not_run_is_away() -> None:
    of = resource(desiredState="inactive")
    assert KIND.group(of, builders.world(of), NOW) == Group(frozenset(), 1)


def test_before_fleet_was_read_all_are_down() -> None:
    of = resource()
    found = KIND.group(of, builders.world(of), NOW)
    assert found is not None
    assert len(found.down) == 3


def test_facts_name_the_instances_and_since_when_they_run() -> None:
    found = chain(Member(1), Member(2, "failed/failed"))
    assert KIND.facts(found.resource, found.world) == {
        "instances": "es@1.service,es@2.service,es@3.service",
        "desired": "launched",
        "active:1": ago(60).isoformat(),
    }


def test_the_names_are_known_before_fleet_was_read() -> None:
    of = resource(instances=2)
    told = KIND.facts(of, builders.world(of))
    assert told["instances"] == "es@1.service,es@2.service"
