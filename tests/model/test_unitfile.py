"""Unit files: what fleet reads, what it hashes, and what it must never be sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steersman.model.observed import UnitOption
from steersman.model.unitfile import (
    LINE_BYTES_MAX,
    UnitFileError,
    fleet_hash,
    group,
    instance_name,
    is_template,
    parse,
    render,
    survives,
    template_of,
    valid_unit_name,
)

# options that a real fleet listed, and the hash that it reported for the running unit
RECORDED = json.loads((Path(__file__).parent / "data" / "fleet_units.json").read_text())

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
        pytest.param("[Unit]\n=1\n", 2, "Name=value", id="an assignment without a name"),
        pytest.param("\nA=1\n[Unit]\n", 2, "section", id="an assignment before the first section"),
        pytest.param("[Unit\nA=1\n", 1, "header", id="a header without its bracket"),
        pytest.param("[Unit] x\n", 1, "header", id="a header with something behind it"),
        pytest.param("[]\nA=1\n", 1, "header", id="a header without a name"),
        pytest.param(
            "[U]\nA=1 \\\n\nB=2\n", 3, "backslash", id="a continuation into an empty line"
        ),
        pytest.param("[U]\nA=1 \\  \nB=2\n", 2, "backslash", id="a backslash hidden by blanks"),
        pytest.param("[U]\nA=1 \\", 2, "backslash", id="a continuation into the end of the file"),
        pytest.param(f"[U]\nA={'x' * LINE_BYTES_MAX}\n", 2, "longer", id="a line too long"),
        pytest.param(f"[U]\nA={'é' * 1023}\n", 2, "longer", id="length is counted in bytes"),
    ],
)
def test_a_file_that_fleet_would_refuse_or_misread_is_refused_with_its_line(
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
        assert all(entry.value == entry.value.strip() for entry in options)
        assert all("\n" not in entry.value.replace("\\\n", "") for entry in options)


def test_the_template_of_a_unit_is_told_by_its_name() -> None:
    assert template_of("elasticsearch@1.service") == "elasticsearch@.service"
    assert template_of("elasticsearch@.service") == "elasticsearch@.service"
    assert template_of("a@b.c.service") == "a@.service"
    assert template_of("jenkins.service") is None


def test_an_instance_is_named_after_its_template() -> None:
    assert instance_name("elasticsearch@.service", "1") == "elasticsearch@1.service"
    assert is_template("elasticsearch@.service")
    assert not is_template("elasticsearch@1.service")
    assert not is_template("jenkins.service")


@pytest.mark.parametrize(
    "name",
    ["jenkins.service", "elasticsearch@.service", "elasticsearch@1.service", "a.b-c_d:e.timer"],
)
def test_a_name_that_fleet_takes_is_valid(name: str) -> None:
    assert valid_unit_name(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("", "1 to 256", id="empty"),
        pytest.param("x" * 250 + ".service", "1 to 256", id="too long"),
        pytest.param("jenkins", "ends in one of", id="without a suffix"),
        pytest.param("jenkins.", "ends in one of", id="with an empty suffix"),
        pytest.param("jenkins.exe", "ends in one of", id="with a suffix that systemd lacks"),
        pytest.param("all.target", "ends in one of", id="of a type that agents ignore"),
        pytest.param(".service", "before the dot", id="without a stem"),
        pytest.param("@1.service", "before the dot", id="an instance of nothing"),
        pytest.param("a b.service", "' '", id="with a blank"),
        pytest.param("a/b.service", "'/'", id="with a slash"),
        pytest.param("a@1.mount", "template", id="an instance of a type without templates"),
    ],
)
def test_a_name_that_fleet_could_not_run_is_refused_with_a_reason(name: str, words: str) -> None:
    assert words in (valid_unit_name(name) or "")
