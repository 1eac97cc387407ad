"""Acceptance made from the one before it: what comes out is what everything together would give."""

import json
from operator import attrgetter

from hypothesis import given, settings
from hypothesis import strategies as st

from steersman.engine.acceptance.accept import NOTHING, accept
from steersman.engine.acceptance.reader import Reader
from steersman.model.document import DocumentError
from steersman.model.reading import Read
from steersman.model.resource import Key
from tests.engine.builders import OWNER, A, B
from tests.engine.edits import EDITS, Claim, Edit, Put, Stores
from tests.engine.toy import KINDS

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


class Counting(Reader):
    """Tells which keys it was asked to read."""

    def __init__(self) -> None:
        super().__init__(KINDS)
        self.asked: set[Key] = set()

    def __call__(self, key: Key, content: bytes) -> Read | DocumentError:
        self.asked.add(key)
        return super().__call__(key, content)


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
