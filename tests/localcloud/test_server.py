"""The whole cloud over HTTP on loopback, beside a real etcd, at forty times the wall's speed."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from localcloud import files
from localcloud.server import Settings, running
from tests.localcloud.story import ZONE, elasticsearch_options, instance_body
from tests.localcloud.waiting import eventually
from tests.support.etcd import EtcdServer, free_ports

REQUEST_TIMEOUT_SECONDS = 30.0
END_SECONDS = 30.0
UNIT = "elasticsearch@1.service"
FLEET_MACHINES = "/v2/keys/_coreos.com/fleet/machines"


class Client:
    def __init__(self, session: aiohttp.ClientSession, settings: Settings) -> None:
        self._session = session
        self._settings = settings

    async def gce(self, method: str, path: str, body: Any = None) -> Any:
        prefix = "/compute/v1/projects/p"
        return await self.ask(self._settings.gce_port, method, prefix + path, body)

    async def fleet(self, method: str, path: str, body: Any = None) -> Any:
        return await self.ask(self._settings.fleet_port, method, f"/fleet/v1{path}", body)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        return await self.ask(self._settings.control_port, method, path, body)

    async def ask(self, port: int, method: str, path: str, body: Any = None) -> Any:
        return await self.request(method, f"http://127.0.0.1:{port}{path}", body)

    async def request(self, method: str, url: str, body: Any = None) -> Any:
        """The status, or the JSON of an answer that has some."""
        async with self._session.request(method, url, json=body) as response:
            return await response.json() if response.content_length else response.status

    async def state(self) -> dict[str, Any]:
        state: dict[str, Any] = await self.control("GET", "/v1/state")
        return state

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async def holds() -> bool:
            return condition(await self.state())

        await eventually(holds)
        return await self.state()


@pytest.fixture
def settings(tmp_path: Path, etcd_server: EtcdServer) -> Settings:
    gce, fleet, control = free_ports(3)
    return Settings(
        state_dir=tmp_path / "cloud",
        etcd_url=f"http://{etcd_server.endpoint}",
        gce_port=gce,
        fleet_port=fleet,
        control_port=control,
        network=IPv4Network("127.92.0.0/16"),
        speed=40,
        seed=1,
        fleet_version="1.0.0",
        es_version="1.3.2",
    )


@asynccontextmanager
async def cloud(settings: Settings) -> AsyncIterator[Client]:
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)
    async with running(settings), aiohttp.ClientSession(timeout=timeout) as session:
        yield Client(session, settings)


async def one_node(client: Client, etcd: EtcdServer) -> dict[str, Any]:
    """An instance, the unit on it, and its node with a master."""
    form = aiohttp.FormData({"value": "cluster.name: es-prod\n"})
    url = f"http://{etcd.endpoint}/v2/keys/configs/elasticsearch"
    async with aiohttp.request("PUT", url, data=form()) as response:
        response.raise_for_status()
    await client.gce("POST", f"/zones/{ZONE}/instances", instance_body("core1"))
    options = [
        {"section": option.section, "name": option.name, "value": option.value}
        for option in elasticsearch_options()
    ]
    await client.until(lambda state: bool(state["machines"]))
    unit = {"name": UNIT, "options": options, "desiredState": "launched"}
    assert await client.fleet("PUT", f"/units/{UNIT}", unit) == 201
    return await client.until(lambda state: any(node["master"] for node in state["nodes"]))


async def test_an_instance_a_unit_and_a_node_come_up_at_the_instance_s_address(
    settings: Settings, etcd_server: EtcdServer
) -> None:
    async with cloud(settings) as client:
        state = await one_node(client, etcd_server)
        instance = await client.gce("GET", f"/zones/{ZONE}/instances/core1")
        ip = instance["networkInterfaces"][0]["networkIP"]
        root = await client.request("GET", f"http://{ip}:9200/")
        assert (root["name"], root["status"]) == ("elasticsearch-1", 200)
        assert [node["ip"] for node in state["nodes"]] == [ip]
        assert [unit["active"] for unit in state["units"]] == ["active"]


async def test_fleet_s_own_keys_appear_in_etcd(settings: Settings, etcd_server: EtcdServer) -> None:
    async with cloud(settings) as client:
        await client.gce("POST", f"/zones/{ZONE}/instances", instance_body("core1"))
        state = await client.until(lambda state: bool(state["machines"]))
        (machine,) = state["machines"]

        async def mirrored() -> bool:
            url = f"http://{etcd_server.endpoint}{FLEET_MACHINES}/{machine['id']}/object"
            answer = await client.request("GET", url)
            return "node" in answer and json.loads(answer["node"]["value"])["ID"] == machine["id"]

        await eventually(mirrored)


async def test_faults_are_carried_out_and_journalled(
    settings: Settings, etcd_server: EtcdServer
) -> None:
    async with cloud(settings) as client:
        await one_node(client, etcd_server)
        assert await client.control("POST", "/v1/faults/unit-crash", {"name": UNIT}) == {
            "fault": "unit-crash"
        }
        await client.until(lambda state: state["units"][0]["active"] == "failed")
        refusal = await client.control("POST", "/v1/faults/node-crash", {"name": "core9"})
        assert "core9" in refusal["error"]
        journal = await _journal(settings)
        assert [(line["system"], line["action"]) for line in journal] == [
            ("compute", "insert"),
            ("fleet", "submitted"),
            ("control", "unit-crash"),
            ("control", "node-crash"),
        ]


@pytest.mark.parametrize(
    ("kind", "body", "target", "result"),
    [
        ("quota", {"metric": "CPUS", "limit": 5}, "CPUS 5", "ok"),
        ("quota", {"metric": "LUCK", "limit": 5}, "LUCK 5", "400"),
        ("node-crash", {"name": "core9"}, "core9", "404"),
        ("node-crash", {"nmae": "core9"}, "", "400"),
        ("stockout", {"zone": ZONE, "seconds": 2.5}, f"{ZONE} 2.5", "ok"),
        ("earthquake", {}, "", "404"),
    ],
)
async def test_the_journal_tells_what_a_fault_was_and_whether_it_was_taken(
    settings: Settings, kind: str, body: Any, target: str, result: str
) -> None:
    async with cloud(settings) as client:
        await client.control("POST", f"/v1/faults/{kind}", body)
    (line,) = map(json.loads, (settings.state_dir / "journal.jsonl").read_text().splitlines())
    assert (line["action"], line["target"], line["result"]) == (kind, target, result)
    assert line["body"] == hashlib.sha256(json.dumps(body).encode()).hexdigest()


async def test_on_a_full_disk_each_system_refuses_writes_before_they_have_an_effect(
    settings: Settings, etcd_server: EtcdServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cloud(settings) as client:
        before = await one_node(client, etcd_server)
        node = f"http://{before['nodes'][0]['ip']}:9200"
        monkeypatch.setattr(files, "ROOM_BYTES_MIN", 2**80)
        disk = await client.gce("POST", f"/zones/{ZONE}/disks", {"name": "d"})
        assert disk["error"]["errors"][0]["reason"] == "backendError"
        unit = await client.fleet("PUT", "/units/b.service", {"desiredState": "launched"})
        assert unit == {"error": {"code": 500, "message": ""}}
        fault = await client.control("POST", "/v1/faults/quota", {"metric": "CPUS", "limit": 5})
        assert fault == {"error": "the local cloud cannot save its state"}
        index = await client.request("PUT", f"{node}/i")
        assert index["status"] == 503
        after = await client.state()
        assert {**after, "time": 0} == {**before, "time": 0}
        monkeypatch.setattr(files, "ROOM_BYTES_MIN", 0)
        assert (await client.gce("POST", f"/zones/{ZONE}/disks", {"name": "d"}))["name"]


@pytest.mark.parametrize(
    "body", [[], {"nmae": "core1"}, {"name": 7}], ids=["no object", "unknown", "wrong type"]
)
async def test_a_fault_with_bad_arguments_is_refused(settings: Settings, body: Any) -> None:
    async with cloud(settings) as client:
        assert "error" in await client.control("POST", "/v1/faults/node-crash", body)


async def test_all_of_it_is_there_after_a_restart(
    settings: Settings, etcd_server: EtcdServer
) -> None:
    async with cloud(settings) as client:
        before = await one_node(client, etcd_server)
        journal = await _journal(settings)
    async with cloud(replace(settings, seed=2)) as client:
        after = await client.until(lambda state: bool(state["nodes"]))
        assert after["time"] >= before["time"]
        for part in ("instances", "machines", "units", "nodes"):
            assert after[part] == before[part]
        assert await _journal(settings) == journal
        url = f"http://{after['nodes'][0]['ip']}:9200/"

        async def answers() -> bool:
            try:
                return bool((await client.request("GET", url))["status"] == 200)
            except aiohttp.ClientConnectorError:
                return False

        await eventually(answers)


async def test_a_request_that_waits_does_not_hold_up_the_end(
    settings: Settings, etcd_server: EtcdServer
) -> None:
    async with AsyncExitStack() as stack:
        async with cloud(settings) as client:
            state = await one_node(client, etcd_server)
            session = await stack.enter_async_context(aiohttp.ClientSession())
            node = f"http://{state['nodes'][0]['ip']}:9200"
            health = f"{node}/_cluster/health?wait_for_nodes=9&timeout=10m"
            waiting = asyncio.create_task(session.get(health))
            await client.request("GET", f"{node}/")  # asked later: by now the other one waits
            begun = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - begun < END_SECONDS
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def _journal(settings: Settings) -> list[dict[str, Any]]:
    url = f"http://127.0.0.1:{settings.control_port}/v1/journal"
    async with aiohttp.request("GET", url) as response:
        return [json.loads(line) for line in (await response.text()).splitlines()]
