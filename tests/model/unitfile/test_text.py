"""The text of unit files: what fleet reads, what it hashes, and what it would not keep."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.fleet.units import unitfile as localcloud_unitfile
from steersman.model.observed import UnitOption
from steersman.model.unitfile import (
    LINE_BYTES_MAX,
    UnitFileError,
    fleet_hash,
    group,
    parse,
    render,
    survives,
)

DATA = Path(__file__).parent / "data"
# options that a real fleet listed, and the hash that it reported for the running unit
RECORDED = json.loads((DATA / "fleet_units.json").read_text())
# texts, and what the parser that fleet is built with keeps of them; null: it refuses them
PARSED = json.loads((DATA / "go_systemd.json").read_text())

CONTINUED = """\
[Unit]
Description=announces a node

# a comment \\
  that goes on
; another
[Service]
ExecStart=/bin/bash -c '\\
  while true; do \\
    sleep 45; \\
  done'
   ExecStop = /usr/bin/etcdctl rm /services/a=b  

[X-Fleet]
MachineOf=elasticsearch@%i.service
"""  # noqa: W291 - blanks at the end of a line are part of what is tested
CONTINUED_OPTIONS = (
    UnitOption("Unit", "Description", "announces a node"),
    UnitOption(
        "Service",
        "ExecStart",
        "/bin/bash -c '\\\n  while true; do \\\n    sleep 45; \\\n  done'",
    ),
    UnitOption("Service", "ExecStop", "/usr/bin/etcdctl rm /services/a=b"),
    UnitOption("X-Fleet", "MachineOf", "elasticsearch@%i.service"),
)


def option(value: str, section: str = "Service", name: str = "ExecStart") -> UnitOption:
    return UnitOption(section, name, value)


@pytest.mark.parametrize("unit", RECORDED, ids=lambda unit: f"{unit['name']} {unit['hash'][:7]}")
def test_the_hash_of_a_recorded_unit_is_the_one_that_fleet_reported(unit: dict[str, Any]) -> None:
    options = tuple(UnitOption(*line) for line in unit["options"])
    assert fleet_hash(options) == unit["hash"]
    assert fleet_hash(parse(render(options))) == unit["hash"]


def kept(text: str) -> list[list[str]] | None:
    try:
        return [[each.section, each.name, each.value] for each in parse(text)]
    except UnitFileError:
        return None


def test_fleets_own_parser_keeps_and_refuses_the_same() -> None:
    differing = {each["text"]: kept(each["text"]) for each in PARSED}
    assert differing == {each["text"]: each["kept"] for each in PARSED}


WORDS = st.text(st.sampled_from("ab%=#;[]' "), min_size=1, max_size=6).map(lambda word: f"x{word}x")
VALUES = st.lists(WORDS, min_size=1, max_size=3).map(" \\\n  ".join)
LINES = st.one_of(
    st.just(""),
    st.sampled_from(["# c", "; c", "[Unit]", "  [Service]", "[X-Fleet] "]),
    st.tuples(st.sampled_from(["A", " B ", "Exec"]), VALUES).map("=".join),
)


@given(st.lists(LINES, max_size=12).map(lambda lines: "\n".join(["[Unit]", *lines, ""])))
def test_an_ordinary_file_is_read_as_the_local_cloud_reads_it(text: str) -> None:
    assert fleet_hash(parse(text)) == localcloud_unitfile.unit_hash(localcloud_unitfile.parse(text))


def cloud_keeps(text: str) -> str | None:
    """What the local cloud's fleet writes to disk, which was written without a look at ours."""
    try:
        written = localcloud_unitfile.serialise(localcloud_unitfile.parse(text))
        return localcloud_unitfile.serialise(localcloud_unitfile.parse(written))
    except localcloud_unitfile.UnitFileError:
        return None


@given(st.text(st.sampled_from("[]A= \\\n\r\t#;\u2003\x1c"), max_size=30))
def test_any_file_is_refused_or_kept_for_ever_as_in_the_local_cloud(text: str) -> None:
    try:
        found = render(parse(text))
    except UnitFileError:
        assert cloud_keeps(text) is None
        return
    assert found == cloud_keeps(text)
    assert render(parse(found)) == found


def test_continued_values_keep_backslashes_newlines_and_blanks() -> None:
    assert parse(CONTINUED) == CONTINUED_OPTIONS


def test_what_fleet_writes_to_disk_has_one_empty_line_between_sections() -> None:
    assert (
        render((option("1", "Unit", "A"), option("2"))) == "[Unit]\nA=1\n\n[Service]\nExecStart=2\n"
    )


def test_options_of_one_section_are_put_side_by_side_as_fleet_hands_them_out() -> None:
    text = "[Service]\nExecStartPre=/bin/true\n[Unit]\nDescription=x\n[Service]\nExecStart=/bin/a\n"
    assert [entry.name for entry in parse(text)] == ["ExecStartPre", "ExecStart", "Description"]


def test_the_order_of_sections_and_options_changes_the_hash() -> None:
    first, second = option("x", "Unit", "Description"), option("/bin/sleep 1")
    assert fleet_hash((first, second)) != fleet_hash((second, first))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("[S]\nA=\n", "", id="an empty value is an option: it resets a list"),
        pytest.param("[S]\nA= 1 \r\n", "1", id="a carriage return is a blank"),
        pytest.param("[S]\nA=1", "1", id="the last line needs no newline"),
        pytest.param("[S]\nA=\\\n1\n", "\\\n1", id="the first line of a value may be empty"),
        pytest.param("[S]\nA=1 # no comment\n", "1 # no comment", id="a comment is a whole line"),
        pytest.param("  [S]  \n  A = 1\n", "1", id="indentation does not matter"),
        pytest.param("x=2\n[S]\nA=1\n", "1", id="what precedes the first section is ignored"),
        pytest.param("[S]\nA=1 \\\n\n", "1 \\\n", id="a continuation ends at an empty line"),
        pytest.param(
            "[S]\nA=1 \\ \nB=2\n", "1 \\\nB=2", id="a backslash hidden by blanks swallows"
        ),
    ],
)
def test_a_value_is_read_as_fleet_reads_it(text: str, value: str) -> None:
    assert parse(text) == (UnitOption("S", "A", value),)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param("[Unit]\nA=1\nstray\n", 3, "backslash", id="a line that is no assignment"),
        pytest.param(
            "[Unit]\nA=a\\\nb\nc\n", 4, "backslash", id="a value that went on unannounced"
        ),
        pytest.param("[Unit]\nA", 2, "Name=value", id="a name that nothing follows"),
        pytest.param("[Unit\nA=1\n", 1, "header", id="a header without its bracket"),
        pytest.param("[Unit] x\n", 1, "header", id="a header with something behind it"),
        pytest.param(f"[U]\nA={'x' * LINE_BYTES_MAX}\n", 2, "longer", id="a line too long"),
        pytest.param(f"[U]\nA={'é' * 1023}\n", 2, "longer", id="length is counted in bytes"),
        pytest.param(f"[U]\n#{'x' * LINE_BYTES_MAX}\n", 2, "longer", id="a comment too long"),
        pytest.param("[U]\nA=\ud800\n", 2, "UTF-8", id="half a character"),
    ],
)
def test_a_file_that_fleet_would_refuse_is_refused_with_its_line(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(UnitFileError, match=words) as caught:
        parse(text)
    assert caught.value.line == line


def test_the_longest_line_that_fleet_takes_is_taken() -> None:
    value = "x" * (LINE_BYTES_MAX - len("A="))
    assert parse(f"[U]\nA={value}\n") == (UnitOption("U", "A", value),)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(option("/bin/true\nExecStop=/bin/false"), id="a newline adds an option"),
        pytest.param(option("/bin/true "), id="an outer blank is stripped by fleet"),
        pytest.param(option("/bin/true \\"), id="a last backslash swallows the next option"),
        pytest.param(option("x" * 3000), id="a line is too long"),
        pytest.param(option("1", name="A=B"), id="a name contains an equals sign"),
        pytest.param(option("1", section="A]\n[B"), id="a section opens another one"),
    ],
)
def test_options_that_fleet_would_keep_otherwise_do_not_survive(bad: UnitOption) -> None:
    assert not survives((bad, option("next")))


def test_options_with_a_proper_continuation_survive() -> None:
    assert survives(CONTINUED_OPTIONS)


@given(
    st.lists(
        st.builds(
            UnitOption,
            st.sampled_from(["Unit", "Service", "X-Fleet"]),
            st.sampled_from(["A", "B"]),
            st.text(st.sampled_from("a =#;[]\\\n\r\t"), max_size=12),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_options_that_survive_are_read_back_as_they_are(options: list[UnitOption]) -> None:
    if survives(options):
        assert parse(render(options)) == group(options)
        values = [entry.value for entry in options]
        assert all(each.removesuffix("\n") == each.strip() for each in values)
        assert all("\n" not in each.replace("\\\n", "") for each in values)


@given(
    st.lists(
        st.text(st.sampled_from("a =#;[]\\\n\r\t"), max_size=12).map(option), min_size=1, max_size=4
    )
)
def test_options_survive_together_as_each_does_alone(options: list[UnitOption]) -> None:
    assert survives(options) == all(survives([each]) for each in options)
