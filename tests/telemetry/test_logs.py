"""What stands in the log, in either form."""

import pytest
import structlog

from steersman.telemetry import logs


def fail() -> None:
    secret = "hunter" + str(2)
    raise KeyError(len(secret))


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_tells_where_and_shows_no_variables(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(form, "info")
    try:
        fail()
    except KeyError:
        structlog.get_logger().exception("failed")
    told = capsys.readouterr().err

    assert "KeyError: 7" in told
    assert "in fail" in told
    assert "hunter2" not in told


LEVELS = [
    pytest.param("debug", ["debug", "warning", "error"], id="debug"),
    pytest.param("warning", ["warning", "error"], id="warning"),
    pytest.param("error", ["error"], id="error"),
]


@pytest.mark.parametrize(("level", "told"), LEVELS)
def test_what_is_below_the_level_is_not_told(
    level: str, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json", level)
    for each in ("debug", "warning", "error"):
        getattr(structlog.get_logger(), each)("told")

    lines = capsys.readouterr().err.splitlines()
    assert [line.split('"level": "')[1].split('"')[0] for line in lines] == told
