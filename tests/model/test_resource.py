"""Keys and uids: the names that everything else hangs on."""

import re

import pytest

from steersman.model.resource import Key, uid


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("nodepool/core", Key("nodepool", "core")),
        ("NodePool/core", Key("nodepool", "core")),
        ("unit/elasticsearch", Key("unit", "elasticsearch")),
    ],
)
def test_a_reference_is_a_kind_in_any_case_and_a_name(text: str, key: Key) -> None:
    assert Key.parse(text) == key


@pytest.mark.parametrize("text", ["", "core", "/core", "nodepool/", "nodepool/core/core1"])
def test_anything_else_is_no_reference(text: str) -> None:
    with pytest.raises(ValueError, match="is not of the form kind/name"):
        Key.parse(text)


def test_a_key_reads_back_as_it_is_written() -> None:
    key = Key("unit", "elasticsearch")
    assert Key.parse(str(key)) == key


def test_a_uid_is_the_same_for_ever() -> None:
    # written down on instances: another value would make every node a stranger
    assert uid("ana", Key("nodepool", "core")) == "a59fc02b-d5e7-5dde-a679-3d59ec4dbe73"


def test_a_uid_differs_by_owner_kind_and_name() -> None:
    keys = [Key("nodepool", "core"), Key("nodepool", "core2"), Key("unit", "core")]
    uids = {uid(owner, key) for owner in ("ana", "ben") for key in keys}
    assert len(uids) == 6


def test_a_uid_is_fit_for_a_label() -> None:
    assert re.fullmatch(r"[-_a-z0-9]{1,63}", uid("ana", Key("nodepool", "core")))
