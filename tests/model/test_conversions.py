"""No value of a document is converted: what every field refuses, of every kind."""

from collections.abc import Iterator
from typing import Any

import pytest

from steersman.kinds import KINDS
from steersman.model.document import Body, DocumentError, Path, spell
from steersman.model.reading import read
from steersman.model.resource import Key

METADATA = {
    "name": "x",
    "labels": {"a": "b"},
    "annotations": {"steersman/protect": "true", "a": "b"},
    "dependsOn": ["nodepool/a"],
    "deleting": False,
    "policy": {
        "approval": "ask",
        "mode": "act",
        "window": {"cron": "0 2 * * *", "zone": "UTC", "minutes": 90},
    },
}
ROLLOUT = {"maxUnavailable": 1, "minHealthySeconds": 10, "deadlineSeconds": 600}
SPECS: dict[str, dict[str, Any]] = {
    "nodepool": {
        "replicas": 2,
        "nameFormat": "x{ordinal}",
        "zones": ["europe-west1-b"],
        "machineType": "g1-small",
        "image": {"project": "coreos-cloud", "family": "coreos-alpha"},
        "disks": [{"boot": True, "sizeGb": 20}],
        "network": "default",
        "tags": ["core"],
        "labels": {"role": "core"},
        "metadata": {"a": "b"},
        "userData": {
            "template": "{{ a }}{{ b }}",
            "variables": {"a": "x", "b": {"generate": "uuid"}},
        },
        "health": {"fleet": True, "joinDeadlineSeconds": 300},
        "rollout": ROLLOUT,
    },
    "unit": {
        "name": "x@.service",
        "instances": 3,
        "desiredState": "launched",
        "expect": "running",
        "reads": ["configkey/a"],
        "boundTo": "unit/a",
        "restart": {
            "maxRestarts": 5,
            "windowSeconds": 600,
            "backoffSeconds": 5,
            "backoffMaxSeconds": 300,
        },
        "rollout": ROLLOUT,
        "variables": {"a": "x"},
        "content": "[Service]\nExecStart=/bin/x\n",
    },
    "configkey": {"key": "/configs/x", "format": "text", "onChange": "restart", "value": "x"},
    "elasticsearch": {
        "unit": "unit/a",
        "clusterName": "x",
        "httpPort": 9200,
        "transportPort": 9300,
        "registration": {
            "path": "/services/x",
            "writer": "steersman",
            "ttlSeconds": 300,
            "refreshSeconds": 15,
        },
    },
}
# what a lenient reader would take for the value: the same in another type
LOOKALIKES: dict[type, tuple[Any, ...]] = {
    bool: ("yes", "true", "on", 1, 1.0),
    int: ("3", 3.0, True),
    str: (7, 7.5, True),
}


def document(kind: str) -> dict[str, Any]:
    return {"metadata": METADATA, "spec": SPECS[kind]}


def values(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every single value, and where it stands."""
    if isinstance(data, dict | list):
        for name, each in data.items() if isinstance(data, dict) else enumerate(data):
            yield from values(each, (*path, name))
    else:
        yield path, data


def changed(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    copy = data.copy()
    copy[path[0]] = changed(data[path[0]], path[1:], value)
    return copy


CASES = [
    pytest.param(kind, path, lookalike, id=f"{kind} {spell(path)} {lookalike!r}")
    for kind in KINDS
    for path, value in values(document(kind))
    for lookalike in LOOKALIKES[type(value)]
]


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_itself_is_read(kind: str) -> None:
    assert read(Key(kind, "x"), Body(document(kind), {}), KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_document_has_every_field_of_its_kind(kind: str) -> None:
    fields = {field.alias for field in KINDS[kind].spec.model_fields.values()}
    assert fields - SPECS[kind].keys() <= {"contentFile"}


@pytest.mark.parametrize(("kind", "path", "lookalike"), CASES)
def test_a_value_of_another_type_is_refused_where_it_stands(
    kind: str, path: Path, lookalike: Any
) -> None:
    with pytest.raises(DocumentError) as refused:
        read(Key(kind, "x"), Body(changed(document(kind), path, lookalike), {}), KINDS)
    assert spell(path) in [each.path for each in refused.value.problems]
