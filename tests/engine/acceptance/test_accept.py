"""Acceptance: which documents are in force. A bad document changes nothing."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from steersman.engine.acceptance.accept import Acceptance, accept
from steersman.engine.acceptance.claims import Accepted, record_of
from steersman.engine.acceptance.reader import Reader
from steersman.model.ports import Item
from steersman.model.resource import Key
from tests.engine.builders import OWNER, A, B, C
from tests.engine.toy import KINDS, LAMP, POISON, LampSpec, PoisonError

READER = Reader(KINDS)


def item(name: str = "a", *, revision: int = 5, kind: str = "lamp", **spec: Any) -> Item:
    return raw(name, json.dumps({"spec": spec}), revision=revision, kind=kind)


def raw(name: str, text: str, *, revision: int = 5, kind: str = "lamp") -> Item:
    return Item(f"/desired/{kind}/{name}", text.encode(), revision, revision)


def store(*items: Item) -> Mapping[str, Item]:
    return {each.key: each for each in items}


def taken(*items: Item, role: str = "home") -> dict[Key, Accepted]:
    """The records of these documents, as an earlier acceptance left them."""
    return {Key.parse(each.key.removeprefix("/desired/")): record_of(role, each) for each in items}


def accepting(
    home: Mapping[str, Item],
    records: Mapping[Key, Accepted] | None = None,
    *,
    unit: Mapping[str, Item] | None = None,
) -> Acceptance:
    documents = {"home": home} if unit is None else {"home": home, "unit": unit}
    return accept(documents, records or {}, READER, OWNER)


def conditions(found: Acceptance, key: Key) -> dict[str, tuple[str, str]]:
    return {each.type: (each.status, each.reason) for each in found.conditions[key]}


def colors(found: Acceptance) -> dict[str, str]:
    return {key.name: resource.spec.color for key, resource in found.resources.items()}


def test_a_new_document_is_claimed_and_put_in_force() -> None:
    document = item(color="red")
    found = accepting(store(document))

    assert found.claims == {A: record_of("home", document)}
    assert colors(found) == {"a": "red"}
    assert found.resources[A].source.revision == 5
    assert conditions(found, A) == {"Accepted": ("True", "Valid")}
    assert found.rejected == ()


def test_an_accepted_document_is_claimed_only_once() -> None:
    document = item(color="red")
    found = accepting(store(document), taken(document))

    assert (found.claims, colors(found)) == ({}, {"a": "red"})


def test_a_changed_document_is_claimed_anew() -> None:
    found = accepting(store(item(color="blue", revision=6)), taken(item(color="red")))

    assert found.claims[A].revision == 6
    assert colors(found) == {"a": "blue"}


def test_a_document_over_which_its_kind_fails_is_refused_alone_and_tells_no_secret() -> None:
    def references(spec: LampSpec) -> tuple[Key, ...]:
        if spec.color == POISON:
            raise PoisonError(spec.color)
        return ()

    reader = Reader({"lamp": replace(LAMP, references=references)})
    documents = {"home": store(item(color=POISON), item("b", color="red"))}
    found = accept(documents, {}, reader, OWNER)

    assert colors(found) == {"b": "red"}
    (rejected,) = found.rejected
    assert rejected.path == "/desired/lamp/a"
    assert "our own mistake: PoisonError in references" in rejected.message
    assert POISON not in rejected.message


def test_the_uid_depends_on_owner_and_key_alone() -> None:
    one = accepting(store(item(color="red")))
    other = accepting(store(item(color="blue", revision=9)))

    assert one.resources[A].uid == other.resources[A].uid


BAD = [
    pytest.param("spec: {colour: red}", "did you mean color?", id="an unknown field"),
    pytest.param("spec: [", "not YAML", id="no YAML"),
    pytest.param("spec: {color: 5}", "spec.color", id="a wrong type"),
    pytest.param("kind: unit\nspec: {}", "contradicts the key", id="another kind than the key's"),
    pytest.param("metadata: {name: b}\nspec: {}", "contradicts the key", id="another name"),
    pytest.param("a: b", "required, but missing", id="no spec"),
    pytest.param("metadata: {dependsOn: [lamp/a]}\nspec: {}", "depends on itself", id="itself"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_document_leaves_the_last_accepted_version_in_force(text: str, message: str) -> None:
    found = accepting(store(raw("a", text, revision=6)), taken(item(color="red")))

    assert (found.claims, colors(found)) == ({}, {"a": "red"})
    assert found.resources[A].source.revision == 5
    assert conditions(found, A)["Accepted"][0] == "False"
    (rejected,) = found.rejected
    assert rejected.path == "/desired/lamp/a"
    assert message in rejected.message


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_document_that_is_new_is_only_told(text: str, message: str) -> None:
    found = accepting(store(raw("a", text)))

    assert (found.resources, found.released, found.claims) == ({}, {}, {})
    assert message in found.rejected[0].message


REJECTED = [
    pytest.param("/desired/lamps/a", "(did you mean lamp?)", id="an unknown kind, with a hint"),
    pytest.param("/desired/Lamp/a", "(did you mean lamp?)", id="a kind in capitals, with a hint"),
    pytest.param("/desired/a", "/desired/<kind>/<name>", id="no kind"),
    pytest.param("/desired/lamp/a/b", "/desired/<kind>/<name>", id="a name with a slash"),
    pytest.param("/desired/lamp/A", "is no name", id="a name in capitals"),
]


@pytest.mark.parametrize(("path", "message"), REJECTED)
def test_a_key_that_names_no_resource_is_told(path: str, message: str) -> None:
    found = accepting({path: Item(path, b"spec: {}", 5, 5)})

    assert found.resources == {}
    (rejected,) = found.rejected
    assert rejected.path == path
    assert message in rejected.message


def test_documents_that_are_gone_are_released_not_deleted() -> None:
    found = accepting({}, taken(item("a", color="red"), item("b")))

    assert found.resources == {}
    assert found.released.keys() == {A, B}
    assert found.released[A].spec.color == "red"
    assert found.claims == {}


GOING = raw("a", "metadata: {deleting: true}\nspec: {}")
GONE = [
    pytest.param(GOING, True, ({A}, []), id="what is gone is forgotten"),
    pytest.param(GOING, False, (set(), [A]), id="what is not gone yet is released"),
    pytest.param(item(), True, (set(), [A]), id="what was never asked away is released"),
]


@pytest.mark.parametrize(("document", "deleted", "left"), GONE)
def test_a_removed_document_is_forgotten_only_after_its_teardown(
    document: Item, deleted: bool, left: tuple[set[Key], list[Key]]
) -> None:
    found = accept({"home": {}}, taken(document), READER, OWNER, lambda _key: deleted)

    assert (set(found.forgotten), list(found.released)) == left


def test_a_document_that_is_still_there_is_not_forgotten() -> None:
    found = accept({"home": store(GOING)}, taken(GOING), READER, OWNER, lambda _key: True)

    assert (found.forgotten, list(found.resources)) == (frozenset(), [A])


def test_what_this_release_cannot_read_is_frozen_not_released() -> None:
    records = taken(raw("a", "spec: {colour: red}"))
    found = accepting({}, records)

    assert (found.resources, found.released, found.frozen) == ({}, {}, frozenset({A}))
    (frozen,) = found.rejected
    assert frozen.path == "/desired/lamp/a"
    assert frozen.message.startswith("frozen: ")


def test_a_released_document_that_comes_back_is_in_force_again_without_a_claim() -> None:
    document = item(color="red")
    found = accepting(store(document), taken(document))

    assert (list(found.resources), found.released, found.claims) == ([A], {}, {})


def test_a_name_that_is_new_in_both_stores_belongs_to_home() -> None:
    found = accepting(store(item(color="red")), unit=store(item(color="blue")))

    assert found.claims[A].store == "home"
    assert colors(found) == {"a": "red"}
    assert conditions(found, A)["Duplicate"] == ("True", "TwoStores")
    assert len(found.rejected) == 1


def test_a_name_stays_with_the_store_that_claimed_it() -> None:
    theirs = item(color="blue")
    found = accepting(store(item(color="red")), taken(theirs, role="unit"), unit=store(theirs))

    assert (colors(found), found.claims) == ({"a": "blue"}, {})
    assert conditions(found, A)["Duplicate"] == ("True", "TwoStores")


def test_a_claimed_name_that_is_left_in_the_other_store_only_is_released() -> None:
    found = accepting({}, taken(item(color="red")), unit=store(item(color="blue")))

    assert (found.resources, list(found.released)) == ({}, [A])


def test_an_accepted_document_that_cannot_be_read_any_more_is_frozen() -> None:
    document = raw("a", "spec: {gone: 1}")
    found = accepting(store(document), taken(document))

    assert (found.resources, found.released, found.claims) == ({}, {}, {})
    assert conditions(found, A) == {"Accepted": ("False", "Invalid")}


def test_a_record_of_a_kind_that_this_release_does_not_know_is_left_alone() -> None:
    candle = item("x", kind="candle")
    found = accepting(store(item("a")), taken(candle) | taken(item("a")))

    assert (list(found.resources), found.released) == ([A], {})


def test_of_two_documents_that_wait_for_each_other_the_later_is_refused() -> None:
    found = accepting(store(item("a", chain="b"), item("b", chain="a")))

    assert list(found.resources) == [A]
    assert "lamp/b -> lamp/a -> lamp/b" in found.rejected[0].message


def test_a_cycle_over_several_documents_is_told_whole() -> None:
    found = accepting(store(item("a", chain="b"), item("b", chain="c"), item("c", chain="a")))

    assert C not in found.resources
    assert "lamp/c -> lamp/a -> lamp/b -> lamp/c" in found.rejected[0].message


def test_a_reference_that_is_turned_round_is_accepted_in_the_end() -> None:
    """Both documents change at once; the first is considered while the second one's version
    before is still in force."""
    records = taken(item("a"), item("b", chain="a"))
    turned = store(item("a", chain="b", revision=6), item("b", revision=6))
    first = accepting(turned, records)
    second = accepting(turned, records | dict(first.claims))

    assert (A in first.claims, A in second.claims) == (False, True)
    assert second.rejected == ()


def test_referrers_tell_who_reads_a_key() -> None:
    depending = raw("c", "metadata: {dependsOn: [lamp/a]}\nspec: {}")
    found = accepting(store(item("a"), item("b", chain="a"), depending))

    assert found.referrers == {A: (B, C)}
