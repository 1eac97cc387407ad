"""The facts that the keeper works out step by step: as if everything were looked at anew."""

from hypothesis import given
from hypothesis import strategies as st

from steersman.engine.keeper import Keeper
from steersman.engine.supposing import world_with
from steersman.engine.workqueue import Lane
from steersman.model.resource import Key
from tests.engine.builders import world
from tests.engine.edits import EDITS, Edit, Stores
from tests.engine.toy import KINDS


def deaf(_key: Key, _lane: Lane = Lane.HEALTH, /) -> None:
    """Whom the keeper wakes does not matter here."""


@given(st.lists(st.lists(EDITS, min_size=1, max_size=4), max_size=8))
def test_the_facts_are_those_of_everything_that_is_there(steps: list[list[Edit]]) -> None:
    stores, keeper = Stores(), Keeper(world(), KINDS, deaf)
    found = stores.acceptance()
    for step in steps:
        for edit in step:
            stores.apply(edit, found)
        found = stores.acceptance(found)
        keeper.accept(resources=found.resources, released=found.released)

        assert keeper.world.facts == world_with(found, world(), KINDS).facts
