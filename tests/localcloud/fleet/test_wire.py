"""Request bodies, as Go's decoder takes them."""

import pytest

from localcloud.fleet.api.wire import metadata_changes, unit_body
from localcloud.fleet.records import ApiError, UnitBody
from localcloud.seams import Option

OPTION = Option("Service", "A", "1")


@pytest.mark.parametrize(
    ("text", "body"),
    [
        pytest.param("{}", UnitBody(), id="nothing"),
        pytest.param("null", UnitBody(), id="null is nothing"),
        pytest.param('{"desiredState":"x"} trailing', UnitBody(desired="x"), id="what follows"),
        pytest.param('{"DESIREDSTATE":"x","Name":"n"}', UnitBody("n", "x"), id="names in any case"),
        pytest.param(
            '{"options":[{"section":"Service","name":"A","value":"1","more":2}]}',
            UnitBody(options=(OPTION,)),
            id="unknown fields are ignored",
        ),
        pytest.param(r'{"name":"a\ud800"}', UnitBody("a\ufffd"), id="half a character is replaced"),
    ],
)
def test_taken(text: str, body: UnitBody) -> None:
    assert unit_body(text.encode()) == body


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "EOF"),
        ('{"desiredState":', "unexpected EOF"),
        ('{"desiredState":"laun', "unexpected EOF"),
        ("what", "invalid character 'w' looking for beginning of value"),
        ("[]", "json: cannot unmarshal array into Go value of type schema.Unit"),
        (
            '{"desiredState":3}',
            "json: cannot unmarshal number into Go struct field Unit.desiredState of type string",
        ),
        (
            '{"options":{}}',
            "json: cannot unmarshal object into Go struct field Unit.options "
            "of type []*schema.UnitOption",
        ),
        (
            '{"options":[{"value":true}]}',
            "json: cannot unmarshal bool into Go struct field UnitOption.value of type string",
        ),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        unit_body(text.encode())
    assert (caught.value.status, caught.value.message) == (400, f"unable to decode body: {message}")


def test_one_bad_operation_refuses_all() -> None:
    good = '{"op":"add","path":"/m1/metadata/a","value":{"value":"1"}}'
    with pytest.raises(ApiError):
        metadata_changes(f'[{good},{{"op":"test"}}]'.encode())
