"""Partial replies: the mask in words, and on the wire."""

from typing import Any

import pytest

from localcloud.compute.api.partial import keep, parse
from localcloud.compute.errors import ApiError
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE

INSTANCES = f"/zones/{ZONE}/instances"
B = {"name": "b"}
LIST = {
    "kind": "list",
    "items": [{"name": "a", "disks": [{"boot": True, "mode": "RW"}]}, B],
    "labels": {"role": "core", "owner": "me"},
}


@pytest.mark.parametrize(
    ("mask", "shown"),
    [
        ("kind", {"kind": "list"}),
        ("kind,items(name)", {"kind": "list", "items": [{"name": "a"}, {"name": "b"}]}),
        ("items/name", {"items": [{"name": "a"}, {"name": "b"}]}),
        ("items.name", {"items": [{"name": "a"}, {"name": "b"}]}),
        ("items/disks/boot", {"items": [{"disks": [{"boot": True}]}, {}]}),
        ("items(name,disks(boot))", {"items": [{"name": "a", "disks": [{"boot": True}]}, B]}),
        ("labels/role, labels/owner", {"labels": LIST["labels"]}),
        ("labels(*)", {"labels": LIST["labels"]}),
        ("*/role", {"kind": "list", "items": [{}, {}], "labels": {"role": "core"}}),
        ("nothing", {}),
    ],
)
def test_a_mask_keeps_what_it_names(mask: str, shown: dict[str, Any]) -> None:
    assert keep(LIST, parse(mask)) == shown


@pytest.mark.parametrize(
    "mask", ["", ",", "a,", "a(", "a(b", "a(b))", "a()", "a//b", "(a)", "a(" * 30, "a" * 5000]
)
def test_a_mask_that_is_none_is_refused(mask: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(mask)
    assert (refused.value.status, refused.value.reason) == (400, "invalidParameter")


async def test_a_reply_holds_only_what_was_asked_for(api: Api) -> None:
    await api.insert()
    answer = await api.get(INSTANCES, fields="items(name,status),nextPageToken")
    assert answer == {"items": [{"name": "core1", "status": "RUNNING"}]}
    answer = await api.get("/aggregated/instances", fields="items/*/instances(name)")
    assert answer["items"][f"zones/{ZONE}"] == {"instances": [{"name": "core1"}]}


async def test_a_mask_may_be_a_header(api: Api) -> None:
    await api.insert()
    api.headers["X-Goog-FieldMask"] = "name"
    assert await api.get(f"{INSTANCES}/core1") == {"name": "core1"}
