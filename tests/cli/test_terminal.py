from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from steersman.cli.main import app
from steersman.cli.show.terminal import Table, lines
from steersman.cli.show.times import age, clock, span
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


def test_a_long_line_is_never_cut(told: Told) -> None:
    told.items = [resource("unit", "es", message="x" * 500)]
    assert "x" * 500 in CliRunner().invoke(app, ["get", "unit/es"]).stdout


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
