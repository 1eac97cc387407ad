"""Names of units: templates, their instances, and what fleet can run."""

import pytest

from steersman.model.unitfile import instance_name, is_template, template_of, valid_unit_name


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
