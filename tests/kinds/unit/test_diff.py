"""Which fields of an instance differ from its document, in which conditions."""

import pytest

from steersman.model.drift import Drift
from tests.kinds import builders
from tests.kinds.unit.support import (
    CONFIG,
    CONTENT,
    OLD_CONTENT,
    Chain,
    Member,
    chain,
    healthy,
    resource,
)


def paths(drift: Drift) -> list[str]:
    return [
        f"{each.target} {each.path}: {each.desired} / {each.observed}" for each in drift.differences
    ]


def test_nothing_differs_when_all_run_as_asked() -> None:
    found = chain(*healthy(1, 2, 3)).drift
    assert found.known
    assert not found


@pytest.mark.parametrize(
    ("member", "difference"),
    [
        pytest.param(
            Member(3, "failed/failed"), "spec.expect: running / failed/failed", id="it failed"
        ),
        pytest.param(
            Member(3, "inactive/dead"), "spec.expect: running / inactive/dead", id="it stopped"
        ),
        pytest.param(
            Member(3, desired="loaded"),
            "spec.desiredState: launched / loaded",
            id="fleet was asked for something else",
        ),
    ],
)
def test_one_field_of_one_instance(member: Member, difference: str) -> None:
    found = chain(*healthy(1, 2), member).drift
    assert paths(found) == [f"fleet:es@3.service {difference}"]


def test_a_unit_that_fleet_does_not_have_differs_as_a_whole() -> None:
    found = chain(*healthy(1, 2)).drift
    assert paths(found) == ["fleet:es@3.service spec.instances: present / missing"]


def test_content_differs_by_fleets_hash() -> None:
    of = resource(instances=1)
    found = chain(Member(1, content=OLD_CONTENT), of=of)
    [difference] = found.drift.differences
    assert (difference.path, difference.desired) == ("spec.content", of.spec.hash)
    assert difference.observed == found.world.fleet.units["es@1.service"].hash


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(Member(1, "activating/start"), id="that is on its way"),
        pytest.param(Member(1, None), id="that nobody hears of"),
        pytest.param(
            Member(1, content=CONTENT, running_content=OLD_CONTENT), id="that is being replaced"
        ),
    ],
)
def test_nothing_differs_of_an_instance(member: Member) -> None:
    assert not chain(member, of=resource(instances=1)).drift


def test_a_configuration_that_changed_since_the_start_differs() -> None:
    of = resource(instances=1, reads=["configkey/es"])
    facts = {CONFIG: {"sha256": "new", "onChange": "restart"}}
    found = chain(Member(1), of=of, own={"config": {"es@1.service": "old"}}, facts=facts).drift
    assert [each.path for each in found.differences] == ["spec.reads"]
    assert found.differences[0].observed == "old"


def test_before_fleet_was_read_nothing_is_known() -> None:
    of = resource()
    assert not Chain(of, builders.world(of)).drift.known
