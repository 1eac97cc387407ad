"""Addresses that the project keeps, and who uses them."""

from ipaddress import IPv4Network
from typing import Any

import pytest

from localcloud.compute.parts import pool
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE, body

REGION = "europe-west1"
ADDRESSES = f"/regions/{REGION}/addresses"
INSTANCES = f"/zones/{ZONE}/instances"


async def reserve(api: Api, name: str = "vip", **extra: Any) -> str:
    status, answer = await api.call("POST", ADDRESSES, {"name": name, **extra})
    assert status == 200, answer
    return str((await api.get(f"{ADDRESSES}/{name}"))["address"])


def using(ip: str) -> dict[str, Any]:
    return {"networkInterfaces": [{"accessConfigs": [{"natIP": ip}]}]}


async def nat_ip(api: Api) -> str | None:
    found: dict[str, str] = (await api.get(f"{INSTANCES}/core1"))["networkInterfaces"][0][
        "accessConfigs"
    ][0]
    return found.get("natIP")


async def test_an_address_of_its_own_stays_with_an_instance_over_a_stop(api: Api) -> None:
    ip = await reserve(api)
    await api.insert(**using(ip))
    assert await nat_ip(api) == ip
    await api.call("POST", f"{INSTANCES}/core1/stop")
    api.world.advance()
    assert await nat_ip(api) is None
    await api.call("POST", f"{INSTANCES}/core1/start")
    api.world.advance()
    assert await nat_ip(api) == ip


async def test_an_address_tells_who_uses_it_and_is_free_when_that_is_gone(api: Api) -> None:
    ip = await reserve(api)
    await api.insert(**using(ip))
    address = await api.get(f"{ADDRESSES}/vip")
    assert address["status"] == "IN_USE"
    assert [user.rpartition("/")[2] for user in address["users"]] == ["core1"]
    await api.call("DELETE", f"{INSTANCES}/core1")
    api.world.advance()
    address = await api.get(f"{ADDRESSES}/vip")
    assert (address["status"], "users" in address) == ("RESERVED", False)


async def test_an_address_in_use_is_neither_deleted_nor_given_twice(api: Api) -> None:
    ip = await reserve(api)
    await api.insert(**using(ip))
    for method, path, sent in (
        ("DELETE", f"{ADDRESSES}/vip", None),
        ("POST", INSTANCES, body("core2", **using(ip))),
    ):
        status, answer = await api.call(method, path, sent)
        assert (status, answer["error"]["errors"][0]["reason"]) == (
            400,
            "resourceInUseByAnotherResource",
        )


async def test_a_deleted_address_is_gone_when_its_operation_is_done(api: Api) -> None:
    await reserve(api)
    await api.call("DELETE", f"{ADDRESSES}/vip")
    assert (await api.call("GET", f"{ADDRESSES}/vip"))[0] == 200
    api.world.advance()
    assert (await api.call("GET", f"{ADDRESSES}/vip"))[0] == 404


async def test_an_internal_address_is_kept_free_for_who_names_it(api: Api) -> None:
    ip = await reserve(api, addressType="INTERNAL", address="127.20.0.2")
    await api.insert("core1")
    assert (await api.get(f"{INSTANCES}/core1"))["networkInterfaces"][0]["networkIP"] != ip
    await api.insert("core2", networkInterfaces=[{"networkIP": ip}])
    assert (await api.get(f"{ADDRESSES}/vip"))["status"] == "IN_USE"


async def test_an_address_that_is_kept_is_given_to_nobody_else(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "EXTERNAL", IPv4Network("198.18.0.0/30"))  # has two
    kept = await reserve(api)
    await api.insert(networkInterfaces=[{"accessConfigs": [{}]}])
    assert {kept, await nat_ip(api)} == {"198.18.0.1", "198.18.0.2"}


async def test_an_address_is_kept_once(api: Api) -> None:
    await api.insert(networkInterfaces=[{"accessConfigs": [{}]}])
    external, internal = await nat_ip(api), "127.20.0.9"
    await reserve(api, "outer", address=external)
    await reserve(api, "inner", addressType="INTERNAL", address=internal)
    for sent in (
        {"name": "again", "address": external},
        {"name": "again", "addressType": "INTERNAL", "address": internal},
    ):
        assert (await api.call("POST", ADDRESSES, sent))[0] == 400


async def test_an_address_of_another_region_is_refused_to_an_instance(api: Api) -> None:
    path = "/regions/us-central1/addresses"
    await api.call("POST", path, {"name": "far"})
    ip = str((await api.get(f"{path}/far"))["address"])
    status, answer = await api.call("POST", INSTANCES, body("core1", **using(ip)))
    assert (status, answer["error"]["errors"][0]["reason"]) == (400, "invalid")


async def test_the_address_of_an_instance_can_be_kept(api: Api) -> None:
    await api.insert(networkInterfaces=[{"accessConfigs": [{}]}])
    ip = await nat_ip(api)
    assert await reserve(api, address=ip) == ip


async def test_labels_of_an_address_change_under_its_fingerprint(api: Api) -> None:
    await reserve(api)
    path = f"{ADDRESSES}/vip"
    sent = {"labels": {"a": "b"}, "labelFingerprint": (await api.get(path))["labelFingerprint"]}
    assert (await api.call("POST", f"{path}/setLabels", sent))[0] == 200
    assert (await api.get(path))["labels"] == {"a": "b"}
    assert (await api.call("POST", f"{path}/setLabels", sent))[0] == 412


async def test_a_global_address_is_another_one_than_that_of_a_region(api: Api) -> None:
    await reserve(api)
    assert (await api.call("GET", "/global/addresses/vip"))[0] == 404
    assert (await api.call("POST", "/global/addresses", {"name": "vip"}))[0] == 200
    scopes = (await api.get("/aggregated/addresses"))["items"]
    assert [one for one in sorted(scopes) if "addresses" in scopes[one]] == [
        "global",
        f"regions/{REGION}",
    ]


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        pytest.param({"name": "vip"}, 409, "alreadyExists", id="a name that is taken"),
        pytest.param({"name": "Vip"}, 400, "invalid", id="a name that is none"),
        pytest.param({"name": "x", "address": "8.8.8.8"}, 400, "invalid", id="somebody's address"),
        pytest.param({"name": "x", "addressType": "LOCAL"}, 400, "invalid", id="an unknown type"),
        pytest.param({"name": "x", "networkTier": "GOLD"}, 400, "invalid", id="an unknown tier"),
    ],
)
async def test_an_address_is_refused_for(
    sent: dict[str, str], status: int, reason: str, api: Api
) -> None:
    await reserve(api)
    found, answer = await api.call("POST", ADDRESSES, sent)
    assert (found, answer["error"]["errors"][0]["reason"]) == (status, reason)


async def test_more_addresses_than_the_quota_are_refused_at_once(api: Api) -> None:
    api.world.compute.mishaps.quota("STATIC_ADDRESSES", 1)
    await reserve(api)
    status, answer = await api.call("POST", ADDRESSES, {"name": "more"})
    assert (status, answer["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")


async def test_an_address_of_nobody_is_refused_to_an_instance(api: Api) -> None:
    status, answer = await api.call("POST", INSTANCES, body("core1", **using("198.18.0.9")))
    assert (status, answer["error"]["errors"][0]["reason"]) == (400, "invalid")
    assert "was not found in region" in answer["error"]["message"]
