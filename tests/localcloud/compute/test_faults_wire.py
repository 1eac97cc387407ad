"""Each fault as a client sees it over HTTP, and that `clear` ends those that last."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from localcloud.compute.faults import FAULTS
from localcloud.fault import parse
from tests.localcloud.compute.api import Api
from tests.localcloud.compute.world import ZONE, body

INSTANCES = f"/zones/{ZONE}/instances"
NAME = f"{INSTANCES}/core1"
EXTERNAL = [{"accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]}]
LATE_SECONDS = 0.3
FIREWALL = {"name": "fw", "allowed": [{"IPProtocol": "tcp"}], "sourceRanges": ["10.0.0.0/8"]}


def inject(api: Api, word: str, **arguments: Any) -> None:
    fault = next(one for one in FAULTS if one.word == word)
    fault.inject(api.world.compute, parse(fault.parameters, arguments))


async def status(api: Api, name: str = "core1") -> str:
    code, answer = await api.call("GET", f"{INSTANCES}/{name}")
    return str(answer["status"]) if code == 200 else str(code)


async def reason(api: Api, method: str, path: str, sent: Any = None) -> tuple[int, str]:
    """How a request is refused."""
    code, answer = await api.call(method, path, sent)
    return code, answer["error"]["errors"][0]["reason"] if code != 200 else ""


async def ended(api: Api, operation: dict[str, Any]) -> dict[str, Any]:
    api.world.advance()
    return dict(await api.get(f"/zones/{ZONE}/operations/{operation['name']}"))


async def events(api: Api) -> list[tuple[str, str]]:
    listed = (await api.get(f"/zones/{ZONE}/operations", filter="name:systemevent-*"))["items"]
    return sorted((one["operationType"], one["user"]) for one in listed)


async def node_crash(api: Api) -> None:
    await api.insert()
    inject(api, "node-crash", name="core1")
    api.world.advance()
    assert await status(api) == "TERMINATED"
    assert await events(api) == [("compute.instances.hostError", "system")]


async def host_error(api: Api) -> None:
    await api.insert()
    inject(api, "host-error", name="core1")
    assert await status(api) == "REPAIRING"
    api.world.advance()
    assert await status(api) == "RUNNING"
    assert [kind for kind, _ in await events(api)] == [
        "compute.instances.automaticRestart",
        "compute.instances.hostError",
    ]


async def node_hang(api: Api) -> None:
    await api.insert()
    inject(api, "node-hang", name="core1")
    assert await status(api) == "RUNNING"
    assert api.world.compute.booted() == ()
    assert "soft lockup" in (await api.get(f"{NAME}/serialPort"))["contents"]


async def boot_hang(api: Api) -> None:
    inject(api, "boot-hang", count=1)
    await api.insert("core1")
    await api.insert("core2")
    assert (await status(api), await status(api, "core2")) == ("RUNNING", "RUNNING")
    assert [booted.name for booted in api.world.compute.booted()] == ["core2"]
    assert "Timed out" in (await api.get(f"{NAME}/serialPort"))["contents"]


async def preempt(api: Api) -> None:
    await api.insert(scheduling={"provisioningModel": "SPOT"})
    inject(api, "preempt", name="core1")
    assert await status(api) == "STOPPING"
    api.world.advance()
    assert await status(api) == "TERMINATED"
    assert await events(api) == [("compute.instances.preempted", "system")]


async def instance_delete(api: Api) -> None:
    await api.insert()
    inject(api, "instance-delete", name="core1")
    api.world.advance()
    assert await status(api) == "404"


async def delete_hang(api: Api) -> None:
    await api.insert()
    inject(api, "delete-hang", seconds=100)
    await api.call("DELETE", NAME)
    api.world.advance(90)
    assert await status(api) == "STOPPING"
    assert (await api.call("POST", INSTANCES, body()))[0] == 409
    api.world.advance(11)
    assert await status(api) == "404"


async def edit_labels(api: Api) -> None:
    await api.insert(labels={"role": "core"})
    before = await api.get(NAME)
    inject(api, "edit-labels", name="core1", key="role", value="other")
    after = await api.get(NAME)
    assert after["labels"] == {"role": "other"}
    assert after["labelFingerprint"] != before["labelFingerprint"]


async def nat_ip(api: Api) -> None:
    await api.insert(networkInterfaces=EXTERNAL)
    before = (await api.get(NAME))["networkInterfaces"][0]
    inject(api, "nat-ip", name="core1")
    after = (await api.get(NAME))["networkInterfaces"][0]
    assert after["networkIP"] == before["networkIP"]
    assert after["accessConfigs"][0]["natIP"] != before["accessConfigs"][0]["natIP"]


async def edit_firewall(api: Api) -> None:
    await api.call("POST", "/global/firewalls", FIREWALL)
    inject(api, "edit-firewall")
    found = await api.get("/global/firewalls/fw")
    assert (found["allowed"], found["sourceRanges"]) == ([{"IPProtocol": "all"}], ["0.0.0.0/0"])


async def stockout(api: Api) -> None:
    inject(api, "stockout", zone=ZONE, machine_type="g1-small", seconds=60)
    _, operation = await api.call("POST", INSTANCES, body())
    assert await status(api) == "PROVISIONING"
    error = (await ended(api, operation))["error"]["errors"][0]
    assert error["code"] == "ZONE_RESOURCE_POOL_EXHAUSTED"
    told = next(one["errorInfo"] for one in error["errorDetails"] if "errorInfo" in one)
    assert told["metadatas"]["zonesAvailable"] == "europe-west1-c,europe-west1-d"
    assert await status(api) == "404"


async def zone_unreachable(api: Api) -> None:
    await api.insert()
    inject(api, "zone-unreachable", zone=ZONE, seconds=60)
    assert await reason(api, "GET", INSTANCES) == (503, "backendError")
    items = (await api.get("/aggregated/instances"))["items"]
    assert items[f"zones/{ZONE}"]["warning"]["code"] == "UNREACHABLE"
    assert items["zones/us-central1-a"]["warning"]["code"] == "NO_RESULTS_ON_PAGE"
    api.world.advance()
    items = (await api.get("/aggregated/instances"))["items"]
    assert [one["name"] for one in items[f"zones/{ZONE}"]["instances"]] == ["core1"]


async def quota(api: Api) -> None:
    inject(api, "quota", metric="CPUS", limit=0)
    _, operation = await api.call("POST", INSTANCES, body())
    error = (await ended(api, operation))["error"]["errors"][0]
    assert error["code"] == "QUOTA_EXCEEDED"
    assert error["message"] == "Quota 'CPUS' exceeded.  Limit: 0.0 in region europe-west1."
    assert error["errorDetails"][0]["quotaInfo"]["limitName"] == "CPUS-per-project-region"


async def rate_limit(api: Api) -> None:
    inject(api, "rate-limit", seconds=10)
    assert await reason(api, "GET", INSTANCES) == (403, "rateLimitExceeded")
    api.world.advance(10)
    assert (await api.call("GET", INSTANCES))[0] == 200


async def burst_503(api: Api) -> None:
    inject(api, "burst-503", seconds=10)
    assert await reason(api, "POST", INSTANCES, body()) == (503, "backendError")
    api.world.advance(10)
    assert await status(api) == "404"


async def latency(api: Api) -> None:
    inject(api, "latency", delay=LATE_SECONDS, seconds=10)
    began = time.monotonic()
    await api.get(INSTANCES)
    assert time.monotonic() - began >= LATE_SECONDS


async def op_duration(api: Api) -> None:
    inject(api, "op-duration", delay=100, seconds=10)
    _, operation = await api.call("POST", INSTANCES, body())
    assert (await ended(api, operation))["status"] == "RUNNING"
    assert (await ended(api, operation))["status"] == "DONE"


async def lost_reply(api: Api) -> None:
    inject(api, "lost-reply", count=1)
    with pytest.raises(aiohttp.ClientError):
        await api.call("POST", INSTANCES, body())
    assert await status(api) == "PROVISIONING"


async def op_lost(api: Api) -> None:
    inject(api, "op-lost", count=1)
    _, operation = await api.call("POST", INSTANCES, body())
    path = f"/zones/{ZONE}/operations"
    assert await reason(api, "GET", f"{path}/{operation['name']}") == (404, "notFound")
    assert "items" not in await api.get(path)
    api.world.advance()
    assert await status(api) == "RUNNING"


async def op_error(api: Api) -> None:
    await api.insert()
    inject(api, "op-error", count=1)
    _, operation = await api.call("DELETE", NAME)
    done = await ended(api, operation)
    assert done["error"]["errors"][0]["code"] == "INTERNAL_ERROR"
    assert "httpErrorStatusCode" not in done
    assert await status(api) == "RUNNING"


async def stale_list(api: Api) -> None:
    inject(api, "stale-list", seconds=100)
    await api.insert()
    assert "items" not in await api.get(INSTANCES)
    assert await status(api) == "RUNNING"
    api.world.advance(100)
    assert [one["name"] for one in (await api.get(INSTANCES))["items"]] == ["core1"]


Story = Callable[[Api], Awaitable[None]]
STORIES: dict[str, Story] = {
    story.__name__.replace("_", "-"): story
    for story in (
        *(node_crash, host_error, node_hang, boot_hang, preempt, instance_delete, delete_hang),
        *(edit_labels, nat_ip, edit_firewall, stockout, zone_unreachable, quota, rate_limit),
        *(burst_503, latency, op_duration, lost_reply, op_lost, op_error, stale_list),
    )
}


@pytest.mark.parametrize("word", [fault.word for fault in FAULTS])
async def test_a_fault_is_seen_on_the_wire(word: str, api: Api) -> None:
    await STORIES[word](api)


@pytest.mark.parametrize(
    ("word", "arguments"),
    [
        ("boot-hang", {"count": 9}),
        ("delete-hang", {"seconds": 900}),
        ("stockout", {"zone": ZONE, "seconds": 900}),
        ("zone-unreachable", {"zone": ZONE, "seconds": 900}),
        ("quota", {"metric": "INSTANCES", "limit": 0}),
        ("rate-limit", {"seconds": 900}),
        ("burst-503", {"seconds": 900}),
        ("latency", {"delay": 60, "seconds": 900}),
        ("op-duration", {"delay": 600, "seconds": 900}),
        ("lost-reply", {"count": 9}),
        ("op-lost", {"count": 9}),
        ("op-error", {"count": 9}),
        ("stale-list", {"seconds": 900}),
    ],
)
async def test_clear_ends(word: str, arguments: dict[str, Any], api: Api) -> None:
    inject(api, word, **arguments)
    api.world.compute.mishaps.clear()
    await api.insert()
    assert [booted.name for booted in api.world.compute.booted()] == ["core1"]
    assert [one["status"] for one in (await api.get(INSTANCES))["items"]] == ["RUNNING"]
    _, operation = await api.call("DELETE", NAME)
    assert (await ended(api, operation))["status"] == "DONE"
    assert await status(api) == "404"


@pytest.mark.parametrize(
    ("automatic", "end"),
    [
        pytest.param(True, "RUNNING", id="that restarts by itself runs again"),
        pytest.param(False, "TERMINATED", id="that does not is terminated"),
    ],
)
async def test_after_a_host_error_an_instance(automatic: bool, end: str, api: Api) -> None:
    await api.insert(scheduling={"automaticRestart": automatic})
    inject(api, "host-error", name="core1")
    api.world.advance()
    assert await status(api) == end


async def test_an_edit_of_a_firewall_that_denies_disables_it(api: Api) -> None:
    rule = {"name": "wall", "denied": [{"IPProtocol": "tcp"}]}
    await api.call("POST", "/global/firewalls", rule)
    inject(api, "edit-firewall", name="wall")
    assert (await api.get("/global/firewalls/wall"))["disabled"] is True
