import pytest

from steersman import __version__
from steersman.cli.commands import globals_first
from tests.cli.support import steersman


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        pytest.param(["get", "-o", "json"], ["-o", "json", "get"], id="after the command"),
        pytest.param(["-o", "json", "get"], ["-o", "json", "get"], id="before the command"),
        pytest.param(["get", "-ojson"], ["-ojson", "get"], id="without a blank"),
        pytest.param(["get", "--api=x", "np"], ["--api=x", "get", "np"], id="with an equals sign"),
        pytest.param(["get", "--no-color"], ["--no-color", "get"], id="a flag takes no value"),
        pytest.param(["get", "--", "-o"], ["get", "--", "-o"], id="not after two dashes"),
        pytest.param(["get", "-o"], ["-o", "get"], id="a value that is missing is typer's to tell"),
        pytest.param(["events", "--for", "a/b"], ["events", "--for", "a/b"], id="others stay"),
    ],
)
def test_global_options_stand_anywhere(typed: list[str], understood: list[str]) -> None:
    assert globals_first(typed) == understood


def test_version_is_the_name_and_the_number() -> None:
    assert steersman("version").out == "steersman 0.1.0\n"


def test_the_version_is_told_to_people_and_programs() -> None:
    told = steersman("version").out
    assert told == f"steersman {__version__}\n"
    assert steersman("version", "-o", "json").json == {"version": __version__}
    assert steersman("version", "-o", "yaml").out == f"version: {__version__}\n"
