"""One writer: of two documents that name one outside object only one is in force."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from steersman.engine.acceptance.accept import NOTHING, Acceptance, accept
from steersman.engine.acceptance.claims import claim_of
from steersman.engine.acceptance.writers import clash
from steersman.model.plan import Target
from steersman.model.resource import Key
from tests.engine.acceptance.test_accept import accepting, conditions, item, raw, store, taken
from tests.engine.builders import OWNER, A, B, C
from tests.engine.edits import Claim, Counting, Put, Stores

MANY = 2_000
X, INSIDE, BESIDE, LIKE = "/wall/x", "/wall/x/y", "/wall/z", "/wall/xx"

MEETING = [
    pytest.param({X}, {X}, (X, X), id="one and the same"),
    pytest.param({X, BESIDE}, {LIKE, BESIDE}, (BESIDE, BESIDE), id="one of several"),
    pytest.param({X}, {INSIDE}, (X, INSIDE), id="a key and one below it"),
    pytest.param({INSIDE}, {X}, (INSIDE, X), id="a key and the one that it lies below"),
    pytest.param({X}, {BESIDE}, None, id="two keys of a directory do not meet"),
    pytest.param({X}, {LIKE}, None, id="nor does one whose name only begins like the other's"),
]


@pytest.mark.parametrize(("mine", "theirs", "met"), MEETING)
def test_names_meet(mine: set[str], theirs: set[str], met: tuple[str, str] | None) -> None:
    def named(paths: set[str]) -> frozenset[Target]:
        return frozenset(Target("keys", each) for each in paths)

    pair = clash(named(mine), named(theirs))
    assert (pair and (pair[0].name, pair[1].name)) == met
    elsewhere = frozenset(Target("fleet", each) for each in theirs)
    assert clash(named(mine), elsewhere) is None


def claimed(found: Acceptance, key: Key) -> bool:
    return conditions(found, key)["Accepted"] == ("False", "Claimed")


def test_of_two_new_documents_one_is_in_force_and_the_other_is_told_who_has_it() -> None:
    found = accepting(store(item("a", hooks=[X]), item("b", hooks=[X])))

    assert (list(found.resources), list(found.claims)) == ([A], [A])
    assert claimed(found, B)
    (told,) = found.rejected
    assert told.path == "/desired/lamp/b"
    assert told.message.startswith(f"wall:{X} belongs to lamp/a:")
    assert B in found.unaccepted


def test_who_names_what_lies_below_is_told_of_what_the_other_names() -> None:
    found = accepting(store(item("b", hooks=[INSIDE]), item("c", hooks=[X])), taken(item("b")))

    assert B in found.resources
    assert found.rejected[0].message.startswith(
        f"wall:{X} belongs to lamp/b, which names wall:{INSIDE}:"
    )


def test_who_was_accepted_is_not_put_out_by_a_new_one_whatever_their_names() -> None:
    accepted = item("b", hooks=[X])
    found = accepting(store(item("a", hooks=[X]), accepted), taken(accepted))

    assert list(found.resources) == [B]
    assert claimed(found, A)


def test_an_edit_that_brings_the_clash_leaves_the_version_before_it_in_force() -> None:
    other, before = item("a", hooks=[X]), item("b", hooks=[BESIDE])
    edited = item("b", hooks=[X], revision=6)
    found = accepting(store(other, edited), taken(other, before))

    assert found.resources[B].spec.hooks == (BESIDE,)
    assert (found.frozen, found.claims) == (frozenset(), {})
    assert claimed(found, B)


def test_what_the_version_in_force_has_is_kept_while_another_one_is_refused() -> None:
    broken = raw("a", "spec: [", revision=6)
    found = accepting(store(broken, item("b", hooks=[X])), taken(item("a", hooks=[X])))

    assert list(found.resources) == [A]
    assert claimed(found, B)


AGES = [
    pytest.param({"a": 9, "b": 5}, A, id="the one that was accepted first"),
    pytest.param({"a": 5, "b": 5}, B, id="by their names in the end"),
]


@pytest.mark.parametrize(("revisions", "out"), AGES)
def test_of_two_that_an_earlier_release_accepted_the_older_stays(
    revisions: Mapping[str, int], out: Key
) -> None:
    documents = [item(name, hooks=[X], revision=at) for name, at in revisions.items()]
    found = accepting(store(*documents), taken(*documents))

    assert found.resources.keys() == {A, B} - {out}
    assert (set(found.frozen), dict(found.released), set(found.forgotten)) == ({out}, {}, set())
    assert claimed(found, out)
    assert out in found.unaccepted


def test_the_older_one_stays_whatever_is_edited_of_it() -> None:
    """Its record is of a later version then than the other's is."""
    older, younger = item("b", hooks=[X], revision=5), item("a", hooks=[X], revision=9)
    edited = replace(item("b", hooks=[X], color="red", revision=12), created=5)
    records = taken(older, younger)
    during = accepting(store(edited, younger), records)
    after = accepting(store(edited, younger), records | dict(during.claims))

    assert (list(during.resources), list(during.claims)) == ([B], [B])
    assert (list(after.resources), list(after.claims)) == ([B], [])


def test_who_was_released_and_is_back_finds_what_another_has_taken_over() -> None:
    before, there = item("a", hooks=[X], revision=5), item("b", hooks=[X], revision=6)
    back = item("a", hooks=[X], revision=7)
    found = accepting(store(back, there), taken(before, there))

    assert (list(found.resources), set(found.frozen)) == ([B], {A})
    assert claimed(found, A)


ENDINGS = [
    pytest.param({"lamp/a": None}, id="the other's document is removed"),
    pytest.param({"lamp/a": "spec: {}"}, id="the other names it no more"),
    pytest.param({"lamp/b": "spec: {hooks: [/wall/z]}"}, id="it names another one itself"),
]


@pytest.mark.parametrize("edits", ENDINGS)
def test_who_was_refused_is_in_force_by_itself_when(edits: Mapping[str, str | None]) -> None:
    stores, found = Stores(), NOTHING
    for name in ("lamp/a", "lamp/b"):
        stores.apply(Put("home", name, f"spec: {{hooks: [{X}]}}"), found)
    found = stores.acceptance(found)
    stores.apply(Claim(), found)
    assert list(found.resources) == [A]
    for name, text in edits.items():
        stores.apply(Put("home", name, text), found)
    found = stores.acceptance(found)

    assert B in found.resources
    assert conditions(found, B) == {"Accepted": ("True", "Valid")}
    assert found.rejected == ()


def test_one_that_is_being_taken_down_has_its_objects_until_its_document_is_gone() -> None:
    going = raw("a", f"metadata: {{deleting: true}}\nspec: {{hooks: [{X}]}}")
    waiting = item("b", hooks=[X])
    during = accepting(store(going, waiting), taken(going))
    after = accepting(store(waiting), taken(going))

    assert (list(during.resources), list(after.resources)) == ([A], [B])


def test_what_is_to_be_taken_down_and_is_anothers_is_not_taken_down() -> None:
    owner = item("a", hooks=[X])
    going = raw("b", f"metadata: {{deleting: true}}\nspec: {{hooks: [{X}]}}")
    found = accepting(store(owner, going), taken(owner))

    assert (list(found.resources), claimed(found, B)) == ([A], True)


def test_while_nobody_can_read_who_has_it_nobody_else_gets_it() -> None:
    documents = store(item("a", hooks=[X]), item("b", hooks=[X]), item("c"))
    found = accepting(documents, {A: claim_of(item("a"))})

    assert list(found.resources) == [C]
    assert claimed(found, B)


def test_an_edit_looks_only_at_those_that_name_the_same_of_thousands_in_one_directory() -> None:
    stores, reader = Stores(), Counting()
    for number in range(MANY):
        text = f"spec: {{hooks: [/wall/{number}]}}"
        stores.apply(Put("home", f"lamp/l{number}", text), NOTHING)
    first = accept(stores.documents, {}, reader, OWNER)
    stores.apply(Put("home", "lamp/a", "spec: {hooks: [/wall/7]}"), first)
    reader.asked.clear()
    second = accept(stores.documents, {}, reader, OWNER, before=first)

    assert reader.asked == {A, Key("lamp", "l7")}
    assert second.writers.named.differing(first.writers.named) == {
        Target("compute", "a"),
        Target("wall", "/wall/7"),
    }
