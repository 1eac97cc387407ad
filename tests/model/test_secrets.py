"""What is told of a document that cannot be read quotes no value: statuses, logs and metrics hold
it."""

import json
from typing import Any

import pytest

from steersman.kinds import KINDS
from steersman.model.document import DocumentError, body
from steersman.model.reading import read
from steersman.model.resource import Key

SECRET = "hunter2"
POOL = {
    "zones": ["europe-west1-b"],
    "machineType": "g1-small",
    "image": {"project": "coreos-cloud", "family": "coreos-alpha"},
}


def pool(**fields: Any) -> str:
    return json.dumps({"spec": {**POOL, **fields}})


def unit(*lines: str, **fields: Any) -> str:
    return json.dumps({"spec": {"content": "\n".join(lines), **fields}})


CASES = [
    pytest.param("configkey", "spec: {value: *hunter2}", id="it begins like an alias"),
    pytest.param("configkey", "spec: {value: !hunter2}", id="it begins like a tag"),
    pytest.param("configkey", "spec: {value: !!hunter2}", id="it begins like a tag of YAML's"),
    pytest.param("configkey", "spec: {value: !a!hunter2 x}", id="it begins like a tag's handle"),
    pytest.param("configkey", "spec: {value: '%hunter2}", id="its quote is open"),
    pytest.param("configkey", "spec: {value: @hunter2}", id="it begins like nothing in YAML"),
    pytest.param("configkey", 'spec: {value: "\\qhunter2"}', id="its escape is unknown"),
    *(
        pytest.param("configkey", f"spec: {{value: !!{tag} hunter2}}", id=f"a tag calls it {tag}")
        for tag in ("int", "float", "bool", "null", "binary", "set", "map", "seq")
    ),
    pytest.param("configkey", 'spec: {format: json, value: "{hunter2"}', id="it is no JSON"),
    pytest.param("configkey", 'spec: {format: yaml, value: "a: *hunter2"}', id="it is no YAML"),
    pytest.param(
        "configkey", 'spec: {format: yaml, value: "&hunter2 a: 1\\n&hunter2 b: 1"}', id="an anchor"
    ),
    pytest.param("configkey", '{"spec": {"value": ["hunter2"]}}', id="it is in a list"),
    pytest.param("configkey", '{"spec": {"value": "hunter2\\ud800"}}', id="it is half a character"),
    pytest.param("configkey", '{"spec": {"value": "hunter2}}', id="its JSON has no end"),
    pytest.param("nodepool", pool(metadata={"a": ["hunter2"]}), id="an item of the metadata"),
    pytest.param("nodepool", pool(metadata="hunter2"), id="all of the metadata"),
    pytest.param(
        "nodepool",
        pool(userData={"variables": {"a": "hunter2 {{ b }}"}, "template": "{{ a }}"}),
        id="a variable with a placeholder",
    ),
    pytest.param(
        "nodepool",
        pool(userData={"variables": {"a": "hunter2"}, "template": "hunter2 {{ b }} {{"}),
        id="a template that is not complete",
    ),
    pytest.param("nodepool", pool(userData="hunter2"), id="user data in the old way"),
    pytest.param("unit", unit("[Service]", "hunter2"), id="a line that assigns nothing"),
    pytest.param("unit", unit("[hunter2"), id="a section without an end"),
    pytest.param("unit", unit("[A] hunter2"), id="a section with something behind it"),
    pytest.param("unit", unit("A=hunter2"), id="an option outside of sections"),
    pytest.param("unit", unit("[A]", "B={{ c }}", variables={"b": "hunter2"}), id="a variable"),
    pytest.param("unit", unit("[A]", "B=c", variables={"b": ["hunter2"]}), id="in a list"),
]


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_a_value_is_not_told(kind: str, text: str) -> None:
    assert SECRET in text
    with pytest.raises(DocumentError) as refused:
        read(Key(kind, "x"), body(text.encode()), KINDS)
    assert SECRET not in str(refused.value)
