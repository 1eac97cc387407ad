"""What of the World concerns a unit: which state counts, since when, and what it reads."""

from dataclasses import replace

import pytest

from steersman.kinds.unit.phase import Phase
from steersman.model.resource import Key
from tests.kinds.builders import ago
from tests.kinds.unit.support import CONFIG, Member, chain, resource


def test_the_state_of_a_machine_that_it_has_left_does_not_count() -> None:
    found = chain(Member(1), of=resource(instances=1))
    moved = replace(found.world.fleet.units["es@1.service"], machine_id="machine2")
    fleet = replace(found.world.fleet, units={moved.name: moved})
    [instance] = replace(found, world=replace(found.world, fleet=fleet)).observed.instances
    assert instance.phase is Phase.SILENT


@pytest.mark.parametrize(
    ("state_seconds", "launched_seconds", "since_seconds"),
    [
        pytest.param(60, None, 60, id="since its state is so"),
        pytest.param(60, 30, 30, id="since its launch, when that was later"),
        pytest.param(30, 60, 30, id="since its state is so, when that was later"),
    ],
)
def test_since(state_seconds: int, launched_seconds: int | None, since_seconds: int) -> None:
    launched = (
        {} if launched_seconds is None else {"es@1.service": ago(launched_seconds).isoformat()}
    )
    member = Member(1, seconds=state_seconds)
    [instance] = chain(
        member, of=resource(instances=1), own={"launched": launched}
    ).observed.instances
    assert instance.since == ago(since_seconds)


def test_the_configuration_is_that_of_all_it_is_rolled_for() -> None:
    of = resource(reads=["configkey/es", "configkey/other"])
    other = Key("configkey", "other")

    def config(**shas: str) -> str | None:
        facts = {
            CONFIG: {"sha256": shas["es"], "onChange": "restart"},
            other: {"sha256": shas["other"], "onChange": shas.get("change", "restart")},
        }
        return chain(of=of, facts=facts).observed.config

    first = config(es="a", other="b")
    assert first is not None
    assert first == config(es="a", other="b")
    assert first != config(es="a", other="c")
    assert config(es="a", other="b", change="none") == config(es="a", other="c", change="none")


def test_why_an_instance_is_not_placed_is_only_asked_of_one_that_is_not() -> None:
    found = chain(Member(1), Member(4, None, placed=False), of=resource(instances=[1, 4]))
    placed, unplaced = found.observed.instances
    assert placed.obstacles == ""
    assert unplaced.obstacles == "", "two machines are free"
    assert unplaced.phase is Phase.UNPLACED
