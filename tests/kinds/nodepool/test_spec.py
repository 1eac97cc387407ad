"""What a nodepool document may say, and what is refused before anything is created."""

from typing import Any

import pytest
from pydantic import ValidationError

from steersman.kinds.nodepool.spec import NodePool
from steersman.model.document import PROBLEMS_MAX
from tests.kinds.nodepool.support import ORDINARY, pool


def userdata(template: str, **variables: Any) -> dict[str, Any]:
    return {"userData": {"variables": variables, "template": template}}


GOOD = [
    pytest.param({"replicas": 0}, id="a pool may have no nodes"),
    pytest.param(
        {"replicas": 1, "nameFormat": "discovery"}, id="one node needs no ordinal in its name"
    ),
    pytest.param({"nameFormat": "{name}-x{ordinal}"}, id="a name may come from the document's"),
    pytest.param(
        {"image": {"project": "coreos-cloud", "family": "coreos-alpha"}},
        id="an image may be the newest of a family",
    ),
    pytest.param(
        {"disks": [{"boot": True, "sizeGb": 20}, {"sizeGb": 100}]},
        id="further disks do not boot",
    ),
    pytest.param(userdata("a: {{b}} {{  b }}", b="c"), id="blanks in a placeholder are optional"),
    pytest.param(userdata("x", spare="c"), id="a variable need not be used"),
    pytest.param(
        userdata("{{ state }}", state="{{.State}}"), id="braces of others come in by a variable"
    ),
    pytest.param(userdata("<b>bold</b>"), id="only capitals in angle brackets are left-overs"),
]

BAD = [
    pytest.param({"replicas": -1}, "replicas", id="fewer than no nodes are refused"),
    pytest.param({"replicas": 1001}, "replicas", id="more than a thousand nodes are refused"),
    pytest.param({"replicas": True}, "replicas", id="a truth is no number"),
    pytest.param({"nameFormat": "core"}, "nameFormat", id="three nodes cannot share a name"),
    pytest.param(
        {"nameFormat": "Core{ordinal}"}, "nameFormat", id="a name with capitals is refused"
    ),
    pytest.param(
        {"nameFormat": "c" * 61 + "{ordinal}", "replicas": 1000},
        "nameFormat",
        id="a name too long for the highest ordinal is refused",
    ),
    pytest.param({"nameFormat": "core{index}"}, "nameFormat", id="unknown braces are refused"),
    pytest.param({"zones": []}, "zones", id="a pool needs a zone"),
    pytest.param({"zones": ["a", "a"]}, "zones", id="a zone stands there once"),
    pytest.param({"image": {"project": "coreos-cloud"}}, "image", id="an image needs a name"),
    pytest.param(
        {"image": {"project": "coreos-cloud", "name": "a", "family": "b"}},
        "image",
        id="an image has a name or a family, not both",
    ),
    pytest.param({"disks": []}, "disks", id="a node needs a disk"),
    pytest.param({"disks": [{"sizeGb": 20}]}, "disks", id="the first disk boots"),
    pytest.param({"disks": [{"boot": True}] * 2}, "disks", id="only one disk boots"),
    pytest.param({"labels": {"Role": "core"}}, "labels", id="label keys have no capitals"),
    pytest.param({"labels": {"role": "a b"}}, "labels", id="label values have no blanks"),
    pytest.param({"labels": {"steersman-uid": "x"}}, "labels", id="our own labels are ours"),
    pytest.param({"metadata": {"user-data": "x"}}, "metadata", id="user data has its own field"),
    pytest.param(userdata(""), "template", id="an empty template is refused"),
    pytest.param(userdata("{{ b }}"), "template", id="an undefined variable is refused"),
    pytest.param(userdata("{{ .State }}"), "template", id="braces that hold no name are refused"),
    pytest.param(userdata("a {{ b", b="c"), "template", id="braces left open are refused"),
    pytest.param(
        userdata("discovery: http://discovery:4001/v2/keys/<TOKEN>"),
        "template",
        id="a left-over in the template is refused",
    ),
    pytest.param(
        userdata("{{ t }}", t="<MY-TOKEN>"), "variables", id="a left-over in a value is refused"
    ),
    pytest.param(userdata("{{ t }}", t=" "), "variables", id="an empty value is refused"),
    pytest.param(
        userdata("{{ t }}", t="{{ u }}", u="v"), "variables", id="a value is not rendered again"
    ),
    pytest.param(
        userdata("{{ t }}", t={"generate": "password"}), "variables", id="only uuids are generated"
    ),
    pytest.param(userdata("x", **{"a-b": "c"}), "variables", id="a variable's name is a word"),
    pytest.param(
        userdata("{{ t }}" * 30, t="x" * 10_000),
        "userData",
        id="user data too long once it is rendered is refused",
    ),
]


@pytest.mark.parametrize("spec", GOOD)
def test_accepts(spec: dict[str, Any]) -> None:
    NodePool.model_validate({**ORDINARY, **spec})


@pytest.mark.parametrize(("spec", "where"), BAD)
def test_refuses(spec: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NodePool.model_validate({**ORDINARY, **spec})
    assert {where} & {part for each in refused.value.errors() for part in each["loc"]}


def test_what_is_left_out_has_the_documented_defaults() -> None:
    needed = {key: ORDINARY[key] for key in ("zones", "machineType", "image")}
    spec = NodePool.model_validate({**NodePool.defaults("web"), **needed})
    assert spec.model_dump() == {
        "replicas": 1,
        "nameFormat": "web-{ordinal}",
        "zones": ("europe-west1-b",),
        "machineType": "g1-small",
        "image": {
            "project": "coreos-cloud",
            "name": "coreos-alpha-423-0-0-v20140828",
            "family": None,
        },
        "disks": ({"boot": True, "sizeGb": 10},),
        "network": "default",
        "tags": (),
        "labels": {},
        "metadata": {},
        "userData": None,
        "health": {"fleet": True, "joinDeadlineSeconds": 300},
        "rollout": {"maxUnavailable": 1, "minHealthySeconds": 10, "deadlineSeconds": 600},
    }


def test_a_document_whose_name_cannot_begin_an_instance_name_is_refused_by_default() -> None:
    needed = {key: ORDINARY[key] for key in ("zones", "machineType", "image")}
    with pytest.raises(ValidationError, match=r"'a\.b-1' is no name of an instance"):
        NodePool.model_validate({**NodePool.defaults("a.b"), **needed})


def test_not_every_mistake_of_a_template_is_told() -> None:
    with pytest.raises(ValidationError) as refused:
        NodePool.model_validate({**ORDINARY, **userdata("{{\n" * 1000)})
    assert str(refused.value).count("begins no") == PROBLEMS_MAX


def test_a_refusal_quotes_no_value() -> None:
    spec = {**ORDINARY, **userdata("{{ t }}", t="hunter2 <TOKEN>")}
    with pytest.raises(ValidationError) as refused:
        NodePool.model_validate(spec)
    assert all("hunter2" not in each["msg"] for each in refused.value.errors())


def test_user_data_and_metadata_do_not_show_in_a_resource() -> None:
    secret = pool(
        metadata={"ssh-keys": "hunter2"}, **userdata("pass: hunter2 {{ t }}", t="hunter2")
    )
    assert "hunter2" not in repr(secret)
