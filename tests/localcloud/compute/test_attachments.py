"""What an instance gets and loses while it exists: disks, and a way to the internet."""

from typing import Any

import pytest

from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE

INSTANCE = f"/zones/{ZONE}/instances/core1"
DISKS = f"/zones/{ZONE}/disks"
SOURCE = {"source": f"zones/{ZONE}/disks/data", "deviceName": "data"}


@pytest.fixture(autouse=True)
async def furnished(api: Api) -> None:
    await api.call("POST", DISKS, {"name": "data", "sizeGb": "5"})
    await api.insert()


async def act(api: Api, verb: str, sent: Any = None, **query: str) -> tuple[int, str]:
    status, answer = await api.call("POST", f"{INSTANCE}/{verb}", sent, "p", **query)
    return status, answer["error"]["errors"][0]["reason"] if status != 200 else ""


async def devices(api: Api) -> list[str]:
    return [disk["deviceName"] for disk in (await api.get(INSTANCE))["disks"]]


async def access(api: Api) -> dict[str, str]:
    found: dict[str, str] = (await api.get(INSTANCE))["networkInterfaces"][0]["accessConfigs"][0]
    return found


async def test_a_disk_is_attached_and_detached_by_its_device_name(api: Api) -> None:
    assert await act(api, "attachDisk", SOURCE) == (200, "")
    assert await devices(api) == ["persistent-disk-0", "data"]
    disk = await api.get(f"{DISKS}/data")
    assert [user.rpartition("/")[2] for user in disk["users"]] == ["core1"]
    assert await act(api, "detachDisk", deviceName="data") == (200, "")
    assert await devices(api) == ["persistent-disk-0"]
    disk = await api.get(f"{DISKS}/data")
    assert ("users" in disk, "lastDetachTimestamp" in disk) == (False, True)


async def test_an_attached_disk_is_not_deleted_and_not_attached_twice(api: Api) -> None:
    await act(api, "attachDisk", SOURCE)
    assert (await api.call("DELETE", f"{DISKS}/data"))[0] == 400
    again = {**SOURCE, "deviceName": "other"}
    assert await act(api, "attachDisk", again) == (400, "resourceInUseByAnotherResource")


@pytest.mark.parametrize(
    ("verb", "sent", "query", "reason"),
    [
        pytest.param(
            "attachDisk", {"deviceName": "x"}, {}, "required", id="an attachment of nothing"
        ),
        pytest.param(
            "attachDisk",
            {**SOURCE, "deviceName": "persistent-disk-0"},
            {},
            "invalid",
            id="an attachment under a name in use",
        ),
        pytest.param(
            "detachDisk",
            None,
            {"deviceName": "persistent-disk-0"},
            "invalid",
            id="the loss of the boot disk of a running instance",
        ),
        pytest.param(
            "detachDisk", None, {"deviceName": "x"}, "invalid", id="the loss of what is not there"
        ),
        pytest.param(
            "deleteAccessConfig",
            None,
            {"accessConfig": "External NAT"},
            "invalid",
            id="the loss of a way that is not there",
        ),
    ],
)
async def test_refused_is(
    verb: str, sent: Any, query: dict[str, str], reason: str, api: Api
) -> None:
    before = await devices(api)
    assert await act(api, verb, sent, **query) == (400, reason)
    assert await devices(api) == before


async def test_a_stopped_instance_changes_its_boot_disk(api: Api) -> None:
    await act(api, "stop")
    api.world.advance()
    assert await act(api, "detachDisk", deviceName="persistent-disk-0") == (200, "")
    assert await act(api, "attachDisk", {**SOURCE, "boot": True}) == (200, "")
    assert await devices(api) == ["data"]


async def test_a_stopped_instance_has_its_address_from_the_start_on(api: Api) -> None:
    await act(api, "stop")
    api.world.advance()
    await act(api, "addAccessConfig", {"type": "ONE_TO_ONE_NAT"})
    assert "natIP" not in await access(api)
    await act(api, "start")
    api.world.advance()
    assert "natIP" in await access(api)


async def test_a_disk_goes_with_its_instance_once_it_is_told_to(api: Api) -> None:
    await act(api, "attachDisk", SOURCE)
    await act(api, "setDiskAutoDelete", autoDelete="true", deviceName="data")
    await api.call("DELETE", INSTANCE)
    api.world.advance()
    assert "items" not in await api.get(DISKS)


async def test_a_running_instance_gets_and_loses_its_address_at_once(api: Api) -> None:
    await act(api, "addAccessConfig", {"name": "way", "type": "ONE_TO_ONE_NAT"})
    config = await access(api)
    assert config["name"] == "way"
    assert config["natIP"].startswith("198.")
    assert await act(api, "addAccessConfig", {"name": "two"}) == (400, "invalid")
    await act(api, "deleteAccessConfig", accessConfig="way", networkInterface="nic0")
    assert "accessConfigs" not in (await api.get(INSTANCE))["networkInterfaces"][0]


async def test_a_disk_grows_and_never_shrinks(api: Api) -> None:
    assert (await api.call("POST", f"{DISKS}/data/resize", {"sizeGb": "9"}))[0] == 200
    assert (await api.get(f"{DISKS}/data"))["sizeGb"] == "9"
    await act(api, "attachDisk", SOURCE)
    assert (await api.get(INSTANCE))["disks"][1]["diskSizeGb"] == "9"
    assert (await api.call("POST", f"{DISKS}/data/resize", {"sizeGb": "5"}))[0] == 400


async def test_a_disk_over_the_quota_fails_in_its_operation_and_is_gone(api: Api) -> None:
    api.world.compute.mishaps.quota("SSD_TOTAL_GB", 10)
    sent = {"name": "fast", "sizeGb": "11", "type": f"zones/{ZONE}/diskTypes/pd-ssd"}
    _, operation = await api.call("POST", DISKS, sent)
    api.world.advance()
    done = await api.get(f"/zones/{ZONE}/operations/{operation['name']}")
    assert done["error"]["errors"][0]["code"] == "QUOTA_EXCEEDED"
    assert (await api.call("GET", f"{DISKS}/fast"))[0] == 404
