from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from steersman.cli.exits import NotFoundError, TimedOutError
from steersman.cli.exits import told as told_error
from steersman.cli.main import app
from steersman.cli.show.escaping import words
from steersman.cli.show.terminal import Table, lines
from steersman.cli.show.times import age, clock, span
from steersman.model.document import DocumentError, Problem
from tests.cli.support import Told, resource

ESCAPE = "\x1b"


def test_columns_are_aligned_and_lines_end_where_words_end() -> None:
    table = Table(("NAME", "WHY"), [("a", "because"), ("longer", "so")])
    assert [line.plain for line in lines(table)] == [
        "NAME    WHY",
        "a       because",
        "longer  so",
    ]


def test_without_names_there_is_no_heading() -> None:
    assert [line.plain for line in lines(Table(("", ""), [("a", "b")]))] == ["a  b"]


def test_a_table_may_be_empty() -> None:
    assert [line.plain for line in lines(Table(("NAME",), []))] == ["NAME"]


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        pytest.param([], {}, True, id="a terminal gets colours"),
        pytest.param([], {"NO_COLOR": "1"}, False, id="unless NO_COLOR is set"),
        pytest.param(["--no-color"], {}, False, id="or --no-color is given"),
    ],
)
def test_colours(
    told: Told, options: list[str], environment: dict[str, str], coloured: bool
) -> None:
    told.items = [resource("unit", "es")]
    shell = {"FORCE_COLOR": "1", "TERM": "xterm", "NO_COLOR": None, **environment}
    ended = CliRunner().invoke(app, ["get", "unit/es", *options], env=shell)
    assert ended.exit_code == 0
    assert (ESCAPE in ended.stdout) == coloured


def test_a_message_is_whole_unless_it_is_endless(told: Told) -> None:
    told.items = [resource("unit", "es", message="x" * 500)]
    assert "x" * 500 in CliRunner().invoke(app, ["get", "unit/es"]).stdout
    told.items = [resource("unit", "es", message="x" * 5000)]
    assert "x" * 2000 not in CliRunner().invoke(app, ["get", "unit/es"]).stdout


HARMLESS = [
    pytest.param("größe 3/3, ok", "größe 3/3, ok", id="what people write"),
    pytest.param("\x1b[2J\x07\x00\x9b", r"\x1b[2J\x07\x00\x9b", id="what steers a terminal"),
    pytest.param("a\nb\r\tc\u2028d", r"a\nb\r\tc\u2028d", id="what begins a line or a column"),
    pytest.param("\u202egnp.exe\u2066", r"\u202egnp.exe\u2066", id="what turns the direction"),
    pytest.param("\ud800", r"\ud800", id="half a character"),
]


@pytest.mark.parametrize(("text", "shown"), HARMLESS)
def test_text_from_outside_is_made_harmless(text: str, shown: str) -> None:
    assert words(text) == shown
    assert lines(Table(("NAME", "WHY"), [(text, "")]))[1].plain == shown
    problem = Problem(text, path=text, file=text)
    assert told_error(DocumentError(problem)) == f"{shown}: {shown}: {shown}"
    assert told_error(NotFoundError(text)) == f"steersman: {shown}"
    assert told_error(TimedOutError("late", text)) == f"steersman: late\n  {shown}"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0s"), (-3, "0s"), (59.9, "59s"), (60, "1m"), (3600, "1h"), (86_400 * 3.5, "3d")],
)
def test_spans_are_told_in_their_largest_unit(seconds: float, told: str) -> None:
    assert span(seconds) == told


def test_what_has_no_time_is_a_dash() -> None:
    now = datetime(2014, 9, 1, 12, 0, tzinfo=UTC)
    assert (age(None, now), clock(None, now)) == ("-", "-")
    assert clock("2014-08-30T12:00:00Z", now).count("-") == 2
    assert clock("2014-09-01T11:59:00Z", now).count("-") == 0
