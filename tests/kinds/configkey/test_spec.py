"""What a configkey document may say."""

from typing import Any

import pytest
from pydantic import ValidationError

from steersman.kinds.configkey.spec import ConfigKey

GOOD = [
    pytest.param({"value": "anything: [goes"}, id="text need not be of any form"),
    pytest.param({"format": "yaml", "value": "a: [b]\n---\nc: d"}, id="YAML of several documents"),
    pytest.param({"format": "json", "value": '{"a": [1, null]}'}, id="JSON"),
    pytest.param({"format": "json", "value": "1" * 5000}, id="JSON's numbers may be long"),
    pytest.param({"value": "x", "key": "/configs/es-1/node.yml"}, id="a key in a directory"),
]

BAD = [
    pytest.param({}, "value", id="a value is needed"),
    pytest.param({"value": ""}, "value", id="an empty value is refused"),
    pytest.param({"value": 7}, "value", id="a number is no text"),
    pytest.param({"format": "yaml", "value": "a: [b"}, "value", id="broken YAML is refused"),
    pytest.param({"format": "yaml", "value": "a: \x00"}, "value", id="control characters"),
    pytest.param({"format": "yaml", "value": "a: *b"}, "value", id="an alias of nothing"),
    pytest.param(
        {"format": "yaml", "value": "[" * 50_000 + "]" * 50_000}, "value", id="bottomless YAML"
    ),
    pytest.param({"format": "json", "value": "{a: b}"}, "value", id="YAML is not JSON"),
    pytest.param({"format": "json", "value": "[" * 50_000}, "value", id="bottomless JSON"),
    pytest.param({"format": "json", "value": "[NaN]"}, "value", id="NaN is not JSON"),
    pytest.param({"format": "toml", "value": "a = 1"}, "format", id="no other format"),
    pytest.param({"value": "x", "onChange": "reload"}, "onChange", id="units only restart"),
    pytest.param({"value": "x", "key": "/services/es"}, "key", id="a key outside /configs"),
    pytest.param({"value": "x", "key": "/configs/"}, "key", id="the directory itself"),
    pytest.param({"value": "x", "key": "/configs//a"}, "key", id="an empty part"),
    pytest.param({"value": "x", "key": "/configs/a/"}, "key", id="a directory"),
    pytest.param({"value": "x", "key": "/configs/../a"}, "key", id="a way out of /configs"),
    pytest.param({"value": "x", "key": "/configs/_a"}, "key", id="a key that etcd hides"),
    pytest.param({"value": "x", "key": "/configs/a b"}, "key", id="a blank in a key"),
]


@pytest.mark.parametrize("spec", GOOD)
def test_accepts(spec: dict[str, Any]) -> None:
    ConfigKey.model_validate({**ConfigKey.defaults("x"), **spec})


@pytest.mark.parametrize(("spec", "where"), BAD)
def test_refuses(spec: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ConfigKey.model_validate({**ConfigKey.defaults("x"), **spec})
    assert {where} == {each["loc"][0] for each in refused.value.errors()}


def test_the_key_is_called_after_the_document_unless_it_says_otherwise() -> None:
    spec = ConfigKey.model_validate({**ConfigKey.defaults("es.prod"), "value": "x"})
    assert (spec.key, spec.format, spec.on_change) == ("/configs/es.prod", "text", "none")


@pytest.mark.parametrize("language", ["yaml", "json"])
def test_a_refusal_quotes_no_value_and_neither_does_a_spec(language: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ConfigKey.model_validate(
            {"key": "/configs/x", "format": language, "value": '"hunter2": [hunter2'}
        )
    assert all("hunter2" not in each["msg"] for each in refused.value.errors())
    assert "hunter2" not in repr(ConfigKey(key="/configs/x", value="hunter2"))
