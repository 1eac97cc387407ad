"""Reading bytes: what becomes plain data with lines, and what is refused, where and why."""

from typing import Any

import pytest

from steersman.model.document import (
    ALIASES_MAX,
    DEPTH_MAX,
    DOCUMENT_BYTES_MAX,
    NODES_MAX,
    PART_CHARACTERS_MAX,
    PROBLEMS_MAX,
    DocumentError,
    Problem,
    bodies,
    body,
    nearest,
    spell,
)

GOOD = [
    pytest.param(b"spec: {a: 1}", {"spec": {"a": 1}}, id="YAML"),
    pytest.param(b"---\nspec: {}\n", {"spec": {}}, id="a document may begin with dashes"),
    pytest.param(b"\xef\xbb\xbfspec: {}", {"spec": {}}, id="a byte order mark is skipped"),
    pytest.param(b"spec:\r\n  a: b\r\n", {"spec": {"a": "b"}}, id="lines may end as on Windows"),
    pytest.param(b"day: 2014-09-01", {"day": "2014-09-01"}, id="a date is text"),
    pytest.param(b"a: =\nb: <<\n", {"a": "=", "b": "<<"}, id="what YAML knows as signs is text"),
    pytest.param(b"a: yes\nb: off\n", {"a": True, "b": False}, id="a plain yes is true"),
    pytest.param(b"a: !!str 7\nb: !!int '7'\n", {"a": "7", "b": 7}, id="plain types have tags"),
    pytest.param(b"a: [0, -7, 1.5]", {"a": [0, -7, 1.5]}, id="numbers are decimal"),
    pytest.param(b"{a: NaN, b: 1e3}", {"a": "NaN", "b": "1e3"}, id="the flow style is YAML"),
    pytest.param(b"1: one", {"1": "one"}, id="a field name is text"),
    pytest.param(
        b"base: &b {a: 1}\nspec: *b\n", {"base": {"a": 1}, "spec": {"a": 1}}, id="an alias"
    ),
]


@pytest.mark.parametrize(("content", "data"), GOOD)
def test_reads(content: bytes, data: dict[str, Any]) -> None:
    assert body(content).data == data


UNREAD = "this tag is not read here; text that begins with ! needs quotes"
DECIMAL = "a number is decimal; text needs quotes"


def laughs() -> bytes:
    """Nine levels of ten aliases each: a billion values in a few lines."""
    levels = [f"l{at}: &l{at} [{', '.join([f'*l{at - 1}'] * 10)}]" for at in range(1, 10)]
    return "\n".join(["l0: &l0 [x]", *levels]).encode()


BAD = [
    pytest.param(b"spec: [a\nb: c]", "not YAML", 2, id="broken YAML is told with its line"),
    pytest.param(b"spec:\n  a: b\n c: d\n", "not YAML", 3, id="wrong indentation"),
    pytest.param(b"spec:\n\ta: b\n", "not YAML", 2, id="a tab"),
    pytest.param(b"spec: \x07", "not YAML", None, id="a control character"),
    pytest.param(b"a: b\nc: \xff\n", "not UTF-8 text", 2, id="other bytes than UTF-8"),
    pytest.param(b"- a\n", "a document is a mapping", 1, id="a list is no document"),
    pytest.param(b"hello", "a document is a mapping", 1, id="a word is no document"),
    pytest.param(b"a: 1\nb: 2\na: 3\n", "the key 'a' stands here twice", 3, id="a key twice"),
    pytest.param(b"[a, b]: 1", "a field name is a plain word", 1, id="a list as a field name"),
    pytest.param(b"a: *b", "not YAML", 1, id="an alias of nothing"),
    pytest.param(b"a:\n  - !!int x\n", "", 2, id="a value that is not what its tag says"),
    pytest.param(b"a: !secret b", UNREAD, 1, id="an unknown tag"),
    pytest.param(b"a: 1\nb: !foo {c: d}", UNREAD, 2, id="an unknown tag of a mapping"),
    pytest.param(b"!foo a: b", UNREAD, 1, id="an unknown tag of a field name"),
    pytest.param(b"a: !!binary aGk=", "!!binary is not read here", 1, id="binary"),
    pytest.param(b"a: !!set {b: }", "!!set is not read here", 1, id="a set"),
    pytest.param(b"a: !!str [b]", UNREAD, 1, id="a text that is a list"),
    pytest.param(b"a: &a {b: c}\nd: {<<: *a}\n", "merge key", 2, id="a merge key"),
    pytest.param(b"a: !!bool maybe", "not what its tag says", 1, id="a tag that lies"),
    pytest.param(b"a: 0600", DECIMAL, 1, id="a number that YAML reads in base 8"),
    pytest.param(b"a: 1:30", DECIMAL, 1, id="a number that YAML reads in base 60"),
    pytest.param(b"a: 0x1F", DECIMAL, 1, id="a number in base 16"),
    pytest.param(b"a: .nan", DECIMAL, 1, id="what is no number"),
    pytest.param(b"a: &a [*a]", f"nested deeper than {DEPTH_MAX}", 1, id="a value within itself"),
    pytest.param(
        b"a: " + b"x" * DOCUMENT_BYTES_MAX,
        f"a document has at most {DOCUMENT_BYTES_MAX}",
        None,
        id="too many bytes",
    ),
    pytest.param(
        b"a: " + b"[" * DEPTH_MAX + b"]" * DEPTH_MAX,
        f"nested deeper than {DEPTH_MAX}",
        1,
        id="too deep",
    ),
    pytest.param(
        b"a: " + b"[" * 100_000, f"nested deeper than {DEPTH_MAX}", 1, id="bottomless, unfinished"
    ),
    pytest.param(
        b"a: [" + b"x," * NODES_MAX + b"]", f"more values than {NODES_MAX}", 1, id="too many values"
    ),
    pytest.param(
        b"a: &a b\nc: [" + b"*a," * (ALIASES_MAX + 1) + b"]",
        f"more aliases than {ALIASES_MAX}",
        2,
        id="too many aliases",
    ),
    pytest.param(laughs(), f"more values than {NODES_MAX}", None, id="a billion laughs"),
]


@pytest.mark.parametrize(("content", "message", "line"), BAD)
def test_refuses(content: bytes, message: str, line: int | None) -> None:
    with pytest.raises(DocumentError) as refused:
        bodies(content)
    [problem] = refused.value.problems
    assert message in problem.message
    assert line is None or problem.line == line


def test_a_file_may_hold_several_documents_each_with_lines_of_the_file() -> None:
    first, second = bodies(b"spec: {}\n---\n# a comment\nkind: unit\nspec:\n  zones:\n  - a\n")
    assert first.data == {"spec": {}}
    assert second.line(("kind",)) == 4
    assert second.line(("spec", "zones", 0)) == 7


@pytest.mark.parametrize("content", [b"", b"# nothing\n"])
def test_a_file_may_hold_no_document(content: bytes) -> None:
    assert bodies(content) == ()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param(b"", "not 0", id="nothing is no document"),
        pytest.param(b"a: 1\n---\na: 2\n", "not 2", id="two documents do not fit one key"),
    ],
)
def test_a_key_holds_one_document(content: bytes, found: str) -> None:
    with pytest.raises(DocumentError, match=found):
        body(content)


def test_the_line_of_what_is_missing_is_that_of_what_is_around_it() -> None:
    read = body(b"kind: unit\nspec:\n  image:\n    project: p\n")
    assert read.line(("spec", "image", "name")) == 4
    assert read.line(("metadata", "name")) == 1


@pytest.mark.parametrize(
    ("path", "spelled"),
    [
        ((), ""),
        (("spec",), "spec"),
        (("spec", "zones", 0), "spec.zones[0]"),
        (("spec", "disks", 1, "sizeGb"), "spec.disks[1].sizeGb"),
    ],
)
def test_a_path_is_spelled_as_people_write_it(path: tuple[str | int, ...], spelled: str) -> None:
    assert spell(path) == spelled


@pytest.mark.parametrize(
    ("word", "meant"),
    [("nodepools", "nodepool"), ("unti", "unit"), ("pod", None), ("", None)],
)
def test_the_nearest_word_is_offered_only_when_it_is_near(word: str, meant: str | None) -> None:
    assert nearest(word, ["nodepool", "unit", "configkey"]) == meant


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("required, but missing", "spec", 1), "line 1: spec: required, but missing"),
        (Problem("not UTF-8 text"), "not UTF-8 text"),
        (
            Problem("unknown field", "spec.zone", 3, "zones", "core.yaml"),
            "core.yaml: line 3: spec.zone: unknown field (did you mean zones?)",
        ),
    ],
)
def test_a_problem_names_its_place_first(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_a_problem_is_not_told_at_any_length() -> None:
    [problem] = DocumentError(Problem("m" * 1000, "p" * 1000)).problems
    assert (len(problem.message), len(problem.path)) == (PART_CHARACTERS_MAX, PART_CHARACTERS_MAX)


def test_an_error_names_its_file_and_at_most_a_few_problems() -> None:
    error = DocumentError(*(Problem(f"wrong {at}") for at in range(PROBLEMS_MAX + 5)))
    assert len(error.problems) == PROBLEMS_MAX
    assert str(error.in_file("core.yaml")).startswith("core.yaml: wrong 0; core.yaml: wrong 1; ")
