"""What a document may ask for."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from steersman.kinds.elasticsearch import KIND
from steersman.model.document import body
from steersman.model.reading import read
from steersman.model.resource import Key
from tests.kinds.elasticsearch.scene import SPEC, VALUE, document

EXAMPLE = Path(__file__).parents[3] / "manifests/post/elasticsearch-cluster.yaml"


def test_the_example_is_a_document_of_this_kind() -> None:
    found = read(Key("elasticsearch", "es-prod"), body(EXAMPLE.read_bytes()), {KIND.name: KIND})

    assert found.spec == document().spec
    assert found.references == (Key("unit", "elasticsearch"),)


def test_the_value_is_byte_for_byte_what_the_shell_writes() -> None:
    assert document().spec.value == VALUE


REFUSED: list[Any] = [
    pytest.param({"unit": "elasticsearch"}, "unit/name", id="the unit is a reference"),
    pytest.param({"unit": "nodepool/core"}, "unit/name", id="only to a unit"),
    pytest.param({"clusterName": ""}, "at least 1", id="the cluster has a name"),
    pytest.param({"transportPort": 9301}, "9300", id="the shell appends 9300"),
    pytest.param(
        {"registration": {"path": "/configs/elasticsearch"}}, "/services/", id="under /services"
    ),
    pytest.param({"registration": {"path": "/services/"}}, "/services/", id="not /services itself"),
    pytest.param(
        {"registration": {"path": "/services/a/"}}, "/services/", id="no slash at the end"
    ),
    pytest.param({"registration": {"path": "/services/_a"}}, "'_a'", id="no hidden directory"),
    pytest.param(
        {"registration": {"path": "/services/../configs/a"}}, "'..'", id="no way out of /services"
    ),
    pytest.param({"registration": {"path": "/services/a b"}}, "'a b'", id="no blank in the path"),
    pytest.param(
        {"registration": {"path": "/services/" + "a" * 512}}, "at most 512", id="no endless path"
    ),
    pytest.param(
        {"registration": {"ttlSeconds": 47, "refreshSeconds": 15}},
        "at least 48",
        id="three beats and a probe fit into the time to live",
    ),
    pytest.param({"registration": {"writer": "me"}}, "sidekick", id="the writer is one of three"),
    pytest.param({"seeds": 3}, "Extra", id="unknown fields are refused"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        KIND.spec.model_validate({**SPEC, **change})


def test_whoever_does_not_write_for_the_shell_may_use_another_transport_port() -> None:
    sidekick = document(transportPort=9301, registration={"writer": "sidekick"})
    assert sidekick.spec.transport_port == 9301
