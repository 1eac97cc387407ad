"""A changed configuration restarts those who read it, one at a time."""

from concurrent.futures import Future

import pytest

from tests.scenarios.cloud import PATIENCE_SECONDS
from tests.scenarios.rolling import NODES, Roll
from tests.scenarios.witness import HEAL_SECONDS, by_target

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(1800)]

ROLL_SECONDS = PATIENCE_SECONDS + (NODES + 1) * HEAL_SECONDS


@pytest.fixture
def told(rolling: "Future[Roll]") -> Roll:
    return rolling.result(ROLL_SECONDS)


def test_each_reader_is_loaded_and_launched_before_the_next(told: Roll) -> None:
    assert told.applied == ["configkey/elasticsearch configured"]
    units = [each.rpartition(" ")[2] for each in told.writes[::2]]
    assert sorted(units) == [f"elasticsearch@{number}.service" for number in (1, 2, 3)]
    assert told.writes == [
        f"fleet {word} {unit}" for unit in units for word in ("loaded", "launched")
    ]


def test_the_key_is_written_once_and_who_leaves_the_registry_comes_back(told: Roll) -> None:
    """A reader that is back before anybody saw it stopped never leaves."""
    by_key = by_target(each for each in told.steps if " keys:" in each)
    assert by_key.pop("keys:/configs/elasticsearch") == ["PutKey keys:/configs/elasticsearch"]
    assert len(by_key) <= NODES
    for key, steps in by_key.items():
        assert steps == [f"Deregister {key}", f"Register {key}"]


def test_never_two_readers_are_down_at_once(told: Roll) -> None:
    assert min(told.running) >= NODES - 1
