"""Unit files: what fleet hashes, and what it reads back."""

import json
from pathlib import Path

import pytest

from localcloud.fleet.units.unitfile import UnitFileError, parse, serialise, unit_hash
from localcloud.seams import Option

DATA = Path(__file__).parent / "data"
GO_SYSTEMD = Path(__file__).parents[2] / "model" / "unitfile" / "data" / "go_systemd.json"

CONTINUED = "/bin/bash -c '\\\n  while true; do \\\n    sleep 1; \\\n  done'"


def options(*rows: tuple[str, str, str]) -> tuple[Option, ...]:
    return tuple(Option(*row) for row in rows)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        pytest.param(
            [("Unit", "A", "1"), ("Service", "B", "2"), ("Unit", "C", "3")],
            "[Unit]\nA=1\nC=3\n\n[Service]\nB=2\n",
            id="options are grouped under the first appearance of their section",
        ),
        pytest.param(
            [("Service", "ExecStart", CONTINUED)],
            f"[Service]\nExecStart={CONTINUED}\n",
            id="a continued value is written as it is",
        ),
        pytest.param([], "", id="no options make an empty file"),
    ],
)
def test_serialise(rows: list[tuple[str, str, str]], text: str) -> None:
    assert serialise(options(*rows)) == text
    assert serialise(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(
            "[Service]\nExecStart= /bin/sleep 1 \n",
            [("Service", "ExecStart", "/bin/sleep 1")],
            id="values are trimmed",
        ),
        pytest.param(
            "# c\n[Service]\n; c\n\nA=1\n# c\nB=2",
            [("Service", "A", "1"), ("Service", "B", "2")],
            id="comments and empty lines are dropped",
        ),
        pytest.param(
            "[Service]\nExecStart=/bin/true\nExecStop=/bin/false\n",
            [("Service", "ExecStart", "/bin/true"), ("Service", "ExecStop", "/bin/false")],
            id="a newline without a backslash begins another option",
        ),
        pytest.param(
            "[Service]\nA=1 \\\n  2 \\\n\nB=3\n",
            [("Service", "A", "1 \\\n  2 \\\n"), ("Service", "B", "3")],
            id="an empty line ends a continued value, which keeps its newline",
        ),
        pytest.param("[Service]\nA=\n", [("Service", "A", "")], id="a value may be empty"),
        pytest.param("A=1\n[S]\nB=a=b\n", [("S", "B", "a=b")], id="only the first = divides"),
    ],
)
def test_parse(text: str, rows: list[tuple[str, str, str]]) -> None:
    assert parse(text) == options(*rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "[S]\nA=" + "x" * 2046 + "\n", "line too long (max 2048 bytes)", id="a long line"
        ),
        pytest.param("[S\nA=1\n", "unable to find end of section", id="an open section"),
        pytest.param(
            "[S] no\nA=1\n",
            "found garbage after section name : [110 111]",
            id="more behind a section's name",
        ),
        pytest.param("[S]\nA", "EOF", id="an end in the middle of a name"),
        pytest.param(
            "[S]\nA=1\nwhat\n",
            "unexpected newline encountered while parsing option name",
            id="a line without =",
        ),
    ],
)
def test_no_unit_file(text: str, message: str) -> None:
    with pytest.raises(UnitFileError) as caught:
        parse(text)
    assert str(caught.value) == message


def test_the_longest_line_is_2047_bytes() -> None:
    assert parse("[S]\nA=" + "x" * 2045 + "\n")[0].value == "x" * 2045


def kept(text: str) -> list[list[str]] | None:
    try:
        read_back = parse(serialise(parse(text)))
    except UnitFileError:
        return None
    return [[each.section, each.name, each.value] for each in read_back]


def test_what_go_systemd_itself_keeps_and_refuses() -> None:
    """`kept`: the options that it reads in what it has written of `text`; null is an error."""
    recorded = json.loads(GO_SYSTEMD.read_text())
    assert {each["text"]: kept(each["text"]) for each in recorded} == {
        each["text"]: each["kept"] for each in recorded
    }


def recorded_hashes() -> dict[str, tuple[str, tuple[Option, ...]]]:
    """unit -> (the hash of /state, the options of /units), from a list of each."""
    steps = json.loads((DATA / "elasticsearch.json").read_text())["steps"]
    answers = {step["name"]: step.get("answer") for step in steps}
    units = {unit["name"]: unit["options"] for unit in answers["es units list"]["units"]}
    return {
        state["name"]: (state["hash"], tuple(Option(**option) for option in units[state["name"]]))
        for state in answers["es state list"]["states"]
    }


@pytest.mark.parametrize("name", sorted(recorded_hashes()))
def test_the_hash_is_that_of_the_real_fleet(name: str) -> None:
    expected, its_options = recorded_hashes()[name]
    assert unit_hash(its_options) == expected


def test_the_order_of_options_changes_the_hash() -> None:
    first = options(("Service", "A", "1"), ("Service", "B", "2"))
    assert unit_hash(first) != unit_hash(first[::-1])
