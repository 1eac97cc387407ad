"""`render`: what documents come to, before any store has seen them."""

from pathlib import Path

import pytest
import yaml

from tests.cli.support import steersman

POST = Path(__file__).parents[2] / "manifests" / "post"
POOL = """\
kind: nodepool
metadata: {name: core}
spec:
  replicas: 3
  zones: [europe-west1-b]
  machineType: g1-small
  image: {project: coreos-cloud, name: coreos-alpha}
  userData:
    variables: {host: discovery, token: {generate: uuid}}
    template: "url: http://{{ host }}/{{ token }}"
"""
UNIT = """\
kind: unit
metadata: {name: web}
spec:
  variables: {port: "80"}
  content: |
    [Service]
    ExecStart=/bin/web {{ port }}
"""


def test_defaults_are_said_and_templates_are_filled_in_as_far_as_is_known(tmp_path: Path) -> None:
    file = tmp_path / "both.yaml"
    file.write_text(f"{POOL}---\n{UNIT}")
    pool, unit = steersman("render", str(file), "-o", "json").json

    assert pool["spec"]["nameFormat"] == "core-{ordinal}"
    assert pool["spec"]["userData"] == {
        "template": "url: http://discovery/(generated)",
        "variables": {},
    }
    assert (unit["metadata"]["name"], unit["spec"]["name"]) == ("web", "web.service")
    assert unit["spec"]["content"] == "[Service]\nExecStart=/bin/web 80\n"


def test_without_variables_braces_are_what_they_are(tmp_path: Path) -> None:
    file = tmp_path / "unit.yaml"
    file.write_text(UNIT.replace('  variables: {port: "80"}\n', ""))
    (unit,) = steersman("render", str(file), "-o", "json").json

    assert unit["spec"]["content"].endswith("{{ port }}\n")


@pytest.mark.parametrize("path", sorted(POST.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_was_rendered_is_a_document_that_says_the_same(path: Path, tmp_path: Path) -> None:
    rendered = tmp_path / "rendered.yaml"
    rendered.write_text(steersman("render", str(path)).out)
    again = steersman("render", str(rendered))

    assert again.code == 0, again.err
    assert list(yaml.safe_load_all(again.out)) == list(yaml.safe_load_all(rendered.read_text()))


def test_what_is_no_valid_document_is_not_rendered(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(POOL.replace("replicas", "replicaz"))
    ended = steersman("render", str(file))

    assert (ended.code, ended.out) == (5, "")
    assert "did you mean replicas?" in ended.err
