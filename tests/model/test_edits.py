"""Edits: what a new version of a document changes is told by path, and no secret is."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.model.edits import PATHS_MAX, TEXT_MAX, UNKNOWN, author_of, changes


def hashed(text: str) -> str:
    return f"sha256 {hashlib.sha256(text.encode()).hexdigest()}"


CHANGES = [
    pytest.param(
        "spec: {replicas: 3}",
        "spec: {replicas: 4}",
        {"spec.replicas": "3"},
        {"spec.replicas": "4"},
        id="a field that changed",
    ),
    pytest.param(
        "spec: {}", "spec: {tags: [a, b]}", {}, {"spec.tags": '["a", "b"]'}, id="a new one"
    ),
    pytest.param(
        "spec: {tags: [a]}", "spec: {}", {"spec.tags": '["a"]'}, {}, id="one that is gone"
    ),
    pytest.param(
        "spec: {disks: [{boot: true, sizeGb: 20}]}",
        "spec: {disks: [{boot: true, sizeGb: 30}]}",
        {"spec.disks[0].sizeGb": "20"},
        {"spec.disks[0].sizeGb": "30"},
        id="within a list",
    ),
    pytest.param(
        "spec: {}",
        "metadata: {deleting: true}\nspec: {}",
        {},
        {"metadata.deleting": "true"},
        id="what the metadata ask for",
    ),
    pytest.param(
        "spec: {a: 1, b: 2}",
        "# as before\nspec:\n  b: 2\n  a: 1\n",
        {},
        {},
        id="order and comments are no change",
    ),
    pytest.param(
        "metadata: {annotations: {steersman/author: ana}}",
        "metadata: {}",
        {},
        {},
        id="who signed is no change",
    ),
    pytest.param(
        "spec: [broken", "spec: {a: x}", {}, {"spec.a": "x"}, id="before, it was unreadable"
    ),
]


@pytest.mark.parametrize(("before", "after", "old", "new"), CHANGES)
def test_changes(before: str, after: str, old: dict[str, str], new: dict[str, str]) -> None:
    assert changes(before, after) == (old, new)


SECRETS = [
    "spec: {{value: {}}}",
    "spec: {{content: {}}}",
    "spec: {{userData: {{template: {}}}}}",
    "spec: {{userData: {{variables: {{anything: {}}}}}}}",
    "spec: {{userData: {{variables: {{list: [{}]}}}}}}",
    "spec: {{metadata: {{startup-script: {}}}}}",
    "metadata: {{annotations: {{api-token: {}}}}}",
    "spec: {{metadata: {{DB_PASSWORD: {}}}}}",
]


@pytest.mark.parametrize("form", SECRETS)
def test_a_hash_stands_for_what_may_be_secret(form: str) -> None:
    old, new = changes(form.format("hunter1"), form.format("hunter2"))

    assert len(old) == len(new) == 1
    assert "hunter" not in f"{old} {new}"
    assert all(text.startswith("sha256 ") for text in (*old.values(), *new.values()))
    assert old != new


def test_the_hash_is_that_of_the_text() -> None:
    assert changes("spec: {value: a}", "spec: {value: b}")[1] == {"spec.value": hashed("b")}


def test_what_is_told_is_bounded() -> None:
    names = ", ".join(f"a{number}: {'x' * 1000}" for number in range(100))
    old, new = changes("spec: {}", f"spec: {{{names}}}")

    assert (len(old), len(new)) == (0, PATHS_MAX)
    assert max(map(len, new.values())) == TEXT_MAX


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)))
def test_a_document_does_not_differ_from_itself(spec: dict[str, int]) -> None:
    assert changes(f"spec: {spec}", f"spec: {spec}") == ({}, {})


AUTHORS = [
    pytest.param(
        "metadata: {annotations: {steersman/author: ana@laptop}}", "ana@laptop", id="signed"
    ),
    pytest.param("spec: {}", UNKNOWN, id="written with etcdctl"),
    pytest.param("metadata: [a]", UNKNOWN, id="no mapping"),
    pytest.param("metadata: {annotations: {steersman/author: 3}}", UNKNOWN, id="no text"),
    pytest.param("spec: [", UNKNOWN, id="unreadable"),
]


@pytest.mark.parametrize(("document", "author"), AUTHORS)
def test_the_author(document: str, author: str) -> None:
    assert author_of(document) == author
