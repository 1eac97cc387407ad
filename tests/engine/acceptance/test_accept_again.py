"""Acceptance made from the one before it: what comes out is what everything together would give."""

import json
from itertools import combinations
from operator import attrgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from steersman.engine.acceptance.accept import NOTHING, accept
from steersman.engine.acceptance.writers import clash
from tests.engine.builders import OWNER, A, B
from tests.engine.edits import EDITS, Claim, Counting, Edit, Put, Stores
from tests.engine.toy import LAMP

MANY = 2_000


@settings(max_examples=300)
@given(st.lists(st.lists(EDITS, min_size=1, max_size=4), max_size=12))
def test_step_by_step_is_as_all_at_once(steps: list[list[Edit]]) -> None:
    stores, found = Stores(), NOTHING
    for step in steps:
        for edit in step:
            stores.apply(edit, found)
        found = stores.acceptance(found)

        assert found == stores.acceptance()


@settings(max_examples=300)
@given(st.lists(EDITS, max_size=30))
def test_no_two_documents_in_force_have_one_outside_object(edits: list[Edit]) -> None:
    stores, found = Stores(), NOTHING
    for edit in edits:
        stores.apply(edit, found)
        found = stores.acceptance(found)

        has = [LAMP.writes(key, each.spec) for key, each in found.resources.items()]
        assert not any(clash(*pair) for pair in combinations(has, 2))


def test_who_was_refused_for_a_cycle_is_accepted_when_another_opens_it() -> None:
    stores = Stores()
    for name, chain in (("a", "b"), ("b", "c"), ("c", "a")):
        stores.apply(Put("home", f"lamp/{name}", json.dumps({"spec": {"chain": chain}})), NOTHING)
    closed = stores.acceptance()
    stores.apply(Put("home", "lamp/b", "spec: {}"), closed)
    opened = stores.acceptance(closed)

    assert sorted(map(attrgetter("name"), closed.resources)) == ["a", "b"]
    assert sorted(map(attrgetter("name"), opened.resources)) == ["a", "b", "c"]


def test_what_did_not_change_stays_the_same_object() -> None:
    """Whoever compares what is in force with what was before looks at the new document only."""
    stores = Stores()
    stores.apply(Put("home", "lamp/a", "spec: {}"), NOTHING)
    stores.apply(Put("home", "lamp/b", "spec: {}"), NOTHING)
    first = stores.acceptance()
    stores.apply(Claim(), first)
    stores.apply(Put("home", "lamp/b", "spec: {color: red}"), first)
    second = stores.acceptance(first)

    assert second.resources[A] is first.resources[A]
    assert second.resources[B] != first.resources[B]
    assert second.claims.keys() == {B}


def test_an_edit_costs_what_it_concerns_however_many_wait_for_it() -> None:
    stores, reader = Stores(), Counting()
    for number in range(MANY):
        text = json.dumps({"spec": {"chain": "a"}})
        stores.apply(Put("home", f"lamp/l{number}", text), NOTHING)
    first = accept(stores.documents, {}, reader, OWNER)
    stores.apply(Put("home", "lamp/a", "spec: {}"), first)
    reader.asked.clear()
    second = accept(stores.documents, {}, reader, OWNER, before=first)

    assert reader.asked == {A}
    assert (len(first.resources), len(second.resources)) == (MANY, MANY + 1)
