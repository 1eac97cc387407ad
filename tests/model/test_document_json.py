"""Reading JSON: as JSON means it, within the limits of YAML, and told with the same lines."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.model.document import (
    DEPTH_MAX,
    NODES_MAX,
    NUMBER_CHARACTERS_MAX,
    DocumentError,
    body,
)

GOOD = [
    pytest.param(b'{"a": [1, null, true, "x", {}]}', [1, None, True, "x", {}], id="every type"),
    pytest.param(
        b'{"a": "\\ud83d\\ude00"}', "\U0001f600", id="a pair of surrogates is a character"
    ),
    pytest.param(b'{"a": "\\/\\u00e9\\n"}', "/\u00e9\n", id="escapes"),
    pytest.param(b'{"a": 1e3}', 1000, id="an exponent makes a number, here a whole one"),
    pytest.param(b'{"a": 1000.0}', 1000, id="a fraction of nothing is none"),
    pytest.param(b'{"a": -2.5E-1}', -0.25, id="a number that is not whole"),
    pytest.param(b'{"a": "0600"}', "0600", id="what is quoted is text"),
    pytest.param(b'{\n\t"a":\t1\n}', 1, id="tabs are blanks"),
    pytest.param(b'\xef\xbb\xbf {"a": 1}', 1, id="a byte order mark and blanks go before"),
    pytest.param(b'{"a": "[{,:\\""}', '[{,:"', id="signs within a text"),
    pytest.param(b'{"a": 1, b: 2}', 1, id="what is not JSON after all is YAML"),
    pytest.param(b'{"a": 1,}\n', 1, id="as a comma at the end is"),
]


@pytest.mark.parametrize(("content", "value"), GOOD)
def test_reads(content: bytes, value: Any) -> None:
    found = body(content).data["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("spec",), 3),
        (("spec", "zones", 0), 6),
        (("spec", "zones", 1), 7),
        (("spec", "gone"), 3),
    ],
)
def test_every_value_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    text = b'\n{\n"spec": {\n  "text": "\\n",\n  "zones": [\n    "a",\n    "b"]\n}}\n'
    assert body(text).line(path) == line


CHARACTERS = st.characters(exclude_categories=["Cs"])  # no halves of pairs
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(CHARACTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(CHARACTERS), inner),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_what_a_program_writes_is_what_is_read(
    value: Any, indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps({"a": value}, indent=indent, ensure_ascii=ascii_only)
    assert body(text.encode()).data == {"a": value}


BAD = [
    pytest.param(b'{"a": 1,\n "a": 2}', (2, "", "the key 'a' stands here twice"), id="a key twice"),
    pytest.param(
        b'{"s": {"a": 1,\n "\\u0061": 2}}', (2, "s", "stands here twice"), id="once escaped"
    ),
    pytest.param(b'{"a":\n NaN}', (2, "a", "a number is finite"), id="what is no number"),
    pytest.param(b'{"a": [-Infinity]}', (1, "a[0]", "a number is finite"), id="infinity"),
    pytest.param(b'{"a": 1e999}', (1, "a", "a number is finite"), id="more than any number"),
    pytest.param(
        b'{"a": ' + b"9" * 5000 + b"}",
        (1, "a", f"a number of more than {NUMBER_CHARACTERS_MAX} characters"),
        id="an endless number",
    ),
    pytest.param(b'{"a": "\\ud83d"}', (1, "a", "half of a surrogate pair"), id="half a pair"),
    pytest.param(b'{"\\ude00": 1}', (1, "", "half of a surrogate pair"), id="half a pair in a key"),
    pytest.param(
        b'{"a":\n' + b"[" * DEPTH_MAX + b"]" * DEPTH_MAX + b"}",
        (2, "a" + "[0]" * (DEPTH_MAX - 1), f"nested deeper than {DEPTH_MAX}"),
        id="too deep",
    ),
    pytest.param(
        b'{"a": ' * 40_000, (1, ".".join(["a"] * DEPTH_MAX), "nested deeper"), id="bottomless"
    ),
    pytest.param(
        b'{"a": [' + b"1," * NODES_MAX + b"1]}",
        (1, f"a[{NODES_MAX - 2}]", f"more values than {NODES_MAX}"),
        id="too many values",
    ),
]


@pytest.mark.parametrize(("content", "said"), BAD)
def test_refuses(content: bytes, said: tuple[int, str, str]) -> None:
    with pytest.raises(DocumentError) as refused:
        body(content)
    [problem] = refused.value.problems
    line, path, message = said
    assert (problem.line, problem.path) == (line, path)
    assert message in problem.message


def test_what_is_neither_is_told_in_both_ways() -> None:
    with pytest.raises(DocumentError) as refused:
        body(b'{"a": 1,\n\t"b": [2}\n')
    assert [str(each) for each in refused.value.problems] == [
        "line 2: not YAML: did not find expected ',' or ']' (column 9)",
        "line 2: nor JSON: Expecting ',' delimiter (column 9)",
    ]
