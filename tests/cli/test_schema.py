import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from steersman.cli.work.schemas import document_schema, schema_text
from steersman.kinds import KINDS
from tests.cli.support import steersman

ROOT = Path(__file__).parents[2]
POOL = {"zones": ["a"], "machineType": "a", "image": {"project": "coreos", "name": "a"}}


def problems(kind: str, document: Any) -> list[str]:
    validator = Draft202012Validator(document_schema(kind))
    return [each.message for each in validator.iter_errors(document)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_in_crds_is_the_kinds_own(kind: str) -> None:
    stored = (ROOT / "crds" / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert stored == schema_text(kind), "run `make crds`"


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_says_of_what(kind: str) -> None:
    schema = document_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"steersman/v1/{kind}"
    assert set(schema["properties"]) == {"apiVersion", "kind", "metadata", "spec"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "manifests" / "post").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_examples_have_the_shape_that_the_schemas_tell(path: Path) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert problems(document["kind"], document) == []


@pytest.mark.parametrize(
    ("kind", "document", "right"),
    [
        pytest.param("configkey", {"spec": {"value": "x"}}, True, id="the key may be left out"),
        pytest.param("configkey", {"spec": {}}, False, id="the value may not"),
        pytest.param("configkey", {"spec": {"vaule": "x"}}, False, id="unknown fields are refused"),
        pytest.param("configkey", {}, False, id="a document has a spec"),
        pytest.param("configkey", {"kind": "unit", "spec": {"value": "x"}}, False, id="its kind"),
        pytest.param(
            "nodepool",
            {"spec": {**POOL, "labels": {"role": "core"}, "metadata": {"A-1": "x"}}},
            True,
            id="names that fit",
        ),
        pytest.param(
            "nodepool", {"spec": {**POOL, "labels": {"Role": "core"}}}, False, id="a misfit"
        ),
        pytest.param("unit", {"spec": {"contentFile": "a"}}, True, id="a unit in a file beside it"),
        pytest.param("unit", {"spec": {}}, False, id="a unit of nothing"),
        pytest.param(
            "unit", {"spec": {"content": "x", "contentFile": "a"}}, False, id="a unit of two"
        ),
    ],
)
def test_a_schema_tells_right_from_wrong(kind: str, document: Any, right: bool) -> None:
    assert (problems(kind, document) == []) == right


def test_a_schema_is_printed_for_short_names_too() -> None:
    assert steersman("schema", "ES").json == document_schema("elasticsearch")


def test_all_schemas_are_written(tmp_path: Path) -> None:
    assert steersman("schema", "--write", str(tmp_path)).code == 0
    written = {path.name: json.loads(path.read_text()) for path in tmp_path.iterdir()}
    assert written == {f"{kind}.schema.json": document_schema(kind) for kind in KINDS}


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    ended = steersman("schema", "--write", str(file))
    assert (ended.code, ended.err) == (1, f"steersman: {file} cannot be written: File exists\n")
